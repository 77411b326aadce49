#include "api/query.hpp"

#include <gtest/gtest.h>

#include <array>

namespace bddlock::api {
namespace {

constexpr std::array<std::string_view, 3> known{"repoName", "limit", "replace"};

TEST(Query, IsDecoded) {
  const auto query = Query::parse("repoName=a+b%2B%C3%A9&&limit=5&replace", known);
  ASSERT_TRUE(query) << query.error();
  EXPECT_EQ(query->value("repoName"), "a b+\xC3\xA9");
  EXPECT_EQ(query->value("limit"), "5");
  EXPECT_EQ(query->value("replace"), "");
  EXPECT_EQ(Query::parse("", known)->value("limit"), std::nullopt);
}

TEST(Query, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Query::parse("repo_name=a", known).error(),
            R"(the query parameter "repo_name" is unknown; did you mean repoName?)");
  EXPECT_EQ(Query::parse("colour=a", known).error(),
            R"(the query parameter "colour" is unknown; allowed: repoName, limit and replace)");
  EXPECT_EQ(Query::parse("a", {}).error(),
            R"(the query parameter "a" is unknown; none is allowed here)");
}

TEST(Query, RefusesWhatIsThereTwiceOrCannotBeDecoded) {
  EXPECT_EQ(Query::parse("limit=1&limit=2", known).error(),
            "the query parameter limit is given twice");
  EXPECT_FALSE(Query::parse("limit=%zz", known));
  EXPECT_FALSE(Query::parse("%00=1", known));
}

TEST(Query, ReadsIntegersWithinTheirLimits) {
  const auto integer = [](std::string_view text) {
    return Query::parse(text, known).value().integer("limit", 1, 1000, 100);
  };
  EXPECT_EQ(integer("").value(), 100);
  EXPECT_EQ(integer("limit=1").value(), 1);
  EXPECT_EQ(integer("limit=1000").value(), 1000);
  for (const std::string_view bad : {"limit=0", "limit=1001", "limit=", "limit=-1", "limit=1.5",
                                     "limit=5x", "limit=%205", "limit=99999999999999999999"}) {
    EXPECT_FALSE(integer(bad)) << bad;
  }
  EXPECT_EQ(integer("limit=0").error(), R"(limit must be a whole number from 1 to 1000, not "0")");
}

TEST(Query, ReadsBooleans) {
  EXPECT_TRUE(Query::parse("replace=true", known)->boolean("replace", false).value());
  EXPECT_FALSE(Query::parse("replace=false", known)->boolean("replace", true).value());
  EXPECT_TRUE(Query::parse("", known)->boolean("replace", true).value());
  EXPECT_EQ(Query::parse("replace=1", known)->boolean("replace", true).error(),
            R"(replace must be true or false, not "1")");
}

}  // namespace
}  // namespace bddlock::api
