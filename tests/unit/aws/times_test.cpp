#include "aws/times.hpp"

#include <gtest/gtest.h>

namespace bddlock::aws {
namespace {

using std::chrono::seconds;

TEST(Times, AreWrittenInTheBasicForm) {
  EXPECT_EQ(to_basic_text(Instant{seconds{1'440'938'160}}), "20150830T123600Z");
  EXPECT_EQ(to_basic_text(Instant{seconds{0}} - std::chrono::microseconds{1}), "19691231T235959Z");
}

TEST(Times, OfExpirationsAreRead) {
  EXPECT_EQ(parse_expiration("2015-08-30T12:36:00Z"), Instant{seconds{1'440'938'160}});
  EXPECT_EQ(parse_expiration("2015-08-30T12:36:00.123Z"), Instant{seconds{1'440'938'160}});
  for (const char* text :
       {"2015-08-30T12:36:00+00:00", "2015-08-30T14:36:00.5+02:00", "2015-08-30T07:06:00-0530"})
    EXPECT_EQ(parse_expiration(text), Instant{seconds{1'440'938'160}}) << text;
}

TEST(Times, ThatAreNoneAreRefused) {
  for (const char* text :
       {"", "Z", "2015-08-30", "2015-08-30T12:36:00", "2015-13-30T12:36:00Z",
        "2015-02-30T12:36:00Z", "2015-08-30T24:00:00Z", "2015-08-30 12:36:00Z",
        "xxxx-08-30T12:36:00Z", "2015-08-30T12:60:00Z", "-015-08-30T12:36:00Z",
        "2015-08-30T12:36:001Z", "2015-08-30T12:36:00.5", "2015-08-30T12:36:00+1",
        "2015-08-30T12:36:00+01:60", "2015-08-30T12:36:00UTC"})
    EXPECT_EQ(parse_expiration(text), std::nullopt) << text;
}

}  // namespace
}  // namespace bddlock::aws
