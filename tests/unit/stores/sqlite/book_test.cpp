// The writer's memory of stacks and repos: it must never differ from what the tables hold.
#include <random>

#include "stores/sqlite/database.hpp"
#include "unit/stores/sqlite/table_steps.hpp"

namespace bddlock::tests {
namespace {

using core::RepoName;
using core::StackName;
using core::State;
using stores::sqlite::Access;
using stores::sqlite::Database;

class Books : public testing::Test {
 protected:
  std::string any_name() { return "stack-" + std::to_string(random_() % 30); }
  RepoName any_repo() { return RepoName("repo-" + std::to_string(random_() % 3)); }
  core::Instant any_time() { return core::Instant(core::microseconds(random_() % 100)); }

  void change_something() {
    const std::string name = any_name();
    const auto present = table_.store->find(StackName(name));
    ASSERT_TRUE(present);
    service::StackChange change = new_stack(name);
    if (*present) change = {.next = **present, .expected = (*present)->version};
    change.remove = *present && random_() % 5 == 0;
    if (!*present || random_() % 4 == 0) change.next.repo_name = any_repo();
    change.next.state = static_cast<State>(1 + random_() % 4);
    change.next.last_used = any_time();
    change.next.claim.reset();
    if (random_() % 2 == 0) change.next.claim = core::Claim{.expires_at = any_time()};
    if (random_() % 10 == 0) ++change.expected;  // refused
    service::Changes changes{.stacks = {change}};
    if (random_() % 2 == 0)
      changes.events.push_back(
          {.stack_name = change.next.stack_name, .repo_name = change.next.repo_name});
    if (random_() % 4 == 0)
      changes.events.push_back({.stack_name = StackName(any_name()), .repo_name = any_repo()});
    ASSERT_TRUE(table_.store->save(changes));
    if (random_() % 3 == 0) {
      ASSERT_TRUE(table_.store->due(any_time(), 1));
    }
    if (random_() % 6 == 0) expect_a_list_of_what_is_found();
  }

  // A list looks at the table; what the batch has changed is there by then.
  void expect_a_list_of_what_is_found() {
    const auto page = table_.store->list({});
    ASSERT_TRUE(page);
    std::size_t count = 0;
    for (int i = 0; i < 30; ++i) count += has(*table_.store, "stack-" + std::to_string(i)) ? 1 : 0;
    EXPECT_EQ(page->items.size(), count);
    for (const core::Stack& stack : page->items)
      EXPECT_EQ(stack, found(*table_.store, stack.stack_name.text()));
  }

  void change_some_request() {
    core::Request request{.repo_name = any_repo(), .request_id = core::RequestId(any_name())};
    const auto present = table_.store->find_request(request.repo_name, request.request_id);
    ASSERT_TRUE(present);
    request.state = static_cast<core::RequestState>(1 + random_() % 3);
    request.arrival = ++arrivals_;
    service::RequestChange change{.next = request, .remove = *present && random_() % 2 == 0};
    if (*present) change.expected = (*present)->version;
    ASSERT_TRUE(table_.store->save({.requests = {change}}));
  }

  static std::string in_words(service::StoreReader& from) {
    std::string text;
    for (int i = 0; i < 30; ++i) {
      const auto stack = found(from, "stack-" + std::to_string(i));
      text += stack ? std::to_string(stack->version) + "," : "-,";
      const auto page = from.events({.stack_name = StackName("stack-" + std::to_string(i))});
      for (const core::Event& event : page->items) text += " " + std::to_string(event.id);
    }
    for (int i = 0; i < 3; ++i) {
      const RepoName repo("repo-" + std::to_string(i));
      const auto totals = *from.totals(repo);
      text += "\n" + std::to_string(totals.stacks) + " " + std::to_string(totals.available) + " " +
              std::to_string(totals.held) + ":";
      const auto free = from.available(repo, {}, 99);
      for (const core::Stack& stack : *free) text += " " + stack.stack_name.text();
      const auto waiting = from.waiting(repo, {}, 99);
      for (const core::Request& request : *waiting) text += " " + request.request_id.text();
    }
    for (int at = 0; at < 100; at += 9) {
      const auto due = from.due(core::Instant(core::microseconds(at)), 99);
      text += "\n" + std::to_string(due->size());
    }
    return text;
  }

  // What the tables say of themselves, counted anew.
  std::int64_t miscounted() {
    auto database = Database::open(folder_.file(), Access::read_only);
    return *database->integer(
        "SELECT count(*) FROM (SELECT repo_name, available, claimed, held, disabled FROM repos "
        "WHERE available + claimed + held + disabled > 0 EXCEPT "
        "SELECT repo_name, sum(state = 1), sum(state = 2), sum(state = 3), sum(state = 4) "
        "FROM stacks GROUP BY repo_name)");
  }

  std::mt19937_64 random_{20240229};
  std::int64_t arrivals_ = 0;
  TableFolder folder_;
  stores::SqliteTable table_ = open_or_fail(folder_.file());
};

TEST_F(Books, SayWhatTheTablesHoldAfterEachCommitAndRollback) {
  for (int batch = 0; batch < 300; ++batch) {
    ASSERT_TRUE(table_.store->begin());
    for (auto count = random_() % 12; count > 0; --count) change_something();
    for (auto count = random_() % 2; count > 0; --count) change_some_request();
    if (random_() % 3 == 0) {
      table_.store->rollback();
    } else {
      ASSERT_TRUE(table_.store->commit());
    }
    ASSERT_EQ(in_words(*table_.store), in_words(*table_.reader)) << "batch " << batch;
    ASSERT_EQ(miscounted(), 0) << "batch " << batch;
  }
}

TEST_F(Books, AreGivenUpWhenTheyGrowTooLarge) {
  constexpr int stacks = 10'000;
  ASSERT_TRUE(table_.store->begin());
  for (int i = 0; i < stacks; ++i)
    ASSERT_EQ(save_one(*table_.store, new_stack("stack-" + std::to_string(i))),
              service::Saved::yes);
  ASSERT_TRUE(table_.store->commit());
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(table_.store->begin());
    for (int i = 0; i < stacks; i += 7)
      ASSERT_EQ(found(*table_.store, "stack-" + std::to_string(i))->version, 1);
    EXPECT_EQ(table_.store->available(RepoName("repo"), {}, stacks)->size(), 10'000U);
    ASSERT_TRUE(table_.store->commit());
  }
}

// A row whose bytes are nonsense is an error that says so, not a stack without a claim.
TEST_F(Books, RefuseRowsThatCannotBeRead) {
  auto change = new_stack("a");
  change.next.state = State::claimed;
  change.next.claim = core::Claim{};
  change.next.note = "x";
  service::Changes changes{.stacks = {change}};
  changes.requests.push_back(
      {.next = {.repo_name = RepoName("repo"), .request_id = core::RequestId("r")}});
  changes.events.push_back({.stack_name = StackName("a"), .repo_name = RepoName("repo")});
  ASSERT_EQ(table_.store->save(changes), service::Saved::yes);
  table_ = {};
  const auto damage = [&](const std::string& sql) {
    auto database = Database::open(folder_.file(), Access::read_write);
    ASSERT_TRUE(database->run(sql));
  };
  const auto complains = [](const auto& result) {
    return !result && result.error().code == core::Errc::store_unavailable &&
           result.error().detail.find("damaged") != std::string::npos;
  };
  for (const char* bytes : {"x'00'", "x'02'", "x'04'", "x'0203'", "x'02FFFFFFFFFFFFFFFFFFFFFF'"}) {
    for (const char* column : {"claim", "details"}) {
      damage(
          std::string("UPDATE stacks SET claim = x'020000', details = NULL; UPDATE stacks SET ") +
          column + " = " + bytes);
      const auto table = open_or_fail(folder_.file());
      EXPECT_TRUE(complains(table.reader->find(StackName("a")))) << column << bytes;
      EXPECT_TRUE(complains(table.store->find(StackName("a")))) << column << bytes;
      EXPECT_TRUE(complains(table.reader->list({}))) << column << bytes;
      EXPECT_TRUE(complains(table.reader->due(core::Instant::max(), 9))) << column << bytes;
    }
    damage(std::string("UPDATE requests SET body = ") + bytes);
    damage(std::string("UPDATE events SET body = ") + bytes);
    const auto table = open_or_fail(folder_.file());
    EXPECT_TRUE(complains(table.reader->find_request(RepoName("repo"), core::RequestId("r"))));
    EXPECT_TRUE(complains(table.reader->waiting(RepoName("repo"), {}, 9)));
    EXPECT_TRUE(complains(table.reader->events({})));
    EXPECT_TRUE(complains(table.reader->events({.stack_name = StackName("a")})));
  }
}

}  // namespace
}  // namespace bddlock::tests
