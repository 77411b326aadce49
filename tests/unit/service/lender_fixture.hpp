// A Lender on a table in memory where every change loses its first race (ConflictOnceStore), so
// that each test goes through the retries; after each test the whole table is looked at
// (model/invariants.hpp).
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "fakes/conflict_once_store.hpp"
#include "fakes/faulty_store.hpp"
#include "model/invariants.hpp"
#include "service/ended_claims.hpp"
#include "service/lender.hpp"
#include "stores/memory/memory_store.hpp"
#include "unit/service/answer_words.hpp"

namespace bddlock::service {

using namespace std::chrono_literals;
using core::Errc;
using core::Instant;
using core::RepoName;
using core::RequestId;
using core::Result;
using core::Stack;
using core::StackName;
using core::State;
using core::Wish;

inline constexpr Instant noon = std::chrono::sys_days{2020y / 1 / 6} + 12h;

class LenderTest : public testing::Test {
 protected:
  void TearDown() override {
    if (HasFailure() || !history_is_whole_) return;
    for (int i = 0; i < 2; ++i) (void)tick();  // the first loses its race
    model::HistoryWalk walk;
    model::Invariants invariants{*table_.reader, walk, now_, is_open()};
    for (const std::string& sentence : invariants.broken()) ADD_FAILURE() << sentence;
  }

  Lender::IsOpen is_open() {
    return [this](const RequestKey& key) { return open_.contains(key.request_id.text()); };
  }
  std::unique_ptr<Lender> make_lender() {
    return std::make_unique<Lender>(rules_, [this] { return random_(); }, is_open());
  }
  void restart() { lender_ = make_lender(); }

  // Stacks of the repo "repo".
  void add(const std::string& name, core::StringMap labels = {}) {
    const core::NewStack wanted{
        .stack_name = StackName{name}, .repo_name = repo_, .available = true, .labels = labels};
    ASSERT_EQ(to_words(lender_->create(store_, wanted, now_, woken_)), "done 0") << name;
  }
  void add_all(const std::vector<std::string>& names) {
    for (const std::string& name : names) add(name);
  }

  static RequestKey key(const std::string& id) { return {RepoName{"repo"}, RequestId{id}}; }

  Result<ClaimAnswer> call(const std::string& id, const Wish& wish = {}, core::seconds wait = 0s) {
    return lender_->claim(store_, {key(id), wish, wait}, now_, woken_);
  }
  std::string claim(const std::string& id, const Wish& wish = {}, core::seconds wait = 0s) {
    return to_words(call(id, wish, wait));
  }
  // A long poll that goes on until hang_up().
  std::string wait_for(const std::string& id, const Wish& wish = {}) {
    open_.insert(id);
    return claim(id, wish, 50s);
  }
  void hang_up(const std::string& id) {
    open_.erase(id);
    ASSERT_TRUE(lender_->call_ended(store_, key(id), std::nullopt, now_));
  }
  // The only claim of a request that is granted at once.
  Stack granted(const std::string& id, const Wish& wish = {}) {
    const auto answer = call(id, wish);
    const auto* granted = answer ? std::get_if<Granted>(&*answer) : nullptr;
    EXPECT_NE(granted, nullptr) << to_words(answer);
    return granted != nullptr && !granted->stacks.empty() ? granted->stacks.front() : Stack{};
  }
  static core::ClaimRef ref(const Stack& stack) { return {stack.claim->key, stack.stack_name}; }

  std::string extend(const Stack& stack, std::optional<core::seconds> lease = {}) {
    const auto answer = lender_->extend(store_, ref(stack), lease, now_, woken_);
    if (answer && std::holds_alternative<ClaimOver>(*answer))
      return to_words(what_became_of(*table_.reader, ref(stack), now_));
    return to_words(answer);
  }
  Result<Released> release_with(const Stack& stack, core::Release release) {
    release.key = stack.claim->key;
    auto answer = lender_->release(store_, stack.stack_name, release, now_, woken_);
    if (!answer) return std::unexpected(answer.error());
    if (auto* released = std::get_if<ReleaseAnswer>(&*answer)) return *released;
    return first_answer(*table_.reader, ref(stack), release.keep, now_);
  }
  std::string release(const Stack& stack, core::seconds keep = 0s) {
    return to_words(release_with(stack, {.key = {}, .keep = keep}));
  }
  std::string apply(const std::string& name, const core::Command& command) {
    return to_words(lender_->apply(store_, StackName{name}, command, now_, woken_));
  }
  std::string withdraw(const std::string& id) {
    return to_words(lender_->withdraw(store_, key(id), now_, woken_));
  }
  bool tick() {
    const auto more = lender_->tick(store_, now_, 100, woken_);
    EXPECT_TRUE(more) << more.error().detail;
    return more.value_or(false);
  }
  void tidy() {
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(lender_->tidy(store_, now_, 100));
  }

  std::optional<Stack> found(const std::string& name) {
    return table_.reader->find(StackName{name}).value_or(std::nullopt);
  }
  State state(const std::string& name) { return found(name).value_or(Stack{}).state; }
  std::optional<core::Request> request(const std::string& id) {
    return table_.reader->find_request(RepoName{"repo"}, RequestId{id}).value_or(std::nullopt);
  }
  // The ids of those that wait, in order.
  std::string line() {
    std::string ids;
    const auto waiting = table_.reader->waiting(repo_, std::nullopt, 1000).value();
    for (const core::Request& waits : waiting)
      ids += (ids.empty() ? "" : " ") + waits.request_id.text();
    return ids;
  }
  std::int64_t position(const std::string& id) {
    const auto place = lender_->place(*table_.reader, key(id), now_).value();
    return place ? place->position : 0;
  }
  // Whom the jobs so far woke, in order, and forgets it.
  std::string woken() {
    std::string words;
    const Woken told = std::exchange(woken_, {});
    for (const Granted& granted : told)
      words += (words.empty() ? "" : ", ") + granted.key.request_id.text() + ": " +
               to_words(granted).substr(8);
    return words;
  }
  // The kinds of a stack's events, the oldest first.
  std::string history(const std::string& name) {
    std::string words;
    const auto page = table_.reader->events({.stack_name = StackName{name}, .limit = 1000}).value();
    for (const core::Event& event : page.items)
      words = std::string{core::to_text(event.kind)} + (words.empty() ? "" : " ") + words;
    return words;
  }

  const RepoName repo_{"repo"};
  stores::MemoryTable table_ = stores::make_memory_table();
  fakes::FaultyStore faulty_{*table_.store};
  fakes::ConflictOnceStore store_{faulty_};
  std::mt19937_64 random_{1};
  std::set<std::string> open_;  // the requests with an open call
  ClaimRules rules_;
  bool history_is_whole_ = true;  // false: events were forgotten
  std::unique_ptr<Lender> lender_ = make_lender();
  Instant now_ = noon;
  Woken woken_;
};

}  // namespace bddlock::service
