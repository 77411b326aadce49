#include "stores/sqlite/newest_requests.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace bddlock::tests {
namespace {

using core::RepoName;
using core::RequestId;
using stores::sqlite::NewestRequests;

const RepoName repo{"repo"};
const RepoName other{"other"};

RequestId id(std::size_t number) { return RequestId{"id-" + std::to_string(1'000'000 + number)}; }

NewestRequests beginning_at(const RequestId& highest) {
  NewestRequests newest;
  newest.begin(highest);
  return newest;
}

TEST(NewestRequestsTest, KnowNothingUntilTheyAreToldTheHighest) {
  NewestRequests newest;
  newest.note(repo, id(1));
  EXPECT_FALSE(newest.has_begun());
  EXPECT_FALSE(newest.are_without(repo, id(2)));
}

TEST(NewestRequestsTest, AreWithoutWhatIsAboveTheHighest) {
  const NewestRequests newest = beginning_at(id(5));
  EXPECT_FALSE(newest.are_without(repo, id(4)));
  EXPECT_FALSE(newest.are_without(repo, id(5)));
  EXPECT_TRUE(newest.are_without(repo, id(6)));
}

TEST(NewestRequestsTest, AreWithoutAnythingInAnEmptyTable) {
  EXPECT_TRUE(beginning_at(RequestId{}).are_without(repo, RequestId{"a"}));
}

TEST(NewestRequestsTest, HaveWhatWasNotedInItsRepo) {
  NewestRequests newest = beginning_at(id(5));
  newest.note(repo, id(7));
  EXPECT_FALSE(newest.are_without(repo, id(7)));
  EXPECT_TRUE(newest.are_without(other, id(7)));
  EXPECT_TRUE(newest.are_without(repo, id(6)));
  EXPECT_TRUE(newest.are_without(repo, id(8)));
}

TEST(NewestRequestsTest, DoNotTellOfTheOldestOnceTheyAreMany) {
  NewestRequests newest = beginning_at(id(0));
  for (std::size_t i = 0; i <= NewestRequests::remembered; ++i) newest.note(repo, id(10 + 2 * i));
  EXPECT_FALSE(newest.are_without(repo, id(10)));   // there, and forgotten
  EXPECT_FALSE(newest.are_without(other, id(10)));  // not there, which is not known any more
  EXPECT_FALSE(newest.are_without(repo, id(9)));
  EXPECT_TRUE(newest.are_without(repo, id(11)));
  EXPECT_FALSE(newest.are_without(repo, id(12)));
}

// Against a set of all, with ids that mostly rise.
TEST(NewestRequestsTest, NeverAreWithoutOneThatIsThere) {
  std::mt19937 random{7};
  NewestRequests newest = beginning_at(RequestId{});
  std::set<std::pair<RepoName, RequestId>> all;
  std::size_t spared = 0;
  for (std::size_t i = 0; i < 5000; ++i) {
    const RepoName& some = random() % 2 == 0 ? repo : other;
    const RequestId wanted = id(i + random() % 40 + (random() % 50 == 0 ? 0 : 2000));
    const bool is_there = all.contains({some, wanted});
    if (newest.are_without(some, wanted)) {
      ++spared;
      ASSERT_FALSE(is_there) << i << ' ' << wanted.text();
    }
    if (is_there) continue;
    all.emplace(some, wanted);
    newest.note(some, wanted);
  }
  EXPECT_GT(spared, 3500U);
}

}  // namespace
}  // namespace bddlock::tests
