// Every change in here loses its first race (ConflictOnceStore), so that each test goes through the
// retries.
#include "service/lending.hpp"

#include <gtest/gtest.h>

#include "fakes/conflict_once_store.hpp"
#include "fakes/faulty_store.hpp"
#include "stores/memory/memory_store.hpp"

namespace bddlock::service {
namespace {

using namespace std::chrono_literals;
using core::Command;
using core::Errc;
using core::Instant;
using core::Refusal;
using core::Reply;
using core::RepoName;
using core::Result;
using core::Stack;
using core::StackName;
using core::State;

constexpr Instant noon = std::chrono::sys_days{2020y / 1 / 6} + 12h;
const StackName alpha{"alpha"};
const RepoName repo{"repo"};

// "done 3" or why not, for short comparisons.
std::string in_words(const Result<Reply>& reply) {
  if (!reply) return "error: " + reply.error().detail;
  if (const auto* done = std::get_if<core::Done>(&*reply))
    return "done " + std::to_string(done->fencing_token);
  switch (std::get<core::Refused>(*reply).why) {
    case Refusal::stack_unknown:
      return "stack_unknown";
    case Refusal::stack_exists:
      return "stack_exists";
    case Refusal::stack_unavailable:
      return "stack_unavailable";
    case Refusal::stack_in_use:
      return "stack_in_use";
    case Refusal::nothing_to_end:
      return "nothing_to_end";
  }
  return "";
}

class LendingTest : public testing::Test {
 protected:
  Result<Reply> create_stack(const StackName& name, bool available = true, Instant now = noon) {
    return create(store_, {name, repo, available}, now);
  }
  Result<Reply> run(const Command& command, Instant now = noon) {
    return apply(store_, alpha, command, now);
  }

  std::optional<Stack> found(const StackName& name = alpha) {
    return table_.reader->find(name).value_or(std::nullopt);
  }

  // Puts a record into the table as it stands.
  void put(const std::string& name, State state, Instant last_used, core::FencingToken token = 0) {
    const Change change{.next = {.stack_name = StackName{name},
                                 .repo_name = repo,
                                 .state = state,
                                 .last_used = last_used,
                                 .fencing_token = token}};
    ASSERT_EQ(table_.store->save({&change, 1}), Saved::yes);
  }

  // A whole sweep in slices of `limit`.
  SweepCounts sweep(const SweepRules& rules, Instant now, std::size_t limit = 2) {
    SweepCounts counts;
    std::optional<StackName> after;
    do {
      const auto slice = sweep_slice(store_, rules, after, limit, now);
      EXPECT_TRUE(slice) << slice.error().detail;
      if (!slice) break;
      counts.released += slice->counts.released;
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

  stores::MemoryTable table_ = stores::make_memory_table();
  fakes::FaultyStore faulty_{*table_.store};
  fakes::ConflictOnceStore store_{faulty_};
};

TEST_F(LendingTest, CreatesClaimsReleasesAndRemovesAStack) {
  EXPECT_EQ(in_words(create_stack(alpha)), "done 0");
  EXPECT_EQ(in_words(run(core::SeedClaim{}, noon + 1s)), "done 1");
  EXPECT_EQ(found()->state, State::claimed);
  EXPECT_EQ(found()->last_used, noon + 1s);
  EXPECT_EQ(in_words(run(core::SeedClaim{})), "stack_unavailable");
  EXPECT_EQ(in_words(run(core::Remove{})), "stack_in_use");
  EXPECT_EQ(in_words(run(core::SeedRelease{}, noon + 2s)), "done 1");
  EXPECT_EQ(in_words(run(core::SeedRelease{}, noon + 3s)), "nothing_to_end");
  EXPECT_EQ(found()->last_used, noon + 2s);
  EXPECT_EQ(in_words(run(core::SeedClaim{})), "done 2");
  EXPECT_EQ(in_words(run(core::SeedRelease{})), "done 2");
  EXPECT_EQ(in_words(run(core::Remove{})), "done 2");
  EXPECT_EQ(found(), std::nullopt);
  EXPECT_EQ(store_.conflicts, 6);
}

TEST_F(LendingTest, DoesNotKnowAStackThatIsNotInTheTable) {
  for (const Command& command : {Command{core::SeedClaim{}}, Command{core::SeedRelease{}},
                                 Command{core::Remove{}}, Command{core::SweepUnused{0s}}})
    EXPECT_EQ(in_words(run(command)), "stack_unknown");
}

TEST_F(LendingTest, RefusesToCreateANameThatExistsAndShowsWhatIsThere) {
  ASSERT_TRUE(create_stack(alpha, false));
  const auto reply = create(store_, {alpha, RepoName{"other"}, true}, noon + 1s);
  EXPECT_EQ(in_words(reply), "stack_exists");
  EXPECT_EQ(std::get<core::Refused>(*reply).stack, found());
  EXPECT_EQ(found()->repo_name, repo);
}

TEST_F(LendingTest, GoesOnCountingTokensWhenARemovedNameComesBack) {
  ASSERT_EQ(in_words(create_stack(alpha, false)), "done 1");
  ASSERT_TRUE(run(core::SeedRelease{}));
  ASSERT_EQ(in_words(run(core::Remove{})), "done 1");
  EXPECT_EQ(in_words(create_stack(alpha)), "done 1");
  EXPECT_EQ(in_words(run(core::SeedClaim{})), "done 2");
  ASSERT_TRUE(run(core::SeedRelease{}));
  ASSERT_TRUE(run(core::Remove{}));
  EXPECT_EQ(in_words(create_stack(alpha, false)), "done 3");
}

TEST_F(LendingTest, GivesUpOnARecordThatKeepsChanging) {
  class NeverAsExpected final : public fakes::StoreDecorator {
   public:
    using StoreDecorator::StoreDecorator;
    Result<Saved> save(std::span<const Change>) override {
      ++tries;
      return Saved::version_moved;
    }
    int tries = 0;
  };
  ASSERT_TRUE(create_stack(alpha));
  NeverAsExpected store{*table_.store};
  const auto reply = apply(store, alpha, core::SeedClaim{}, noon);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::store_unavailable);
  EXPECT_EQ(store.tries, tries_max);
}

TEST_F(LendingTest, ReportsAStoreThatFailsAndNotARefusal) {
  ASSERT_TRUE(create_stack(alpha));
  for (std::atomic<int>* fault : {&faulty_.finds_to_fail, &faulty_.saves_to_fail}) {
    *fault = 1;
    const auto reply = run(core::SeedClaim{});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, Errc::store_unavailable);
  }
  EXPECT_EQ(found()->state, State::available);
}

TEST_F(LendingTest, PassesOnThatTheOutcomeOfASaveIsUnknown) {
  put("alpha", State::available, noon);
  faulty_.saves_to_lose = 1;
  const auto reply = apply(faulty_, alpha, core::SeedClaim{}, noon);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::outcome_unknown);
  EXPECT_EQ(found()->state, State::claimed);
}

TEST_F(LendingTest, SweepsWhatIsOlderThanTheExpiryAndNothingElse) {
  put("a", State::claimed, noon - 2h - 1us);
  put("b", State::claimed, noon - 2h);
  put("c", State::held, noon - 24h);
  put("d", State::disabled, noon - 24h);
  put("e", State::available, noon - 24h);
  put("f", State::claimed, noon - 24h, 9);
  put("g", State::claimed, noon + 24h);
  const SweepCounts counts = sweep({}, noon);
  EXPECT_EQ(counts.released, 2);
  EXPECT_EQ(counts.removed, 0);
  EXPECT_EQ(found(StackName{"a"})->state, State::available);
  EXPECT_EQ(found(StackName{"a"})->last_used, noon);
  EXPECT_EQ(found(StackName{"b"})->state, State::claimed);
  EXPECT_EQ(found(StackName{"e"})->last_used, noon - 24h);
  EXPECT_EQ(found(StackName{"f"})->fencing_token, 9);
  EXPECT_EQ(found(StackName{"g"})->state, State::claimed);
  EXPECT_EQ(sweep({}, noon).released, 0);
}

TEST_F(LendingTest, SweepsAWholeTableOfManySlices) {
  for (int i = 0; i < 1000; ++i) put(std::to_string(i), State::claimed, noon - 3h);
  EXPECT_EQ(sweep({}, noon, 7).released, 1000);
  EXPECT_EQ(table_.reader->list({.state = State::claimed})->items.size(), 0u);
}

TEST_F(LendingTest, RemovesUnusedStacksOnlyWhenToldToAndNeverOneInUse) {
  put("a", State::available, noon - 24h - 1us, 5);
  put("b", State::available, noon - 24h);
  put("c", State::disabled, noon - 240h);
  put("d", State::held, noon - 240h);
  put("e", State::claimed, noon - 240h);  // released by the same sweep, and so used just now
  EXPECT_EQ(sweep({.expiry = 1000h, .remove_unused_for = std::nullopt}, noon).removed, 0);
  const SweepCounts counts = sweep({.expiry = 2h, .remove_unused_for = 24h}, noon);
  EXPECT_EQ(counts.released, 1);
  EXPECT_EQ(counts.removed, 1);
  EXPECT_EQ(counts.removed_names, std::vector{StackName{"a"}});
  EXPECT_EQ(table_.reader->retired_token(StackName{"a"}), 5);
  EXPECT_EQ(table_.reader->list({})->items.size(), 4u);
}

// The original's defect S2: its sweep releases what it saw in its list, even if that was released
// and claimed again in between.
TEST_F(LendingTest, LooksAgainBeforeItEndsAClaimThatItSawInAList) {
  class ClaimedAgainMeanwhile final : public fakes::StoreDecorator {
   public:
    using StoreDecorator::StoreDecorator;
    Result<StackPage> list(const StackQuery& query) override {
      auto page = StoreDecorator::list(query);
      EXPECT_EQ(in_words(service::apply(inner_, alpha, core::SeedRelease{}, noon)), "done 0");
      EXPECT_EQ(in_words(service::apply(inner_, alpha, core::SeedClaim{}, noon)), "done 1");
      return page;
    }
  };
  put("alpha", State::claimed, noon - 24h);
  ClaimedAgainMeanwhile store{*table_.store};
  const auto slice = sweep_slice(store, {}, std::nullopt, 10, noon);
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice->counts.released, 0);
  EXPECT_EQ(found()->state, State::claimed);
  EXPECT_EQ(found()->fencing_token, 1);
}

TEST_F(LendingTest, ReportsASweepThatFails) {
  put("alpha", State::claimed, noon - 24h);
  for (std::atomic<int>* fault :
       {&faulty_.lists_to_fail, &faulty_.finds_to_fail, &faulty_.saves_to_fail}) {
    *fault = 1;
    const auto slice = sweep_slice(store_, {}, std::nullopt, 10, noon);
    ASSERT_FALSE(slice);
    EXPECT_EQ(slice.error().code, Errc::store_unavailable);
  }
}

std::string in_words(const Result<std::variant<Imported, NamesExist>>& answer) {
  if (!answer) return "error: " + answer.error().detail;
  if (const auto* imported = std::get_if<Imported>(&*answer))
    return std::to_string(imported->created) + " created, " + std::to_string(imported->replaced) +
           " replaced";
  std::string text = "exist:";
  for (const StackName& name : std::get<NamesExist>(*answer).names) text += " " + name.text();
  return text;
}

TEST_F(LendingTest, ImportsNewStacks) {
  EXPECT_EQ(in_words(import_slice(store_, {}, false)), "0 created, 0 replaced");
  EXPECT_EQ(in_words(import_slice(store_, {record("a", 3), record("b")}, false)),
            "2 created, 0 replaced");
  Stack expected = record("a", 3);
  expected.version = 1;
  EXPECT_EQ(found(StackName{"a"}), expected);
}

TEST_F(LendingTest, ImportsNothingIfANameExistsUnlessItMayReplace) {
  put("b", State::available, noon - 1h, 9);
  put("c", State::available, noon - 1h);
  const std::vector<Stack> records = {record("a"), record("b", 4), record("c", 4)};
  EXPECT_EQ(in_words(import_slice(store_, records, false)), "exist: b c");
  EXPECT_EQ(found(StackName{"a"}), std::nullopt);
  EXPECT_EQ(in_words(import_slice(store_, records, true)), "1 created, 2 replaced");
  EXPECT_EQ(found(StackName{"b"})->repo_name, RepoName{"imported"});
  EXPECT_EQ(found(StackName{"b"})->fencing_token, 9);
  EXPECT_EQ(found(StackName{"c"})->fencing_token, 4);
}

TEST_F(LendingTest, ImportsOverAStackInUseWithoutTakingIt) {
  put("a", State::claimed, noon - 1h, 2);
  EXPECT_EQ(in_words(import_slice(store_, {record("a", 8)}, true)), "0 created, 1 replaced");
  const auto stack = found(StackName{"a"});
  EXPECT_EQ(stack->state, State::claimed);
  EXPECT_EQ(stack->repo_name, repo);
  EXPECT_EQ(stack->last_used, noon - 1h);
  EXPECT_EQ(stack->fencing_token, 8);
}

TEST_F(LendingTest, ImportsNoSmallerTokenThanARemovedNameHad) {
  put("alpha", State::available, noon, 30);
  ASSERT_TRUE(run(core::Remove{}));
  EXPECT_EQ(in_words(import_slice(store_, {record("alpha", 4)}, false)), "1 created, 0 replaced");
  EXPECT_EQ(found()->fencing_token, 30);
}

TEST_F(LendingTest, TakesTheLastOfANameThatIsImportedTwiceIfItMayReplace) {
  Stack last = record("a", 4);
  last.repo_name = RepoName{"last"};
  EXPECT_EQ(in_words(import_slice(store_, {record("a", 6), last}, false)), "exist: a");
  EXPECT_EQ(found(StackName{"a"}), std::nullopt);
  EXPECT_EQ(in_words(import_slice(store_, {record("a", 6), last}, true)), "1 created, 0 replaced");
  EXPECT_EQ(found(StackName{"a"})->repo_name, RepoName{"last"});
  EXPECT_EQ(found(StackName{"a"})->fencing_token, 6);
  EXPECT_EQ(found(StackName{"a"})->version, 1);
}

TEST_F(LendingTest, ReportsAnImportThatFails) {
  for (std::atomic<int>* fault : {&faulty_.finds_to_fail, &faulty_.saves_to_fail}) {
    *fault = 1;
    EXPECT_TRUE(in_words(import_slice(store_, {record("b")}, false)).starts_with("error: "));
  }
  EXPECT_EQ(found(StackName{"b"}), std::nullopt);
}

}  // namespace
}  // namespace bddlock::service
