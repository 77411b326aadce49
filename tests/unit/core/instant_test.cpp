#include "core/instant.hpp"

#include <gtest/gtest.h>

namespace bddlock::core {
namespace {

using namespace std::chrono_literals;

constexpr Instant example = std::chrono::sys_days{2019y / 11 / 20} + 23h + 10min + 28s;

TEST(SeedText, HasAFractionOfSixDigitsOrNone) {
  EXPECT_EQ(to_seed_text(example), "2019-11-20T23:10:28");
  EXPECT_EQ(to_seed_text(example + 14'213us), "2019-11-20T23:10:28.014213");
  EXPECT_EQ(to_seed_text(example + 1us), "2019-11-20T23:10:28.000001");
  EXPECT_EQ(to_seed_text(example - 1us), "2019-11-20T23:10:27.999999");
}

TEST(SeedText, IsRightBefore1970AndOnLeapDays) {
  EXPECT_EQ(to_seed_text(Instant{}), "1970-01-01T00:00:00");
  EXPECT_EQ(to_seed_text(Instant{-1us}), "1969-12-31T23:59:59.999999");
  EXPECT_EQ(to_seed_text(std::chrono::sys_days{2024y / 2 / 29}), "2024-02-29T00:00:00");
}

TEST(SeedText, StaysInsideTheYears1To9999) {
  EXPECT_EQ(to_seed_text(Instant::min()), "0001-01-01T00:00:00");
  EXPECT_EQ(to_seed_text(Instant::max()), "9999-12-31T23:59:59.999999");
  EXPECT_EQ(to_rfc3339(Instant::max()), "9999-12-31T23:59:59.999Z");
}

TEST(SeedText, IsReadBack) {
  for (const Instant at : {example, example + 14'213us, Instant{}, Instant{-1us},
                           Instant{std::chrono::sys_days{9999y / 12 / 31}}})
    EXPECT_EQ(parse_seed_text(to_seed_text(at)), at) << to_seed_text(at);
}

TEST(SeedText, IsReadAsAPersonMightWriteIt) {
  struct Case {
    const char* text;
    Instant at;
  };
  for (const auto& [text, at] : {
           Case{"2019-11-20 23:10:28", example},
           Case{"2019-11-20T23:10:28Z", example},
           Case{"2019-11-20T23:10:28+00:00", example},
           Case{"2019-11-20T23:10:28.5Z", example + 500ms},
           Case{"2019-11-20T23:10:28.014", example + 14ms},
           Case{"2019-11-20T23:10:28.0142139", example + 14'213us},
           Case{"2019-11-20T23:10:28.999999999+00:00", example + 999'999us},
           Case{"2024-02-29T00:00:00", Instant{std::chrono::sys_days{2024y / 2 / 29}}},
       })
    EXPECT_EQ(parse_seed_text(text), at) << text;
}

TEST(SeedText, IsNotReadFromAnythingElse) {
  for (const char* text : {"",
                           "2019",
                           "2019-11-20",
                           "2019-11-20T23:10",
                           "2019-11-20T23:10:28.",
                           "20191120T231028",
                           "2019-11-20t23:10:28",
                           "2019-11-20T23:10:28.0000000001",
                           "2019-11-20T23:10:28+01:00",
                           "2019-11-20T23:10:28 Z",
                           "2019-11-20T23:10:28ZZ",
                           " 2019-11-20T23:10:28",
                           "2019-13-20T23:10:28",
                           "2019-00-20T23:10:28",
                           "2019-02-29T00:00:00",
                           "2100-02-29T00:00:00",
                           "2019-11-31T23:10:28",
                           "2019-11-20T24:00:00",
                           "2019-11-20T23:60:28",
                           "2019-11-20T23:10:60",
                           "0000-01-01T00:00:00",
                           "-019-11-20T23:10:28",
                           "2019-1a-20T23:10:28",
                           "2019-11-20T23:10:2"})
    EXPECT_EQ(parse_seed_text(text), std::nullopt) << text;
}

TEST(Rfc3339, HasMillisecondsCutAndNotRounded) {
  EXPECT_EQ(to_rfc3339(example), "2019-11-20T23:10:28.000Z");
  EXPECT_EQ(to_rfc3339(example + 14'999us), "2019-11-20T23:10:28.014Z");
  EXPECT_EQ(to_rfc3339(Instant{-1us}), "1969-12-31T23:59:59.999Z");
}

TEST(Rfc3339Text, SaysTheSameWhateverWasWrittenBefore) {
  Rfc3339Text text;
  for (const Instant at :
       {example, example + 14'999us, example + 999'999us, example + 1s, example + 999'999us,
        example - 1us, Instant{}, Instant{-1us}, Instant{-1s}, Instant::max(),
        Instant::max() - 500ms, Instant::min(), Instant::max() - 24h, Instant::max()})
    EXPECT_EQ(text.at(at), to_rfc3339(at));
}

}  // namespace
}  // namespace bddlock::core
