// Seeded comparison of the whole service (lanes, retries, store) with LendingModel: thousands of
// random commands, with the clock jumping both ways, and the store closed and opened again every
// 100 of them. After each command the answers are compared, and every so often the whole table.
//
// A store needs one line, as in memory_model_test.cpp; its Harness is that of
// contract/store_contract.hpp. BDDLOCK_SEED=n repeats a run; a failure prints its seed. The order
// of the commands does not depend on the store, so a seed means the same on each.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>

#include "fakes/await.hpp"
#include "fakes/fake_clock.hpp"
#include "model/lending_model.hpp"
#include "service/service.hpp"

namespace bddlock::model {

using namespace std::chrono_literals;
using core::Reply;
using core::RepoName;
using core::Result;
using core::Stack;
using core::StackName;
using fakes::await;

inline constexpr int commands_default = 20'000;

inline std::uint64_t seed_from_environment() {
  if (const char* text = std::getenv("BDDLOCK_SEED")) return std::strtoull(text, nullptr, 10);
  return std::random_device{}();
}

inline std::string in_words(const Result<Reply>& reply) {
  if (!reply) return "error: " + reply.error().detail;
  if (const auto* done = std::get_if<core::Done>(&*reply))
    return "done " + std::to_string(done->fencing_token);
  switch (std::get<core::Refused>(*reply).why) {
    case core::Refusal::stack_unknown:
      return "stack_unknown";
    case core::Refusal::stack_exists:
      return "stack_exists";
    case core::Refusal::stack_unavailable:
      return "stack_unavailable";
    case core::Refusal::stack_in_use:
      return "stack_in_use";
    case core::Refusal::nothing_to_end:
      return "nothing_to_end";
  }
  return "?";
}

template <class Harness>
class ModelRun {
 public:
  explicit ModelRun(std::uint64_t seed) : random_(seed) { open(); }

  void run(int commands) {
    for (int i = 1; i <= commands && !testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE("command " + std::to_string(i));
      step();
      if (i % 100 == 0) {
        compare_tables();
        reopen();
      }
    }
    compare_tables();
    EXPECT_GT(grants_, 0u);
  }

 private:
  static constexpr core::seconds expiry = 7200s;
  static constexpr core::seconds remove_after = 100h;

  std::int64_t below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>{0, end - 1}(random_);
  }

  // Few names, so that commands meet; some that only differ in case or are not ASCII.
  std::string any_name() {
    static const std::vector<std::string> special = {"Alpha", "alpha", "\xc3\xa4", "a b", "a%2F"};
    const auto i = static_cast<std::size_t>(below(40));
    return i < special.size() ? special[i] : "stack-" + std::to_string(i);
  }
  std::string any_repo() { return "repo-" + std::to_string(below(3)); }

  void move_clock() {
    static constexpr core::microseconds steps[] = {
        0us, 1us, 1s, 1h, expiry, -3600s, -1us, 24h, 1s, 7200s + 1us, 1min, -100h, 1us, 101h};
    clock_.advance(steps[below(std::ssize(steps))]);
  }

  // What the lane takes for the present at the next write: the clock, but it never falls.
  core::Instant write_time() { return now_ = std::max(now_, clock_.now()); }

  void step() {
    if (below(4) == 0) move_clock();
    switch (below(100)) {
      case 0:
      case 1:
      case 2:
        return sweep();
      case 3:
      case 4:
        return import();
      case 5:
      case 6:
      case 7:
      case 8:
        return list();
      default:
        break;
    }
    const std::string name = any_name();
    const auto which = below(10);
    if (which == 0) return remove(name);
    if (which < 3) return create(name, any_repo(), below(3) > 0);
    if (which < 7) return claim(name);
    release(name);
  }

  void create(const std::string& name, const std::string& repo, bool free) {
    const core::Instant now = write_time();
    const auto reply = await<Reply>([&](auto done) {
      service_->create({StackName{name}, RepoName{repo}, free}, std::move(done));
    });
    EXPECT_EQ(in_words(reply), model_.create(name, repo, free, now)) << "create " << name;
    if (!free) note_grant(name, reply);
  }

  void claim(const std::string& name) {
    const core::Instant now = write_time();
    const auto reply = apply(name, core::SeedClaim{});
    EXPECT_EQ(in_words(reply), model_.claim(name, now)) << "claim " << name;
    note_grant(name, reply);
  }

  void release(const std::string& name) {
    EXPECT_EQ(in_words(apply(name, core::SeedRelease{})), model_.release(name, write_time()))
        << "release " << name;
  }

  void remove(const std::string& name) {
    write_time();
    EXPECT_EQ(in_words(apply(name, core::Remove{})), model_.remove(name)) << "remove " << name;
  }

  void sweep() {
    const auto counts =
        await<service::SweepCounts>([&](auto done) { service_->sweep(std::move(done)); });
    ASSERT_TRUE(counts) << counts.error().detail;
    EXPECT_EQ(std::to_string(counts->released) + " released, " + std::to_string(counts->removed) +
                  " removed",
              model_.sweep(expiry, remove_after, write_time()));
  }

  void import() {
    const core::Instant now = write_time();
    std::map<std::string, ModelStack> wanted;
    std::vector<Stack> records;
    for (auto count = below(4); count > 0; --count) {
      // Times and tokens as of another server's table, the time even from the future.
      const ModelStack stack{any_repo(), below(2) == 0, now + below(100) * 1h - 50h, below(50)};
      wanted[any_name()] = stack;
    }
    for (const auto& [name, stack] : wanted)
      records.push_back({.stack_name = StackName{name},
                         .repo_name = RepoName{stack.repo},
                         .state = stack.claimed ? core::State::claimed : core::State::available,
                         .last_used = stack.last_used,
                         .fencing_token = stack.token});
    const bool replace = below(2) == 0;
    const auto answer = await<std::variant<service::Imported, service::NamesExist>>(
        [&](auto done) { service_->import(records, replace, std::move(done)); });
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(in_words(*answer), model_.import(wanted, replace));
  }

  static std::string in_words(const std::variant<service::Imported, service::NamesExist>& answer) {
    if (const auto* imported = std::get_if<service::Imported>(&answer))
      return std::to_string(imported->created) + " created, " + std::to_string(imported->replaced) +
             " replaced";
    std::string text = "exist:";
    for (const StackName& name : std::get<service::NamesExist>(answer).names)
      text += " " + name.text();
    return text;
  }
  static std::string in_words(const Result<Reply>& reply) { return model::in_words(reply); }

  void list() {
    const std::string repo = any_repo();
    const auto names = await<std::vector<StackName>>(
        [&](auto done) { service_->available(RepoName{repo}, std::move(done)); });
    ASSERT_TRUE(names) << names.error().detail;
    std::vector<std::string> texts;
    for (const StackName& name : *names) texts.push_back(name.text());
    EXPECT_EQ(texts, model_.available(repo));
  }

  Result<Reply> apply(const std::string& name, core::Command command) {
    return await<Reply>(
        [&](auto done) { service_->apply(StackName{name}, command, std::move(done)); });
  }

  // Invariant 3, beside the model: no two grants of a name share a token.
  void note_grant(const std::string& name, const Result<Reply>& reply) {
    if (!reply || !std::holds_alternative<core::Done>(*reply)) return;
    const auto token = std::get<core::Done>(*reply).fencing_token;
    EXPECT_GT(token, last_granted_[name]) << name;
    last_granted_[name] = token;
    ++grants_;
  }

  void compare_tables() {
    std::map<std::string, ModelStack> table;
    service::StackQuery query{.limit = 7};
    do {
      const auto page =
          await<service::StackPage>([&](auto done) { service_->list(query, std::move(done)); });
      ASSERT_TRUE(page) << page.error().detail;
      for (const Stack& stack : page->items)
        table[stack.stack_name.text()] = {stack.repo_name.text(),
                                          stack.state == core::State::claimed, stack.last_used,
                                          stack.fencing_token};
      query.after = page->next_after;
    } while (query.after);
    EXPECT_TRUE(table == model_.stacks);
    for (const auto& [name, token] : model_.retired)
      if (!model_.stacks.contains(name)) {
        EXPECT_EQ(harness_.reader().retired_token(StackName{name}), token) << name;
      }
  }

  void open() {
    writes_ = make_batching_lane(harness_.store(), clock_, {});
    reads_ = make_read_lane(harness_.reader(), 1, {});
    service_ = std::make_unique<service::Service>(*writes_, *reads_,
                                                  service::SweepRules{expiry, remove_after});
    now_ = core::Instant::min();  // a new lane has seen no time yet
  }

  void reopen() {
    service_.reset();
    reads_.reset();
    writes_.reset();
    harness_.reopen();
    open();
  }

  std::mt19937_64 random_;
  Harness harness_;
  fakes::FakeClock clock_;
  core::Instant now_{};  // what the lane takes for the present
  LendingModel model_;
  std::map<std::string, std::int64_t> last_granted_;
  std::size_t grants_ = 0;
  std::unique_ptr<service::WriteLane> writes_;
  std::unique_ptr<service::ReadLane> reads_;
  std::unique_ptr<service::Service> service_;
};

template <class Harness>
void run_model(int commands = commands_default) {
  const std::uint64_t seed = seed_from_environment();
  testing::Test::RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("repeat with BDDLOCK_SEED=" + std::to_string(seed));
  ModelRun<Harness>{seed}.run(commands);
}

}  // namespace bddlock::model
