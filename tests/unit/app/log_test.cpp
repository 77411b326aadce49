#include "app/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <limits>
#include <memory>
#include <string>

namespace bddlock::app {
namespace {

using namespace std::chrono_literals;

constexpr core::Instant noon = std::chrono::sys_days{2026y / 1 / 2} + 12h + 34ms;

std::string written(LogFormat format, const std::function<void(Log&)>& write) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  {
    Log log(fileno(file.get()), format);
    write(log);
  }
  std::string out;
  std::rewind(file.get());
  for (int c = std::fgetc(file.get()); c != EOF; c = std::fgetc(file.get()))
    out += static_cast<char>(c);
  return out;
}

std::string value_in_json(std::string_view value) {
  const std::string line = written(
      LogFormat::json, [value](Log& log) { log.write(noon, Level::info, "e", {{"v", value}}); });
  constexpr std::string_view before =
      R"({"at":"2026-01-02T12:00:00.034Z","level":"info","event":"e","v":")";
  constexpr std::string_view behind = "\"}\n";
  EXPECT_TRUE(line.starts_with(before) && line.ends_with(behind)) << line;
  return line.substr(before.size(), line.size() - before.size() - behind.size());
}

TEST(Log, WritesOneJsonObjectALine) {
  EXPECT_EQ(
      written(LogFormat::json,
              [](Log& log) {
                log.write(noon, Level::info, "access",
                          {{"peer", "::1"}, {"target", ""}, {"us", std::int64_t{-7}}});
                log.write(noon + 966ms, Level::warning, "warning", {});
                log.write(noon, Level::error, "trouble", {{"code", "a"}});
              }),
      R"({"at":"2026-01-02T12:00:00.034Z","level":"info","event":"access","peer":"::1","us":-7})"
      "\n"
      R"({"at":"2026-01-02T12:00:01.000Z","level":"warning","event":"warning"})"
      "\n"
      R"({"at":"2026-01-02T12:00:00.034Z","level":"error","event":"trouble","code":"a"})"
      "\n");
}

TEST(Log, WritesReadableLinesForPeople) {
  EXPECT_EQ(written(LogFormat::text,
                    [](Log& log) {
                      log.write(noon, Level::info, "access",
                                {{"peer", "::1"}, {"target", ""}, {"us", std::int64_t{7}}});
                      log.write(noon, Level::warning, "warning",
                                {{"detail", "two words"}, {"and", "a=b"}, {"quote", "a\"b"}});
                    }),
            "2026-01-02T12:00:00.034Z info    access peer=::1 us=7\n"
            "2026-01-02T12:00:00.034Z warning warning detail=\"two words\" and=\"a=b\" "
            "quote=\"a\\\"b\"\n");
}

TEST(Log, EscapesWhatCouldForgeALineOrSteerATerminal) {
  EXPECT_EQ(value_in_json("a\"b\\c"), R"(a\"b\\c)");
  EXPECT_EQ(value_in_json("a\nb\x1b[0m\x7f"), R"(a\u000ab\u001b[0m\u007f)");
  EXPECT_EQ(value_in_json("\xC2\x9B \xC3\xA4 \xF0\x9F\x8D\xBA"),
            "\\u009b \xC3\xA4 \xF0\x9F\x8D\xBA");
  EXPECT_EQ(value_in_json("a\xFF\xC3"), R"(a\ufffd\ufffd)");
}

// Longer than any line before it, so there must be room for what escapes add.
TEST(Log, EscapesEveryByteOfALongText) {
  for (const char c : {'\x01', '\xFF', '"', '\x7f'}) {
    const std::string text(3000, c);
    const std::string one = value_in_json(text.substr(0, 1));
    std::string all;
    for (std::size_t i = 0; i < text.size(); ++i) all += one;
    EXPECT_EQ(value_in_json(text), all);
  }
}

TEST(Log, HasRoomForTheLargestNumbersInManyFields) {
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  const std::string line = written(LogFormat::json, [least](Log& log) {
    log.write(noon, Level::warning, "e",
              {{"a", least},
               {"b", least},
               {"c", least},
               {"d", least},
               {"e", least},
               {"f", least},
               {"g", least},
               {"h", least},
               {"i", least},
               {"j", least},
               {"k", least},
               {"l", least}});
  });
  EXPECT_TRUE(line.ends_with(",\"k\":-9223372036854775808,\"l\":-9223372036854775808}\n")) << line;
}

}  // namespace
}  // namespace bddlock::app
