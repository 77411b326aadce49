// One call for a claim: what it gets, and what its repeat gets (DESIGN section 6, "Claiming").
#include "unit/service/lender_fixture.hpp"

namespace bddlock::service {
namespace {

using ClaimCallTest = LenderTest;

TEST_F(ClaimCallTest, GetsAFreeStackWithALease) {
  add("a");
  const Stack stack = granted("r1", {.lease = 60s, .holder = core::Holder{.job = "build"}});
  EXPECT_EQ(stack.state, State::claimed);
  EXPECT_EQ(stack.fencing_token, 1);
  EXPECT_EQ(stack.claim->request_id, RequestId{"r1"});
  EXPECT_EQ(stack.claim->holder->job, "build");
  EXPECT_EQ(stack.claim->claimed_at, noon);
  EXPECT_EQ(stack.claim->expires_at, noon + 60s);
  EXPECT_EQ(stack.claim->lease, 60s);
  EXPECT_FALSE(stack.claim->created);
  EXPECT_FALSE(stack.claim->offered);
  EXPECT_EQ(stack, found("a"));
  EXPECT_EQ(history("a"), "created claimed");
}

TEST_F(ClaimCallTest, GivesEachClaimAnotherKey) {
  add_all({"a", "b"});
  EXPECT_NE(granted("r1").claim->key, granted("r2").claim->key);
}

TEST_F(ClaimCallTest, IsToldThatNoneIsFreeAndIsNotRemembered) {
  add("a");
  granted("r1");
  EXPECT_EQ(claim("r2"), "none_available");
  EXPECT_EQ(request("r2"), std::nullopt);
}

TEST_F(ClaimCallTest, ThatWaitsIsRemembered) {
  add("a");
  granted("r1");
  EXPECT_EQ(claim("r2", {}, 1s), "queued");
  EXPECT_EQ(line(), "r2");
  EXPECT_EQ(claim("r2"), "queued");  // a waiting one keeps its place
}

TEST_F(ClaimCallTest, NeverOutlivesMaxClaimSeconds) {
  rules_.claim_longest = 100s;
  restart();
  add("a");
  const Stack stack = granted("r1", {.lease = 900s});
  EXPECT_EQ(stack.claim->lease, 100s);
  EXPECT_EQ(stack.claim->expires_at, noon + 100s);
}

TEST_F(ClaimCallTest, PrefersTheCommitThenTheBranchThenTheOneUsedLast) {
  const auto deploy = [&](const std::string& name, const std::string& branch,
                          const std::string& commit) {
    now_ += 1s;
    const Stack stack = granted("deploy-" + name, {.stack_name = StackName{name}});
    const core::Release release{.key = {}, .deployed = core::Deployed{branch, commit, {}}};
    EXPECT_EQ(to_words(release_with(stack, release)), "released");
  };
  add_all({"a", "b", "c", "d"});
  deploy("a", "main", "1");
  deploy("b", "fix", "2");
  deploy("c", "main", "3");
  deploy("d", "other", "4");
  const Wish wish{.prefer_branch = "main", .prefer_commit = "2"};
  EXPECT_EQ(claim("r1", wish), "granted b");  // the commit
  EXPECT_EQ(claim("r2", wish), "granted c");  // the branch, used last
  EXPECT_EQ(claim("r3", wish), "granted a");
  EXPECT_EQ(claim("r4", wish), "granted d");
}

TEST_F(ClaimCallTest, WithoutAPreferenceGetsTheOneUsedLast) {
  for (const char* name : {"a", "b", "c"}) {
    now_ += 1s;
    add(name);
  }
  EXPECT_EQ(claim("r1"), "granted c");
  EXPECT_EQ(claim("r2"), "granted b");
}

TEST_F(ClaimCallTest, BreaksTiesAtRandom) {
  add_all({"a", "b"});
  std::set<std::string> first;
  for (int i = 0; i < 40; ++i) {
    now_ += 1s;
    const std::string id = std::to_string(i);
    const auto answer = call(id, {.count = 2});
    ASSERT_EQ(to_words(answer), "granted a b");
    for (const Stack& stack : std::get<Granted>(*answer).stacks)
      EXPECT_EQ(release(stack), "released");
    const Stack stack = granted(id + "-one");
    first.insert(stack.stack_name.text());
    EXPECT_EQ(release(stack), "released");
    // Both were used last at the same time again.
    now_ += 1s;
    for (const char* name : {"a", "b"}) {
      EXPECT_EQ(apply(name, core::SeedClaim{}).substr(0, 4), "done");
      EXPECT_EQ(apply(name, core::SeedRelease{}).substr(0, 4), "done");
    }
  }
  EXPECT_EQ(first, (std::set<std::string>{"a", "b"}));
}

TEST_F(ClaimCallTest, GetsOnlyAStackWithAllLabels) {
  add("a", {{"size", "s"}});
  add("b", {{"size", "xl"}, {"os", "linux"}});
  EXPECT_EQ(claim("r1", {.labels = {{"size", "xl"}}}), "granted b");
  EXPECT_EQ(claim("r2", {.labels = {{"size", "xl"}}}), "none_available");
  EXPECT_EQ(claim("r3", {.labels = {{"size", "m"}}}), "never_satisfiable");
}

TEST_F(ClaimCallTest, GetsTheStackThatItNames) {
  add_all({"a", "b"});
  EXPECT_EQ(claim("r1", {.stack_name = StackName{"a"}}), "granted a");
  const auto refused = call("r2", {.stack_name = StackName{"a"}});
  EXPECT_EQ(to_words(refused), "stack_unavailable");
  EXPECT_EQ(std::get<NotGranted>(*refused).stack, found("a"));
  EXPECT_EQ(claim("r3", {.stack_name = StackName{"none"}}), "stack_unknown");
  EXPECT_EQ(claim("r4", {.stack_name = StackName{"b"}, .labels = {{"x", "y"}}}),
            "never_satisfiable");
}

TEST_F(ClaimCallTest, DoesNotGetAStackOfAnotherRepo) {
  add("a");
  ASSERT_TRUE(lender_->create(store_, {StackName{"b"}, RepoName{"other"}, true}, now_, woken_));
  for (const bool create : {false, true})
    EXPECT_EQ(claim("r1", {.stack_name = StackName{"b"}, .create_if_none = create}),
              "stack_unknown");
  EXPECT_EQ(claim("r2"), "granted a");
  EXPECT_EQ(claim("r3"), "none_available");
}

TEST_F(ClaimCallTest, IsToldThatNobodyHasHeardOfTheRepo) {
  EXPECT_EQ(claim("r1"), "repo_unknown");
  EXPECT_EQ(claim("r1", {.stack_name = StackName{"a"}}, 50s), "repo_unknown");
  EXPECT_EQ(line(), "");
}

TEST_F(ClaimCallTest, GetsAllOfSeveralOrNone) {
  add_all({"a", "b", "c"});
  EXPECT_EQ(claim("r1", {.count = 2}).substr(0, 7), "granted");
  EXPECT_EQ(claim("r2", {.count = 2}), "none_available");
  EXPECT_EQ(claim("r3", {.count = 4}, 50s), "never_satisfiable");
  EXPECT_EQ(claim("r4", {.count = 1}).substr(0, 7), "granted");
}

TEST_F(ClaimCallTest, MayWaitForAStackThatIsDisabledNow) {
  add_all({"a", "b"});
  EXPECT_EQ(apply("a", core::Disable{"broken"}), "done 0");
  EXPECT_EQ(claim("r1", {.count = 2}, 50s), "queued");
}

// --- createIfNone

TEST_F(ClaimCallTest, CreatesAStackIfNoneIsFree) {
  const Stack stack = granted("r1", {.labels = {{"size", "xl"}}, .create_if_none = true});
  EXPECT_EQ(stack.stack_name.text().size(), std::string{"repo-"}.size() + 8);
  EXPECT_TRUE(stack.stack_name.text().starts_with("repo-"));
  EXPECT_EQ(stack.stack_name.text().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
            std::string::npos);
  EXPECT_EQ(stack.labels, (core::StringMap{{"size", "xl"}}));
  EXPECT_TRUE(stack.claim->created);
  EXPECT_EQ(stack.fencing_token, 1);
  EXPECT_EQ(history(stack.stack_name.text()), "created claimed");
}

TEST_F(ClaimCallTest, CreatesOnlyWhatIsMissing) {
  add("a");
  const auto answer = call("r1", {.count = 3, .create_if_none = true, .name_prefix = "x-"});
  ASSERT_TRUE(answer);
  int created = 0;
  for (const Stack& stack : std::get<Granted>(*answer).stacks) {
    created += stack.claim->created;
    EXPECT_EQ(stack.claim->created, stack.stack_name.text().starts_with("x-"));
  }
  EXPECT_EQ(created, 2);
}

TEST_F(ClaimCallTest, TakesAFreeStackRatherThanCreatingOne) {
  add("a");
  EXPECT_EQ(claim("r1", {.create_if_none = true}), "granted a");
}

TEST_F(ClaimCallTest, CreatesTheStackThatItNames) {
  const Wish wish{.stack_name = StackName{"mine"}, .create_if_none = true};
  EXPECT_EQ(claim("r1", wish), "granted mine");
  EXPECT_EQ(claim("r2", wish), "stack_unavailable");
}

TEST_F(ClaimCallTest, CreatesNoMoreThanTheLimitOfTheRepo) {
  rules_.stacks_per_repo_max = 3;
  restart();
  add("a");
  EXPECT_EQ(claim("r1", {.count = 4, .create_if_none = true}, 50s), "never_satisfiable");
  EXPECT_EQ(claim("r2", {.count = 2, .create_if_none = true}).substr(0, 7), "granted");
  EXPECT_EQ(claim("r3", {.count = 2, .create_if_none = true}), "none_available");
  EXPECT_EQ(claim("r4", {.create_if_none = true}).substr(0, 7), "granted");
  EXPECT_EQ(claim("r5", {.create_if_none = true}, 1s), "queued");
}

TEST_F(ClaimCallTest, CutsAPrefixThatLeavesNoRoomForAName) {
  const std::string umlauts = [] {
    std::string text;
    for (int i = 0; i < 127; ++i) text += "\xc3\xa4";
    return text;
  }();
  const Stack stack = granted("r1", {.create_if_none = true, .name_prefix = umlauts});
  EXPECT_EQ(core::fault_in_name(stack.stack_name.text()), std::nullopt);
  EXPECT_EQ(stack.stack_name.text().size(), 246u + 8u);
}

TEST_F(ClaimCallTest, SaysCreatedUntilAReleaseNamesWhatIsDeployed) {
  const Stack first = granted("r1", {.create_if_none = true});
  EXPECT_EQ(release(first), "released");
  const Stack second = granted("r2");
  EXPECT_TRUE(second.claim->created);
  const core::Release release{.key = {}, .deployed = core::Deployed{.branch = "main"}};
  EXPECT_EQ(to_words(release_with(second, release)), "released");
  const Stack third = granted("r3");
  EXPECT_FALSE(third.claim->created);
  EXPECT_EQ(third.deployed->branch, "main");
  EXPECT_EQ(third.last_end->reason, core::EndReason::released);
}

TEST_F(ClaimCallTest, GoesOnCountingTokensOfANameThatWasThereBefore) {
  const Wish wish{.stack_name = StackName{"mine"}, .create_if_none = true};
  EXPECT_EQ(release(granted("r1", wish)), "released");
  EXPECT_EQ(apply("mine", core::Remove{}), "done 1");
  EXPECT_EQ(granted("r2", wish).fencing_token, 2);
}

// --- repeats

TEST_F(ClaimCallTest, RepeatedGetsTheSameClaim) {
  add_all({"a", "b"});
  const Stack first = granted("r1");
  now_ += 60s;
  EXPECT_EQ(granted("r1"), first);
  EXPECT_EQ(granted("r1", {.prefer_branch = "x", .holder = core::Holder{.job = "again"}}), first);
  const Wish two{.count = 1};
  EXPECT_EQ(to_words(call("r1", two, 50s)), "granted " + first.stack_name.text());
}

TEST_F(ClaimCallTest, RepeatedGetsWhatIsLeftOfSeveral) {
  add_all({"a", "b"});
  const auto answer = call("r1", {.count = 2});
  EXPECT_EQ(to_words(answer), "granted a b");
  const auto& stacks = std::get<Granted>(*answer).stacks;
  EXPECT_EQ(release(stacks[0]), "released");
  EXPECT_EQ(claim("r1", {.count = 2}), "granted " + stacks[1].stack_name.text());
}

TEST_F(ClaimCallTest, WithAnotherBodyIsAConflict) {
  add("a");
  granted("r1");
  claim("r2", {}, 50s);
  for (const char* id : {"r1", "r2"}) {
    EXPECT_EQ(claim(id, {.count = 2}), "request_conflict");
    EXPECT_EQ(claim(id, {.lease = 901s}), "request_conflict");
    EXPECT_EQ(claim(id, {.priority = 1}), "request_conflict");
  }
}

TEST_F(ClaimCallTest, IsOverWithItsClaimForADay) {
  add("a");
  EXPECT_EQ(release(granted("r1")), "released");
  EXPECT_EQ(claim("r1"), "request_ended");
  now_ += 1h;
  tidy();
  EXPECT_EQ(request("r1")->state, core::RequestState::ended);
  EXPECT_EQ(request("r1")->ended_at, noon);
  now_ = noon + 24h - 1us;
  EXPECT_EQ(claim("r1"), "request_ended");
  tidy();
  now_ = noon + 24h;
  EXPECT_EQ(claim("r1"), "granted a");
}

TEST_F(ClaimCallTest, IsForgottenADayAfterItsClaimEnded) {
  add("a");
  const Stack stack = granted("r1", {.lease = 60s});
  now_ = stack.claim->expires_at;
  EXPECT_EQ(claim("r1", {.lease = 60s}), "request_ended");
  now_ += 24h - 1us;
  tidy();
  EXPECT_TRUE(request("r1"));
  now_ += 1us;
  tidy();
  EXPECT_EQ(request("r1"), std::nullopt);
}

TEST_F(ClaimCallTest, OfALiveClaimIsNeverTidiedAway) {
  add_all({"a", "b"});
  const Stack stack = granted("r1", {.lease = 86400s});
  now_ += 24h - 1us;
  tidy();
  EXPECT_EQ(request("r1")->state, core::RequestState::granted);
  EXPECT_EQ(claim("r1", {.lease = 86400s}), "granted " + stack.stack_name.text());
}

TEST_F(ClaimCallTest, SettlesEverythingThatIsOverFirst) {
  for (int i = 0; i < 200; ++i) add(std::to_string(i));
  for (int i = 0; i < 200; ++i) granted("r" + std::to_string(i), {.lease = 60s});
  now_ += 60s - 1us;
  EXPECT_EQ(claim("late", {.count = 16}), "none_available");
  now_ += 1us;
  EXPECT_EQ(claim("late", {.count = 16}).substr(0, 7), "granted");
}

TEST_F(ClaimCallTest, ReportsAStoreThatFailsAndNotARefusal) {
  add("a");
  for (std::atomic<int>* fault :
       {&faulty_.finds_to_fail, &faulty_.lists_to_fail, &faulty_.saves_to_fail}) {
    *fault = 1;
    const auto answer = call("r1");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::store_unavailable);
  }
  EXPECT_EQ(state("a"), State::available);
}

TEST_F(ClaimCallTest, GivesUpOnRecordsThatKeepChanging) {
  class NeverAsExpected final : public fakes::StoreDecorator {
   public:
    using StoreDecorator::StoreDecorator;
    Result<Saved> save(const Changes&) override {
      ++tries;
      return Saved::version_moved;
    }
    int tries = 0;
  };
  add("a");
  NeverAsExpected never{*table_.store};
  const auto answer = lender_->claim(never, {key("r1"), {}, 0s}, now_, woken_);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::store_unavailable);
  EXPECT_EQ(never.tries, 16);
}

}  // namespace
}  // namespace bddlock::service
