#include "cli/values.hpp"

#include <gtest/gtest.h>

namespace bddlock::cli {
namespace {

using std::chrono::hours;

constexpr seconds least{1};
constexpr seconds most{hours(24 * 365)};

TEST(Durations, AreWholeNumbersWithOrWithoutAUnit) {
  const std::pair<const char*, int> good[] = {{"1", 1},
                                              {"90", 90},
                                              {"90s", 90},
                                              {"15m", 900},
                                              {"2h", 7200},
                                              {"30d", 2'592'000},
                                              {"365d", 31'536'000},
                                              {"1h30m", 5400},
                                              {"1d2h3m4s", 93'784},
                                              {"90m", 5400},
                                              {"0h30s", 30},
                                              {"1d1s", 86'401}};
  for (const auto& [text, value] : good) {
    const auto duration = parse_duration(text, least, most);
    ASSERT_TRUE(duration) << text << ": " << duration.error();
    EXPECT_EQ(*duration, seconds(value)) << text;
  }
}

TEST(Durations, RefuseWhatIsNoneAndSayWhatIsAllowed) {
  for (const char* text : {"",
                           "h",
                           "1.5h",
                           "-1",
                           "+1",
                           " 1",
                           "1 ",
                           "1w",
                           "1H",
                           "0x10",
                           "1e3",
                           "1h30",
                           "30m1h",
                           "1h1h",
                           "1h 30m",
                           "1hm",
                           "h1",
                           "1m30d",
                           "1h-30m",
                           "99999999999999999999",
                           "9999999999999999999d",
                           "213503982334601d18446744073709551615s",
                           "ten"}) {
    const auto duration = parse_duration(text, least, most);
    ASSERT_FALSE(duration) << text;
    EXPECT_NE(duration.error().find("no duration"), std::string::npos) << duration.error();
    EXPECT_NE(duration.error().find("15m, 2h, 30d"), std::string::npos) << duration.error();
  }
}

TEST(Durations, KeepToTheirRangeOnBothSides) {
  EXPECT_TRUE(parse_duration("1", least, most));
  EXPECT_FALSE(parse_duration("0", least, most));
  EXPECT_TRUE(parse_duration("31536000", least, most));
  const auto above = parse_duration("31536001", least, most);
  ASSERT_FALSE(above);
  EXPECT_EQ(above.error(), "\"31536001\" is out of range: 1s to 365d are allowed");
}

TEST(Durations, AreWrittenInTheirLargestWholeUnit) {
  EXPECT_EQ(duration_text(seconds(0)), "0s");
  EXPECT_EQ(duration_text(seconds(90)), "90s");
  EXPECT_EQ(duration_text(seconds(900)), "15m");
  EXPECT_EQ(duration_text(seconds(7200)), "2h");
  EXPECT_EQ(duration_text(seconds(86'400)), "1d");
}

TEST(Counts, KeepToTheirRangeOnBothSides) {
  EXPECT_EQ(parse_count("1", 1, 10), 1u);
  EXPECT_EQ(parse_count("10", 1, 10), 10u);
  for (const char* text : {"0", "11", "", "x", "1k", "-1", "18446744073709551616"}) {
    const auto count = parse_count(text, 1, 10);
    ASSERT_FALSE(count) << text;
    EXPECT_NE(count.error().find("from 1 to 10"), std::string::npos);
  }
}

TEST(Bytes, TakeBinaryUnits) {
  EXPECT_EQ(parse_bytes("65536", 1, 1 << 20), 65'536u);
  EXPECT_EQ(parse_bytes("64KiB", 1, 1 << 20), 65'536u);
  EXPECT_EQ(parse_bytes("1MiB", 1, 1 << 20), 1'048'576u);
  for (const char* text : {"64K", "64KB", "64kib", "1.5MiB", "2MiB", "0", "17592186044416MiB"}) {
    const auto bytes = parse_bytes(text, 1024, 1 << 20);
    ASSERT_FALSE(bytes) << text;
    EXPECT_NE(bytes.error().find("from 1KiB to 1MiB"), std::string::npos) << bytes.error();
  }
}

TEST(Switches, AreTrueOrFalseAndNothingElse) {
  for (const char* text : {"true", "TRUE", "yes", "on", "1"})
    EXPECT_EQ(parse_switch(text), true) << text;
  for (const char* text : {"false", "No", "off", "0"}) EXPECT_EQ(parse_switch(text), false) << text;
  for (const char* text : {"", "2", "truee", "nope"}) EXPECT_FALSE(parse_switch(text)) << text;
}

TEST(Listen, TakesAddressesOfBothKinds) {
  const auto v4 = parse_listen("0.0.0.0:80");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->address, "0.0.0.0");
  EXPECT_EQ(v4->port, 80);
  EXPECT_FALSE(v4->is_loopback());
  const auto v6 = parse_listen("[::1]:65535");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->address, "::1");
  EXPECT_EQ(v6->port, 65'535);
  EXPECT_TRUE(v6->is_loopback());
  const auto name = parse_listen("localhost:0");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->address, "127.0.0.1");
  EXPECT_TRUE(name->is_loopback());
}

TEST(Listen, RefusesTheRestAndShowsExamples) {
  for (const char* text :
       {"", "8080", ":8080", "*:8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "::1:8080", "[::1]", "example.com:80", "127.0.0.1:http"}) {
    const auto listen = parse_listen(text);
    ASSERT_FALSE(listen) << text;
    EXPECT_NE(listen.error().find("such as 127.0.0.1:8080"), std::string::npos) << listen.error();
  }
}

TEST(Store, IsAFileATableOrMemory) {
  const auto file = parse_store("sqlite:/var/lib/x y.db");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->kind, StoreChoice::Kind::sqlite);
  EXPECT_EQ(file->path, "/var/lib/x y.db");
  const auto memory = parse_store("memory:");
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->kind, StoreChoice::Kind::memory);
  for (const char* text :
       {"", "sqlite:", "sqlite", "memory", "stacks.db", "postgres:x", "memory:x"}) {
    EXPECT_FALSE(parse_store(text)) << text;
  }
  const auto table = parse_store("dynamodb:My_table-1.x");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->kind, StoreChoice::Kind::dynamodb);
  EXPECT_EQ(table->path, "My_table-1.x");
  EXPECT_TRUE(parse_table(std::string(246, 't')));
  for (const std::string& name : {std::string("ab"), std::string(247, 't'), std::string("a/b")})
    EXPECT_FALSE(parse_table(name)) << name;
  EXPECT_NE(parse_store("dynamodb:T").error().find("no name of a DynamoDB table"),
            std::string::npos);
}

TEST(Cron, IsCheckedBeforeTheServerStarts) {
  EXPECT_TRUE(parse_cron("0 1 * * MON-FRI"));
  EXPECT_TRUE(parse_cron("@daily"));
  EXPECT_FALSE(parse_cron(""));
  EXPECT_FALSE(parse_cron("0 25 * * *"));
  EXPECT_FALSE(parse_cron("0 1 * *"));
  EXPECT_NE(parse_cron("0 0 30 2 *").error().find("never comes"), std::string::npos);
}

TEST(LogFormat, HasThreeValues) {
  EXPECT_EQ(parse_log_format("auto"), LogFormat::automatic);
  EXPECT_EQ(parse_log_format("json"), LogFormat::json);
  EXPECT_EQ(parse_log_format("text"), LogFormat::text);
  EXPECT_FALSE(parse_log_format("xml"));
}

TEST(NewNames, FollowTheRuleOfTheCore) {
  EXPECT_TRUE(parse_new_name("pay 1"));
  for (const std::string& text :
       {std::string(), std::string("a/b"), std::string(".."), std::string(256, 'a')}) {
    EXPECT_FALSE(parse_new_name(text)) << text;
  }
}

}  // namespace
}  // namespace bddlock::cli
