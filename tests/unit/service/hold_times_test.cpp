#include "service/hold_times.hpp"

#include "unit/service/lender_fixture.hpp"

namespace bddlock::service {
namespace {

TEST(EstimateWait, OfTheFirstInLineIsUntilTheFirstStackComesFree) {
  EXPECT_EQ(estimate_wait(1, 600s, {100s, 400s}), 200s);
  EXPECT_EQ(estimate_wait(2, 600s, {100s, 400s}), 500s);
}

TEST(EstimateWait, CountsWholeRoundsForThoseBehind) {
  EXPECT_EQ(estimate_wait(3, 600s, {100s, 400s}), 800s);
  EXPECT_EQ(estimate_wait(4, 600s, {100s, 400s}), 1100s);
  EXPECT_EQ(estimate_wait(5, 600s, {100s, 400s}), 1400s);
  EXPECT_EQ(estimate_wait(1'000'001, 600s, {0s}), 600s * 1'000'001);
}

TEST(EstimateWait, IsTheSameAsServingOneAfterTheOther) {
  std::mt19937 random{1};
  for (int round = 0; round < 200; ++round) {
    std::vector<core::microseconds> elapsed(1 + random() % 5);
    std::multiset<core::microseconds> free_at;
    for (auto& each : elapsed) {
      each = core::seconds{random() % 900};
      free_at.insert(std::max<core::microseconds>(600s - each, 0s));
    }
    for (std::int64_t position = 1; position < 30; ++position) {
      const core::microseconds next = *free_at.begin();
      EXPECT_EQ(estimate_wait(position, 600s, elapsed), next);
      free_at.erase(free_at.begin());
      free_at.insert(next + 600s);
    }
  }
}

TEST(EstimateWait, IsNotNegativeIfAClaimLastsLongerThanUsual) {
  EXPECT_EQ(estimate_wait(1, 600s, {9000s}), 0s);
}

TEST(EstimateWait, OfARepoWithNothingInUseIsOneClaimLong) {
  EXPECT_EQ(estimate_wait(1, 600s, {}), 600s);
}

TEST(EstimateWait, IsRoundedUpToASecond) {
  EXPECT_EQ(estimate_wait(1, 1500ms, {}), 2s);
  EXPECT_EQ(estimate_wait(1, 2000ms, {}), 2s);
}

class HoldTimesTest : public LenderTest {
 protected:
  std::optional<core::microseconds> typical() {
    return lender_->typical_claim(*table_.reader, repo_).value();
  }
  void use_for(core::seconds duration) {
    const Stack stack = granted("use-" + std::to_string(++uses_), {.lease = 86400s});
    now_ += duration;
    EXPECT_EQ(release(stack), "released");
  }
  int uses_ = 0;
};

TEST_F(HoldTimesTest, AreUnknownWithoutHistory) {
  add("a");
  EXPECT_EQ(typical(), std::nullopt);
  granted("owner");
  wait_for("r");
  EXPECT_EQ(lender_->place(*table_.reader, key("r"), now_)->value().estimated_wait, std::nullopt);
}

TEST_F(HoldTimesTest, AreTheMedianOfTheLatestClaims) {
  add("a");
  for (const int seconds : {10, 1000, 20, 30, 40}) use_for(core::seconds{seconds});
  EXPECT_EQ(typical(), 30s);
  use_for(35s);
  use_for(50s);
  EXPECT_EQ(typical(), 35s);  // kept up without reading again
  restart();
  EXPECT_EQ(typical(), 35s);  // and read by the next server
}

TEST_F(HoldTimesTest, ForgetWhatIsLongAgo) {
  add("a");
  for (int i = 0; i < 100; ++i) use_for(10s);
  EXPECT_EQ(typical(), 10s);
  for (int i = 0; i < 50; ++i) use_for(20s);
  EXPECT_EQ(typical(), 20s);
  restart();
  EXPECT_EQ(typical(), 20s);
}

TEST_F(HoldTimesTest, MakeTheEstimateOfAPlaceInLine) {
  add("a");
  use_for(600s);
  const Stack owner = granted("owner", {.lease = 86400s});
  now_ += 100s;
  wait_for("r1");
  wait_for("r2");
  const auto estimate = [&](const std::string& id) {
    return lender_->place(*table_.reader, key(id), now_)->value().estimated_wait;
  };
  EXPECT_EQ(estimate("r1"), 500s);
  EXPECT_EQ(estimate("r2"), 1100s);
}

TEST_F(HoldTimesTest, PlacesOfManyAreTheSameAsOfEach) {
  add("a");
  use_for(60s);
  granted("owner", {.lease = 86400s});
  std::vector<RequestId> ids;
  for (int i = 0; i < 40; ++i) {
    ids.emplace_back(std::to_string(i));
    wait_for(ids.back().text(), {.priority = i % 3});
  }
  ids.emplace_back("none");
  const auto places = lender_->places(*table_.reader, repo_, ids, now_).value();
  ASSERT_EQ(places.size(), 41u);
  for (std::size_t i = 0; i < 40; ++i) {
    const auto place = lender_->place(*table_.reader, key(ids[i].text()), now_)->value();
    EXPECT_EQ(places[i]->key, place.key);
    EXPECT_EQ(places[i]->position, place.position);
    EXPECT_EQ(places[i]->estimated_wait, place.estimated_wait);
  }
  EXPECT_FALSE(places[40]);
}

}  // namespace
}  // namespace bddlock::service
