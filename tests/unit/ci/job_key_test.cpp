#include "ci/job_key.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace bddlock::ci {
namespace {

using Parts = std::vector<std::string>;

bool fits_request_id(const std::string& key) {
  return !key.empty() && key.size() <= 128 && std::ranges::all_of(key, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._:-").find(c) != std::string_view::npos;
  });
}

TEST(JobKey, ShowsPlainPartsAsTheyAre) {
  EXPECT_EQ(job_key("gitlab", Parts{"gitlab.com", "42"}), "gitlab:gitlab.com:42");
  EXPECT_EQ(job_key("local", Parts{}), "local");
}

TEST(JobKey, TakesPlainPartsUpToTheLimitWithoutADigest) {
  const std::string fits(128 - 6, 'x');
  EXPECT_EQ(job_key("local", Parts{fits}), "local:" + fits);
  const std::string longer = job_key("local", Parts{fits + "x"});
  EXPECT_EQ(longer.size(), 128u);
  EXPECT_TRUE(longer.starts_with("local.xxx"));
}

// sha256 of "azure:3:a b", by sha256sum.
TEST(JobKey, EndsWithTheDigestOfWhatItCannotShow) {
  EXPECT_EQ(job_key("azure", Parts{"a b"}), "azure.a_b:653ff13e7ab4091f2e17979ebe141536");
}

TEST(JobKey, IsAlwaysFitForARequestId) {
  const std::string bytes = [] {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    return all;
  }();
  for (const Parts& parts : {Parts{bytes}, Parts{"", ""}, Parts{std::string(100'000, 'x'), "ü"},
                             Parts{"..", "/"}, Parts{bytes, bytes}}) {
    EXPECT_TRUE(fits_request_id(job_key("buildkite", parts)));
  }
}

TEST(JobKey, IsNeverTheSameForDifferentParts) {
  const std::string long_text(200, 'y');
  const std::vector<Parts> lists = {
      {},
      {""},
      {"", ""},
      {"a"},
      {"a", ""},
      {"", "a"},
      {"a", "b"},
      {"a:b"},
      {"a:", "b"},
      {"a", ":b"},
      {"a-b"},
      {"a_b"},
      {"a b"},
      {"a/b"},
      {"a", "b", ""},
      {long_text},
      {long_text + "y"},
      {long_text, ""},
      {"", long_text},
      {"1:a"},
      {"a", "1:b"},
      {"a\n"},
      {"A"},
      {std::string(1, '\0')},
      // What a digest of other parts looks like.
      {"a_b:6590fcc4b9044d03df51694742b13eae"},
      {"a_b", "6590fcc4b9044d03df51694742b13eae"},
  };
  std::set<std::string> keys;
  for (const Parts& parts : lists) EXPECT_TRUE(keys.insert(job_key("ci", parts)).second);
  for (const Parts& parts : lists) EXPECT_TRUE(keys.insert(job_key("cj", parts)).second);
}

}  // namespace
}  // namespace bddlock::ci
