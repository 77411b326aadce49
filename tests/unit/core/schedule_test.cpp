#include "core/schedule.hpp"

#include <gtest/gtest.h>

namespace bddlock::core {
namespace {

using namespace std::chrono_literals;

Instant at(const std::string& text) {
  const auto instant = parse_seed_text(text.size() == 16 ? text + ":00" : text);
  EXPECT_TRUE(instant) << text;
  return instant.value_or(Instant{});
}

// The next `count` times, as "2020-01-06T01:00"s parted by blanks; "never" if there is none.
std::string next_times(std::string_view expression, const std::string& after, int count = 1) {
  const auto schedule = Schedule::parse(expression);
  if (!schedule) return schedule.error();
  std::string times;
  Instant last = at(after);
  for (int i = 0; i < count; ++i) {
    const auto next = schedule->next_after(last);
    if (!next) return times + "never";
    times += (i > 0 ? " " : "") + to_seed_text(*next).substr(0, 16);
    last = *next;
  }
  return times;
}

TEST(Schedule, OfTheSeedRunsAtOneFromMondayToFriday) {
  // 2020-01-03 was a Friday.
  EXPECT_EQ(next_times("0 1 * * MON-FRI", "2020-01-02T12:00", 3),
            "2020-01-03T01:00 2020-01-06T01:00 2020-01-07T01:00");
}

TEST(Schedule, GivesTheFirstMinuteStrictlyAfter) {
  EXPECT_EQ(next_times("0 1 * * *", "2020-01-06T00:59:59.999999"), "2020-01-06T01:00");
  EXPECT_EQ(next_times("0 1 * * *", "2020-01-06T01:00"), "2020-01-07T01:00");
  EXPECT_EQ(next_times("0 1 * * *", "2020-01-06T01:00:00.000001"), "2020-01-07T01:00");
  EXPECT_EQ(next_times("* * * * *", "2020-01-06T01:00:59"), "2020-01-06T01:01");
}

struct NextCase {
  const char* expression;
  const char* after;
  const char* times;  // the next two
};

class ScheduleTimes : public testing::TestWithParam<NextCase> {};

TEST_P(ScheduleTimes, AreAsTheExpressionSays) {
  const auto& [expression, after, times] = GetParam();
  EXPECT_EQ(next_times(expression, after, 2), times) << expression << " after " << after;
}

INSTANTIATE_TEST_SUITE_P(
    Fields, ScheduleTimes,
    testing::Values(
        NextCase{"* * * * *", "2020-12-31T23:58", "2020-12-31T23:59 2021-01-01T00:00"},
        NextCase{"*/5 * * * *", "2020-01-01T00:04", "2020-01-01T00:05 2020-01-01T00:10"},
        NextCase{"*/25 * * * *", "2020-01-01T00:26", "2020-01-01T00:50 2020-01-01T01:00"},
        NextCase{"10-20/5 * * * *", "2020-01-01T00:15", "2020-01-01T00:20 2020-01-01T01:10"},
        NextCase{"59 23 * * *", "2020-01-01T23:59", "2020-01-02T23:59 2020-01-03T23:59"},
        NextCase{"5,10,5 * * * *", "2020-01-01T00:00", "2020-01-01T00:05 2020-01-01T00:10"},
        NextCase{"30 8-9,17 * * *", "2020-01-01T09:00", "2020-01-01T09:30 2020-01-01T17:30"},
        NextCase{"0 0 1 * *", "2020-01-01T00:00", "2020-02-01T00:00 2020-03-01T00:00"},
        NextCase{"0 0 31 * *", "2020-01-31T00:00", "2020-03-31T00:00 2020-05-31T00:00"},
        NextCase{"0 0 * FEB,dec *", "2020-02-29T00:00", "2020-12-01T00:00 2020-12-02T00:00"},
        NextCase{"0 0 1 jan-Mar/2 *", "2020-01-01T00:00", "2020-03-01T00:00 2021-01-01T00:00"},
        NextCase{"007 01 * * *", "2020-01-01T00:00", "2020-01-01T01:07 2020-01-02T01:07"},
        NextCase{" 0\t1  * * * ", "2020-01-01T00:00", "2020-01-01T01:00 2020-01-02T01:00"}));

// 2020-01-05 was a Sunday.
INSTANTIATE_TEST_SUITE_P(
    Weekdays, ScheduleTimes,
    testing::Values(
        NextCase{"0 0 * * 0", "2020-01-01T00:00", "2020-01-05T00:00 2020-01-12T00:00"},
        NextCase{"0 0 * * 7", "2020-01-01T00:00", "2020-01-05T00:00 2020-01-12T00:00"},
        NextCase{"0 0 * * SUN", "2020-01-01T00:00", "2020-01-05T00:00 2020-01-12T00:00"},
        NextCase{"0 0 * * sun,Sat", "2020-01-01T00:00", "2020-01-04T00:00 2020-01-05T00:00"},
        NextCase{"0 0 * * 5-7", "2020-01-01T00:00", "2020-01-03T00:00 2020-01-04T00:00"},
        NextCase{"0 0 * * 6-7", "2020-01-05T00:00", "2020-01-11T00:00 2020-01-12T00:00"},
        NextCase{"0 0 * * mon-FRI", "2020-01-03T00:00", "2020-01-06T00:00 2020-01-07T00:00"},
        NextCase{"0 0 * * */2", "2020-01-01T00:00", "2020-01-02T00:00 2020-01-04T00:00"},
        NextCase{"0 0 * * Mon-Fri/2", "2020-01-03T00:00", "2020-01-06T00:00 2020-01-08T00:00"}));

// Both day fields restricted: either may match. One of them begins with a star: both must.
INSTANTIATE_TEST_SUITE_P(
    EitherDay, ScheduleTimes,
    testing::Values(
        NextCase{"0 0 13 * FRI", "2020-01-01T00:00", "2020-01-03T00:00 2020-01-10T00:00"},
        NextCase{"0 0 13 * FRI", "2020-01-10T00:00", "2020-01-13T00:00 2020-01-17T00:00"},
        NextCase{"0 0 13 * *", "2020-01-01T00:00", "2020-01-13T00:00 2020-02-13T00:00"},
        NextCase{"0 0 1-31 * MON", "2020-01-01T00:00", "2020-01-02T00:00 2020-01-03T00:00"},
        NextCase{"0 0 */2 * MON", "2020-01-01T00:00", "2020-01-13T00:00 2020-01-27T00:00"},
        NextCase{"0 0 13 * */5", "2020-01-01T00:00", "2020-03-13T00:00 2020-09-13T00:00"}));

INSTANTIATE_TEST_SUITE_P(
    LeapYears, ScheduleTimes,
    testing::Values(NextCase{"0 0 29 2 *", "2020-02-28T23:59", "2020-02-29T00:00 2024-02-29T00:00"},
                    NextCase{"0 0 29 2 *", "2096-02-28T23:59", "2096-02-29T00:00 2104-02-29T00:00"},
                    NextCase{"0 0 28 2 *", "2020-02-28T00:00", "2021-02-28T00:00 2022-02-28T00:00"},
                    NextCase{"0 0 * 2 *", "2000-02-28T00:00", "2000-02-29T00:00 2001-02-01T00:00"},
                    NextCase{"0 0 30,31 2 *", "2020-01-01T00:00", "never"},
                    NextCase{"0 0 30 2 *", "2020-01-01T00:00", "never"},
                    NextCase{"0 0 31 4,6,9,11 *", "2020-01-01T00:00", "never"}));

INSTANTIATE_TEST_SUITE_P(
    Macros, ScheduleTimes,
    testing::Values(NextCase{"@hourly", "2020-01-01T00:30", "2020-01-01T01:00 2020-01-01T02:00"},
                    NextCase{"@daily", "2020-01-01T00:30", "2020-01-02T00:00 2020-01-03T00:00"},
                    NextCase{"@midnight", "2020-01-01T00:30", "2020-01-02T00:00 2020-01-03T00:00"},
                    NextCase{"@weekly", "2020-01-01T00:30", "2020-01-05T00:00 2020-01-12T00:00"},
                    NextCase{"@monthly", "2020-01-01T00:30", "2020-02-01T00:00 2020-03-01T00:00"},
                    NextCase{"@yearly", "2020-01-01T00:30", "2021-01-01T00:00 2022-01-01T00:00"},
                    NextCase{" @annually ", "2020-01-01T00:30",
                             "2021-01-01T00:00 2022-01-01T00:00"}));

TEST(Schedule, IsTheSameAsLookingAtEveryMinute) {
  // 2020-01-01 to 2020-03-31, minute by minute, against a plain reading of the rule.
  const auto schedule = Schedule::parse("*/20 5,17 10-20/3 * TUE");
  ASSERT_TRUE(schedule);
  Instant from_schedule = at("2020-01-01T00:00");
  for (auto minute = from_schedule + 1min; minute < at("2020-04-01T00:00"); minute += 1min) {
    const auto day = std::chrono::floor<std::chrono::days>(minute);
    const std::chrono::year_month_day date{day};
    const auto passed = minute - day;
    const auto hour = std::chrono::floor<std::chrono::hours>(passed);
    const bool day_of_month = unsigned{date.day()} == 10 || unsigned{date.day()} == 13 ||
                              unsigned{date.day()} == 16 || unsigned{date.day()} == 19;
    const bool matches = (passed - hour) % 20min == 0min && (hour == 5h || hour == 17h) &&
                         (day_of_month || std::chrono::weekday{day} == std::chrono::Tuesday);
    if (!matches) continue;
    ASSERT_EQ(schedule->next_after(from_schedule), minute);
    from_schedule = minute;
  }
}

TEST(Schedule, StaysInsideTheYears1To9999) {
  const auto schedule = Schedule::parse("0 0 1 1 *");
  ASSERT_TRUE(schedule);
  EXPECT_EQ(schedule->next_after(Instant::max()), std::nullopt);
  EXPECT_EQ(schedule->next_after(Instant::min()), at("0002-01-01T00:00"));
  EXPECT_EQ(schedule->next_after(at("9998-06-01T00:00")), at("9999-01-01T00:00"));
}

struct BadCase {
  const char* expression;
  const char* message;
};

class BadSchedule : public testing::TestWithParam<BadCase> {};

TEST_P(BadSchedule, IsRefusedWithWhatIsWrongAndWhatIsAllowed) {
  const auto schedule = Schedule::parse(GetParam().expression);
  ASSERT_FALSE(schedule);
  EXPECT_EQ(schedule.error(), GetParam().message);
}

#define FIVE                                                                                   \
  "five fields are needed: minute, hour, day of month, month, day of week, such as \"0 1 * * " \
  "MON-FRI\""
#define THEM ", ranges, lists and steps of them, and *"

INSTANTIATE_TEST_SUITE_P(
    Values, BadSchedule,
    testing::Values(
        BadCase{"60 * * * *",
                "the minute field is \"60\": \"60\" is not allowed; allowed are 0 to 59" THEM},
        BadCase{"* 24 * * *",
                "the hour field is \"24\": \"24\" is not allowed; allowed are 0 to 23" THEM},
        BadCase{"* * 0 * *",
                "the day of month field is \"0\": \"0\" is not allowed; allowed are 1 to 31" THEM},
        BadCase{
            "* * 32 * *",
            "the day of month field is \"32\": \"32\" is not allowed; allowed are 1 to 31" THEM},
        BadCase{"* * * 0 *",
                "the month field is \"0\": \"0\" is not allowed; allowed are 1 to 12 or JAN to "
                "DEC" THEM},
        BadCase{"* * * 13 *",
                "the month field is \"13\": \"13\" is not allowed; allowed are 1 to 12 or JAN to "
                "DEC" THEM},
        BadCase{"* * * MON *",
                "the month field is \"MON\": \"MON\" is not allowed; allowed are 1 to 12 or JAN to "
                "DEC" THEM},
        BadCase{"* * * * 8",
                "the day of week field is \"8\": \"8\" is not allowed; allowed are 0 to 7 (0 and 7 "
                "are Sunday) or SUN to SAT" THEM},
        BadCase{"* * * * MONDAY",
                "the day of week field is \"MONDAY\": \"MONDAY\" is not allowed; allowed are 0 to "
                "7 (0 and 7 are Sunday) or SUN to SAT" THEM},
        BadCase{"-1 * * * *",
                "the minute field is \"-1\": a value is missing; allowed are 0 to 59" THEM},
        BadCase{"+1 * * * *",
                "the minute field is \"+1\": \"+1\" is not allowed; allowed are 0 to 59" THEM},
        BadCase{"1.5 * * * *",
                "the minute field is \"1.5\": \"1.5\" is not allowed; allowed are 0 to 59" THEM},
        BadCase{"99999999999 * * * *",
                "the minute field is \"99999999999\": \"99999999999\" is not allowed; allowed are "
                "0 to 59" THEM},
        BadCase{"1,,2 * * * *",
                "the minute field is \"1,,2\": a value is missing; allowed are 0 to 59" THEM},
        BadCase{"1, * * * *",
                "the minute field is \"1,\": a value is missing; allowed are 0 to 59" THEM},
        BadCase{"1-2-3 * * * *",
                "the minute field is \"1-2-3\": \"2-3\" is not allowed; allowed are 0 to 59" THEM},
        BadCase{"** * * * *",
                "the minute field is \"**\": \"**\" is not allowed; allowed are 0 to 59" THEM},
        BadCase{"*-5 * * * *",
                "the minute field is \"*-5\": \"*\" is not allowed; allowed are 0 to 59" THEM}));

INSTANTIATE_TEST_SUITE_P(
    RangesAndSteps, BadSchedule,
    testing::Values(
        BadCase{"20-10 * * * *",
                "the minute field is \"20-10\": the range \"20-10\" runs backwards; write two, "
                "parted by a comma"},
        BadCase{"* * * NOV-FEB *",
                "the month field is \"NOV-FEB\": the range \"NOV-FEB\" runs backwards; write two, "
                "parted by a comma"},
        BadCase{"* * * * FRI-MON",
                "the day of week field is \"FRI-MON\": the range \"FRI-MON\" runs backwards; write "
                "two, parted by a comma, or 7 for a Sunday at its end"},
        BadCase{"* * * * FRI-SUN",
                "the day of week field is \"FRI-SUN\": the range \"FRI-SUN\" runs backwards; write "
                "two, parted by a comma, or 7 for a Sunday at its end"},
        BadCase{"*/0 * * * *",
                "the minute field is \"*/0\": the step \"0\" is not allowed; allowed are 1 to 59"},
        BadCase{"*/ * * * *",
                "the minute field is \"*/\": the step \"\" is not allowed; allowed are 1 to 59"},
        BadCase{
            "*/-5 * * * *",
            "the minute field is \"*/-5\": the step \"-5\" is not allowed; allowed are 1 to 59"},
        BadCase{
            "*/60 * * * *",
            "the minute field is \"*/60\": the step \"60\" is not allowed; allowed are 1 to 59"},
        BadCase{"* */24 * * *",
                "the hour field is \"*/24\": the step \"24\" is not allowed; allowed are 1 to 23"},
        BadCase{
            "*/5/5 * * * *",
            "the minute field is \"*/5/5\": the step \"5/5\" is not allowed; allowed are 1 to 59"},
        BadCase{"5/15 * * * *",
                "the minute field is \"5/15\": a step needs a range; write 5-59/15"}));

INSTANTIATE_TEST_SUITE_P(
    Forms, BadSchedule,
    testing::Values(BadCase{"", "the cron expression is empty; " FIVE},
                    BadCase{" \t ", "the cron expression is empty; " FIVE},
                    BadCase{"1", "the cron expression \"1\" has 1 field; " FIVE},
                    BadCase{"0 1 * *", "the cron expression \"0 1 * *\" has 4 fields; " FIVE},
                    BadCase{"0 0 1 * * MON-FRI",
                            "the cron expression \"0 0 1 * * MON-FRI\" has 6 fields; " FIVE
                            "; leave out seconds and year"},
                    BadCase{"0 1 ? * MON-FRI",
                            "the day of month field is \"?\": ? is not allowed; write * instead"},
                    BadCase{"cron(0 1 ? * MON-FRI *)",
                            "the form of AWS, \"cron(0 1 ? * MON-FRI *)\", is not read here: leave "
                            "out \"cron(\", \")\" and the year, and write * for ?; " FIVE},
                    BadCase{"rate(1 day)",
                            "the form of AWS, \"rate(1 day)\", is not read here: leave out "
                            "\"cron(\", \")\" and the year, and write * for ?; " FIVE},
                    BadCase{"@reboot",
                            "\"@reboot\" is not known; allowed are @hourly, @daily, @midnight, "
                            "@weekly, @monthly, @yearly and @annually, or five fields"},
                    BadCase{"@daily *",
                            "\"@daily *\" is not known; allowed are @hourly, @daily, @midnight, "
                            "@weekly, @monthly, @yearly and @annually, or five fields"}));

}  // namespace
}  // namespace bddlock::core
