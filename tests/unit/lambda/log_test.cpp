#include "lambda/log.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace bddlock::lambda {
namespace {

class LambdaLogTest : public testing::Test {
 protected:
  std::string written_;

  Log log_as(std::string_view format, std::string_view level = "") {
    return Log(
        log_settings_of(format, level), [] { return core::Instant{core::seconds{1'574'291'428}}; },
        [this](std::string_view line) { written_ += line; });
  }
};

TEST_F(LambdaLogTest, IsALineOfJsonWithTheRequest) {
  Log log = log_as("JSON");
  log.set_request("c6af", "Root=1-5dd5");
  log.write(LogLevel::error, "access", {{"status", 503}, {"code", "x\ny"}, {"peer", ""}});
  EXPECT_EQ(written_.find('\n'), written_.size() - 1);
  EXPECT_EQ(boost::json::parse(written_),
            boost::json::parse(R"({"timestamp": "2019-11-20T23:10:28.000Z", "level": "ERROR",
                "event": "access", "requestId": "c6af", "xrayTraceId": "Root=1-5dd5",
                "status": 503, "code": "x\ny"})"));
}

TEST_F(LambdaLogTest, IsALineOfTextWhereThatIsWanted) {
  Log log = log_as("Text");
  log.set_request("c6af", "");
  log.write(LogLevel::info, "access", {{"status", 200}, {"target", "/a\nb"}});
  EXPECT_EQ(written_,
            "2019-11-20T23:10:28.000Z INFO access requestId=\"c6af\" status=200 "
            "target=\"/a\\nb\"\n");
}

TEST_F(LambdaLogTest, LeavesOutWhatIsBelowItsLevel) {
  Log warnings = log_as("JSON", "WARN");
  warnings.write(LogLevel::info, "access", {});
  EXPECT_EQ(written_, "");
  warnings.write(LogLevel::warn, "warning", {});
  EXPECT_NE(written_, "");
  written_.clear();
  Log errors = log_as("JSON", "FATAL");
  errors.write(LogLevel::warn, "warning", {});
  EXPECT_EQ(written_, "");
  errors.write(LogLevel::error, "trouble", {});
  EXPECT_NE(written_, "");
}

}  // namespace
}  // namespace bddlock::lambda
