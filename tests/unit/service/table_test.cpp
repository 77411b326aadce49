// Stacks by their names: the seed's commands, an admin's, the sweep and the import; and what the
// seed's API may do to what v1 lends (DESIGN section 5).
#include "unit/service/lender_fixture.hpp"

namespace bddlock::service {
namespace {

class TableTest : public LenderTest {
 protected:
  std::string create(const std::string& name, bool available = true) {
    const core::NewStack wanted{
        .stack_name = StackName{name}, .repo_name = repo_, .available = available};
    return to_words(lender_->create(store_, wanted, now_, woken_));
  }

  // Imports a record as it stands.
  void put(const std::string& name, State stack_state, Instant last_used,
           core::FencingToken token = 0) {
    const Stack record{.stack_name = StackName{name},
                       .repo_name = repo_,
                       .state = stack_state,
                       .last_used = last_used,
                       .fencing_token = token};
    ASSERT_TRUE(lender_->import_slice(store_, {record}, false, now_, woken_));
  }

  // A whole sweep in slices of `limit`.
  SweepCounts sweep(const SweepRules& rules, std::size_t limit = 2) {
    SweepCounts counts;
    std::optional<StackName> after;
    do {
      const auto slice = lender_->sweep_slice(store_, rules, after, limit, now_, woken_);
      EXPECT_TRUE(slice) << slice.error().detail;
      if (!slice) break;
      counts.released += slice->counts.released;
      counts.expired += slice->counts.expired;
      counts.holds_ended += slice->counts.holds_ended;
      counts.removed += slice->counts.removed;
      for (const StackName& name : slice->counts.removed_names)
        counts.removed_names.push_back(name);
      after = slice->next_after;
    } while (after);
    return counts;
  }

  static Stack record(const std::string& name, core::FencingToken token = 0) {
    return {.stack_name = StackName{name},
            .repo_name = RepoName{"imported"},
            .last_used = noon,
            .fencing_token = token};
  }
  std::string import(const std::vector<Stack>& records, bool replace) {
    const auto answer = lender_->import_slice(store_, records, replace, now_, woken_);
    if (!answer) return "error: " + answer.error().detail;
    if (const auto* imported = std::get_if<Imported>(&*answer))
      return std::to_string(imported->created) + " created, " + std::to_string(imported->replaced) +
             " replaced";
    std::string text = "exist:";
    for (const StackName& name : std::get<NamesExist>(*answer).names) text += " " + name.text();
    return text;
  }
};

TEST_F(TableTest, CreatesClaimsReleasesAndRemovesAStack) {
  EXPECT_EQ(create("alpha"), "done 0");
  now_ += 1s;
  EXPECT_EQ(apply("alpha", core::SeedClaim{}), "done 1");
  EXPECT_EQ(state("alpha"), State::claimed);
  EXPECT_EQ(found("alpha")->last_used, noon + 1s);
  EXPECT_EQ(apply("alpha", core::SeedClaim{}), "stack_unavailable");
  EXPECT_EQ(apply("alpha", core::Remove{}), "stack_in_use");
  now_ += 1s;
  EXPECT_EQ(apply("alpha", core::SeedRelease{}), "done 1");
  EXPECT_EQ(apply("alpha", core::SeedRelease{}), "nothing_to_end");
  EXPECT_EQ(found("alpha")->last_used, noon + 2s);
  EXPECT_EQ(apply("alpha", core::SeedClaim{}), "done 2");
  EXPECT_EQ(apply("alpha", core::SeedRelease{}), "done 2");
  EXPECT_EQ(apply("alpha", core::Remove{}), "done 2");
  EXPECT_EQ(found("alpha"), std::nullopt);
  EXPECT_EQ(history("alpha"), "created claimed released claimed released removed");
  EXPECT_EQ(store_.conflicts, 6);
}

TEST_F(TableTest, DoesNotKnowAStackThatIsNotInTheTable) {
  for (const core::Command& command :
       {core::Command{core::SeedClaim{}}, core::Command{core::SeedRelease{}},
        core::Command{core::Remove{}}, core::Command{core::SweepUnused{0s}},
        core::Command{core::Enable{}}})
    EXPECT_EQ(apply("alpha", command), "stack_unknown");
}

TEST_F(TableTest, RefusesToCreateANameThatExistsAndShowsWhatIsThere) {
  EXPECT_EQ(create("alpha", false), "done 1");
  const core::NewStack wanted{StackName{"alpha"}, RepoName{"other"}, true};
  const auto reply = lender_->create(store_, wanted, now_, woken_);
  EXPECT_EQ(to_words(reply), "stack_exists");
  EXPECT_EQ(std::get<core::Refused>(*reply).stack, found("alpha"));
  EXPECT_EQ(found("alpha")->repo_name, repo_);
}

TEST_F(TableTest, GoesOnCountingTokensWhenARemovedNameComesBack) {
  EXPECT_EQ(create("alpha", false), "done 1");
  EXPECT_EQ(apply("alpha", core::SeedRelease{}), "done 1");
  EXPECT_EQ(apply("alpha", core::Remove{}), "done 1");
  EXPECT_EQ(create("alpha"), "done 1");
  EXPECT_EQ(apply("alpha", core::SeedClaim{}), "done 2");
  EXPECT_EQ(apply("alpha", core::SeedRelease{}), "done 2");
  EXPECT_EQ(apply("alpha", core::Remove{}), "done 2");
  EXPECT_EQ(create("alpha", false), "done 3");
}

TEST_F(TableTest, ChangesAllOrNothingByTheFirstRefusal) {
  add("a");
  const auto change = [&](std::vector<core::Command> commands) {
    return to_words(lender_->change(store_, StackName{"a"}, commands, now_, woken_));
  };
  EXPECT_EQ(change({core::Describe{.note = "n"}, core::Disable{"broken"}}), "disabled");
  EXPECT_EQ(found("a")->note, "n");
  EXPECT_EQ(history("a"), "created described disabled");
  EXPECT_EQ(change({core::Describe{.note = "m"}, core::AdminRelease{7}}), "fencing_token_moved");
  EXPECT_EQ(found("a")->note, "n");
  const auto unchanged = found("a");
  EXPECT_EQ(change({core::Describe{.note = "n"}}), "disabled");
  EXPECT_EQ(found("a"), unchanged);
  EXPECT_EQ(change({core::Enable{}, core::Describe{.note = "o"}}), "available");
}

TEST_F(TableTest, ReturnsTheStackAsItIsSaved) {
  add("a");
  const core::Command command = core::Describe{.note = "n"};
  const auto changed = lender_->change(store_, StackName{"a"}, {&command, 1}, now_, woken_);
  EXPECT_EQ(std::get<Stack>(*changed), found("a"));
}

// --- the seed's API beside v1

TEST_F(TableTest, ASeedClaimBypassesTheQueueAndCountsExpiredClaimsAndHoldsAsFree) {
  add_all({"a", "b"});
  const Stack expired = granted("r1", {.stack_name = StackName{"a"}, .lease = 20s});
  const Stack held = granted("r2", {.stack_name = StackName{"b"}});
  EXPECT_EQ(release(held, 20s), "held");
  wait_for("r3");
  now_ += 20s - 1us;
  EXPECT_EQ(apply("a", core::SeedClaim{}), "stack_unavailable");
  EXPECT_EQ(apply("b", core::SeedClaim{}), "stack_unavailable");
  now_ += 1us;
  EXPECT_EQ(apply("a", core::SeedClaim{}), "done 2");
  EXPECT_EQ(apply("b", core::SeedClaim{}), "done 2");
  EXPECT_EQ(woken(), "");
  EXPECT_EQ(extend(expired), "lost expired");
  EXPECT_EQ(history("a"), "created claimed expired claimed");
}

TEST_F(TableTest, ASeedClaimIsNotAvailableToV1AndHasNoHolder) {
  add("a");
  EXPECT_EQ(apply("a", core::SeedClaim{}), "done 1");
  EXPECT_EQ(claim("r1"), "none_available");
  EXPECT_EQ(found("a")->claim, std::nullopt);
}

TEST_F(TableTest, ALateSeedReleaseCannotFreeAV1Claim) {
  add("a");
  EXPECT_EQ(apply("a", core::SeedClaim{}), "done 1");
  now_ += 3h;
  EXPECT_EQ(sweep({}).released, 1);
  const Stack stack = granted("r1");
  EXPECT_EQ(apply("a", core::SeedRelease{}), "nothing_to_end");
  EXPECT_EQ(extend(stack), "claimed");
  EXPECT_EQ(release(stack), "released");
  EXPECT_EQ(apply("a", core::Disable{"broken"}), "done 2");
  EXPECT_EQ(apply("a", core::SeedRelease{}), "nothing_to_end");
}

TEST_F(TableTest, ASeedReleaseEndsAV1ClaimWhereTheSettingSaysSo) {
  rules_.seed_release_ends_claims = true;
  restart();
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(apply("a", core::SeedRelease{}), "done 1");
  EXPECT_EQ(extend(stack), "lost seed_released");
}

TEST_F(TableTest, ASeedReleaseEndsAHold) {
  add("a");
  EXPECT_EQ(release(granted("r1"), 60s), "held");
  EXPECT_EQ(apply("a", core::SeedRelease{}), "done 1");
  EXPECT_EQ(state("a"), State::available);
}

TEST_F(TableTest, ASeedReleaseOfAClaimThatIsOverFindsNothingToEnd) {
  add("a");
  const Stack stack = granted("r1", {.lease = 20s});
  now_ += 20s;
  EXPECT_EQ(apply("a", core::SeedRelease{}), "nothing_to_end");
  EXPECT_EQ(state("a"), State::available);
}

TEST_F(TableTest, ReportsAStoreThatFailsAndNotARefusal) {
  add("alpha");
  for (std::atomic<int>* fault : {&faulty_.finds_to_fail, &faulty_.saves_to_fail}) {
    *fault = 1;
    const auto reply = lender_->apply(store_, StackName{"alpha"}, core::SeedClaim{}, now_, woken_);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::store_unavailable);
  }
  EXPECT_EQ(state("alpha"), State::available);
}

TEST_F(TableTest, PassesOnThatTheOutcomeOfASaveIsUnknown) {
  add("alpha");
  faulty_.saves_to_lose = 1;
  const auto reply = lender_->apply(faulty_, StackName{"alpha"}, core::SeedClaim{}, now_, woken_);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::outcome_unknown);
  EXPECT_EQ(state("alpha"), State::claimed);
}

// --- the sweep

TEST_F(TableTest, SweepsWhatIsOlderThanTheExpiryAndNothingElse) {
  put("a", State::claimed, noon - 2h - 1us);
  put("b", State::claimed, noon - 2h);
  put("c", State::held, noon - 24h);
  put("d", State::disabled, noon - 24h);
  put("e", State::available, noon - 24h);
  put("f", State::claimed, noon - 24h, 9);
  put("g", State::claimed, noon + 24h);
  const SweepCounts counts = sweep({});
  EXPECT_EQ(counts.released, 2);
  EXPECT_EQ(counts.removed, 0);
  EXPECT_EQ(state("a"), State::available);
  EXPECT_EQ(found("a")->last_used, noon);
  EXPECT_EQ(state("b"), State::claimed);
  EXPECT_EQ(found("e")->last_used, noon - 24h);
  EXPECT_EQ(found("f")->fencing_token, 9);
  EXPECT_EQ(state("g"), State::claimed);
  EXPECT_EQ(sweep({}).released, 0);
}

TEST_F(TableTest, SweepsLeasesAndHoldsThatAreOver) {
  add_all({"a", "b", "c", "d"});
  granted("r1", {.lease = 60s});
  granted("r2", {.lease = 61s});
  EXPECT_EQ(release(granted("r3"), 60s), "held");
  EXPECT_EQ(release(granted("r4"), 61s), "held");
  now_ += 60s - 1us;
  SweepCounts counts = sweep({});
  EXPECT_EQ(counts.expired + counts.holds_ended, 0);
  now_ += 1us;
  counts = sweep({});
  EXPECT_EQ(counts.expired, 1);
  EXPECT_EQ(counts.holds_ended, 1);
  EXPECT_EQ(counts.released, 0);
}

TEST_F(TableTest, SweepsForThoseWhoWait) {
  EXPECT_EQ(create("a", false), "done 1");
  wait_for("r1");
  now_ += 20s;
  EXPECT_EQ(sweep({.expiry = 19s, .remove_unused_for = {}}).released, 1);
  EXPECT_EQ(woken(), "r1: a");
}

TEST_F(TableTest, SweepsAWholeTableOfManySlices) {
  std::vector<Stack> records(1000, Stack{.repo_name = repo_, .state = State::claimed});
  for (int i = 0; i < 1000; ++i) {
    records[static_cast<std::size_t>(i)].stack_name = StackName{std::to_string(i)};
    records[static_cast<std::size_t>(i)].last_used = noon - 3h;
  }
  EXPECT_EQ(import(records, false), "1000 created, 0 replaced");
  EXPECT_EQ(sweep({}, 7).released, 1000);
  EXPECT_EQ(table_.reader->list({.state = State::claimed})->items.size(), 0u);
}

TEST_F(TableTest, RemovesUnusedStacksOnlyWhenToldToAndNeverOneInUse) {
  put("a", State::available, noon - 24h - 1us, 5);
  put("b", State::available, noon - 24h);
  put("c", State::disabled, noon - 240h);
  put("d", State::held, noon - 240h);
  put("e", State::claimed, noon - 240h);  // released by the same sweep, and so used just now
  EXPECT_EQ(sweep({.expiry = 1000h, .remove_unused_for = std::nullopt}).removed, 0);
  const SweepCounts counts = sweep({.expiry = 2h, .remove_unused_for = 24h});
  EXPECT_EQ(counts.released, 1);
  EXPECT_EQ(counts.removed, 1);
  EXPECT_EQ(counts.removed_names, std::vector{StackName{"a"}});
  EXPECT_EQ(table_.reader->retired_token(StackName{"a"}), 5);
  EXPECT_EQ(table_.reader->list({})->items.size(), 4u);
}

// The original's defect S2: its sweep releases what it saw in its list, even if that was released
// and claimed again in between.
TEST_F(TableTest, LooksAgainBeforeItEndsAClaimThatItSawInAList) {
  class ClaimedAgainMeanwhile final : public fakes::StoreDecorator {
   public:
    ClaimedAgainMeanwhile(Store& inner, Lender& lender, Instant now)
        : StoreDecorator(inner), lender_(lender), now_(now) {}
    Result<StackPage> list(const StackQuery& query) override {
      auto page = StoreDecorator::list(query);
      for (const core::Command& command :
           {core::Command{core::SeedRelease{}}, core::Command{core::SeedClaim{}}})
        EXPECT_TRUE(lender_.apply(inner_, StackName{"alpha"}, command, now_, woken_));
      return page;
    }

   private:
    Lender& lender_;
    Instant now_;
    Woken woken_;
  };
  put("alpha", State::claimed, noon - 24h);
  ClaimedAgainMeanwhile store{*table_.store, *lender_, now_};
  const auto slice = lender_->sweep_slice(store, {}, std::nullopt, 10, now_, woken_);
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice->counts.released, 0);
  EXPECT_EQ(state("alpha"), State::claimed);
  EXPECT_EQ(found("alpha")->fencing_token, 1);
}

TEST_F(TableTest, ReportsASweepThatFails) {
  put("alpha", State::claimed, noon - 24h);
  for (std::atomic<int>* fault :
       {&faulty_.lists_to_fail, &faulty_.finds_to_fail, &faulty_.saves_to_fail}) {
    *fault = 1;
    const auto slice = lender_->sweep_slice(store_, {}, std::nullopt, 10, now_, woken_);
    ASSERT_FALSE(slice);
    EXPECT_EQ(slice.error().code, Errc::store_unavailable);
  }
}

// --- imports

TEST_F(TableTest, ImportsNewStacks) {
  EXPECT_EQ(import({}, false), "0 created, 0 replaced");
  EXPECT_EQ(import({record("a", 3), record("b")}, false), "2 created, 0 replaced");
  Stack expected = record("a", 3);
  expected.version = 1;
  EXPECT_EQ(found("a"), expected);
  EXPECT_EQ(history("a"), "imported");
}

TEST_F(TableTest, ImportsNothingIfANameExistsUnlessItMayReplace) {
  put("b", State::available, noon - 1h, 9);
  put("c", State::available, noon - 1h);
  const std::vector<Stack> records = {record("a"), record("b", 4), record("c", 4)};
  EXPECT_EQ(import(records, false), "exist: b c");
  EXPECT_EQ(found("a"), std::nullopt);
  EXPECT_EQ(import(records, true), "1 created, 2 replaced");
  EXPECT_EQ(found("b")->repo_name, RepoName{"imported"});
  EXPECT_EQ(found("b")->fencing_token, 9);
  EXPECT_EQ(found("c")->fencing_token, 4);
}

TEST_F(TableTest, ImportsOverAStackInUseWithoutTakingIt) {
  add("a");
  const Stack stack = granted("r1");
  EXPECT_EQ(import({record("a", 8)}, true), "0 created, 1 replaced");
  EXPECT_EQ(state("a"), State::claimed);
  EXPECT_EQ(found("a")->repo_name, repo_);
  EXPECT_EQ(found("a")->fencing_token, 8);
  EXPECT_EQ(extend(stack), "claimed");
}

TEST_F(TableTest, ImportsOverAClaimThatIsOver) {
  add("a");
  granted("r1", {.lease = 60s});
  now_ += 60s;
  EXPECT_EQ(import({record("a")}, true), "0 created, 1 replaced");
  EXPECT_EQ(found("a")->repo_name, RepoName{"imported"});
  EXPECT_EQ(found("a")->fencing_token, 1);
}

TEST_F(TableTest, ImportsNoSmallerTokenThanARemovedNameHad) {
  put("alpha", State::available, noon, 30);
  EXPECT_EQ(apply("alpha", core::Remove{}), "done 30");
  EXPECT_EQ(import({record("alpha", 4)}, false), "1 created, 0 replaced");
  EXPECT_EQ(found("alpha")->fencing_token, 30);
}

TEST_F(TableTest, TakesTheLastOfANameThatIsImportedTwiceIfItMayReplace) {
  Stack last = record("a", 4);
  last.repo_name = RepoName{"last"};
  EXPECT_EQ(import({record("a", 6), last}, false), "exist: a");
  EXPECT_EQ(found("a"), std::nullopt);
  EXPECT_EQ(import({record("a", 6), last}, true), "1 created, 0 replaced");
  EXPECT_EQ(found("a")->repo_name, RepoName{"last"});
  EXPECT_EQ(found("a")->fencing_token, 6);
  EXPECT_EQ(found("a")->version, 1);
}

TEST_F(TableTest, ReportsAnImportThatFails) {
  for (std::atomic<int>* fault : {&faulty_.finds_to_fail, &faulty_.saves_to_fail}) {
    *fault = 1;
    EXPECT_TRUE(import({record("b")}, false).starts_with("error: "));
  }
  EXPECT_EQ(found("b"), std::nullopt);
}

// --- history

TEST_F(TableTest, ForgetsEventsByAgeAndCount) {
  const auto forget = [&](const HistoryRules& rules) {
    while (Lender::forget_history(*table_.store, rules, now_, 2).value()) {
    }
    return table_.reader->events({.limit = 100})->items.size();
  };
  for (int i = 0; i < 10; ++i) put(std::to_string(i), State::available, noon);
  const HistoryRules rules{.age = 90 * 86400s, .events_kept = 6, .events_most = 8};
  now_ += 7 * 24h;
  EXPECT_EQ(forget(rules), 8u);  // none is older than the ends of claims are needed
  now_ += 1us;
  EXPECT_EQ(forget(rules), 6u);
  now_ = noon + 90 * 24h;
  EXPECT_EQ(forget(rules), 6u);
  now_ += 1us;
  EXPECT_EQ(forget(rules), 0u);
  history_is_whole_ = false;
}

TEST_F(TableTest, KeepsTheEndsOfClaimsForSevenDaysWhateverTheAge) {
  put("a", State::available, noon);
  now_ += 7 * 24h;
  ASSERT_TRUE(Lender::forget_history(*table_.store, {.age = 1s}, now_, 10));
  EXPECT_EQ(history("a"), "imported");
  now_ += 1us;
  ASSERT_TRUE(Lender::forget_history(*table_.store, {.age = 1s}, now_, 10));
  EXPECT_EQ(history("a"), "");
  history_is_whole_ = false;
}

}  // namespace
}  // namespace bddlock::service
