// Seeded comparison of the Lender on a store with LendingModel: thousands of random commands of the
// seed's API, of v1 and of admins, with calls that stay open or whose client goes away, the clock
// jumping, and the store closed and opened again every 100 of them. After each command the answers,
// whom it woke and the whole table are compared, and the invariants checked.
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

#include "model/invariants.hpp"
#include "model/lending_model.hpp"
#include "unit/service/answer_words.hpp"

namespace bddlock::model {

using namespace std::chrono_literals;
using core::RepoName;
using core::RequestId;
using core::Result;
using core::Stack;
using core::StackName;
using service::to_words;

inline constexpr int commands_default = 6000;

inline std::uint64_t seed_from_environment() {
  if (const char* text = std::getenv("BDDLOCK_SEED")) return std::strtoull(text, nullptr, 10);
  return std::random_device{}();
}

template <class Harness>
class ModelRun {
 public:
  explicit ModelRun(std::uint64_t seed) : random_(seed), choices_(seed + 1) {
    model_.is_open = [this](const RequestName& name) { return open_.contains(name); };
    model_.chosen = [this](const RequestName& name) { return stacks_granted_to(name); };
    start();
  }

  void run(int commands) {
    for (int i = 1; i <= commands && !testing::Test::HasFailure(); ++i) {
      step();
      ++commands_done_;
      if (testing::Test::HasFailure()) ADD_FAILURE() << "command " << i << ": " << command_;
      if (i % 100 == 0) restart();
    }
    EXPECT_GT(granted_, commands / 100);
    // A short run may have none of these.
    EXPECT_GE(woken_in_all_, commands / 1000);
    EXPECT_GE(offers_, commands / 20'000);
  }

 private:
  static constexpr core::seconds expiry = 7200s;
  static constexpr core::seconds remove_after = 100h;

  std::int64_t below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>{0, end - 1}(random_);
  }
  template <class T>
  const T& any_of(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(below(std::ssize(values)))];
  }

  // Few names, so that commands meet; some that only differ in case or are not ASCII.
  std::string any_name() {
    static const std::vector<std::string> special = {"Alpha", "alpha", "\xc3\xa4", "a b"};
    const auto i = static_cast<std::size_t>(below(14));
    return i < special.size() ? special[i] : "stack-" + std::to_string(i);
  }
  std::string any_repo() { return below(3) == 0 ? "small" : "repo"; }
  // New ids come in and old ones go out of use all the time: one whose claim is over is of no more
  // use for a day, and no tidying is done here.
  RequestName any_request() {
    return {any_repo(), "r" + std::to_string(commands_done_ / 4 + below(40))};
  }
  core::StringMap any_labels() {
    if (below(3) > 0) return {};
    return {{"size", below(2) == 0 ? "s" : "xl"}};
  }

  // An id asks for the same each time, but for a few that do not.
  Wish wish_of(const RequestName& name) {
    std::mt19937_64 own{std::hash<std::string>{}(name.first + name.second) +
                        (below(25) == 0 ? 1u : 0u)};
    Wish wish;
    if (own() % 4 == 0) wish.count = 2 + static_cast<int>(own() % 2);
    if (own() % 4 == 0) wish.labels = {{"size", own() % 2 == 0 ? "s" : "xl"}};
    if (wish.count == 1 && own() % 6 == 0)
      wish.stack_name = StackName{"stack-" + std::to_string(4 + own() % 10)};
    wish.create_if_none = own() % 10 == 0;
    wish.lease = core::seconds{1 + own() % 10'000};
    wish.priority = own() % 5 == 0 ? static_cast<int>(own() % 3) - 1 : 0;
    return wish;
  }

  // Time goes on a little with each command, so that mostly no two stacks were used at the same
  // time.
  void move_clock() {
    static const std::vector<core::microseconds> steps = {
        1us, 1s, 4s, 5s, 5s - 1us, 29s, 30s, 35s, 50s, 55s, 900s, 1h, expiry, 24h, 101h};
    now_ += below(5) == 0 ? any_of(steps) : core::microseconds{1};
    std::erase_if(open_, [&](const auto& call) { return call.second <= now_; });
    for (int i = 0; i < 2; ++i)
      job([&](service::Store& store) { return lender_->tick(store, now_, 1000, woken_); });
    model_.settle(now_);
    compare("time");
  }

  // One job as the write lane does it.
  template <class Work>
  auto job(Work work) {
    service::Store& store = harness_.store();
    EXPECT_TRUE(store.begin());
    auto answer = work(store);
    EXPECT_TRUE(store.commit());
    return answer;
  }

  void step() {
    move_clock();
    if (testing::Test::HasFailure()) return;
    const auto which = below(100);
    if (which < 30) return claim();
    if (which < 38) return hang_up();
    if (which < 44) return extend();
    if (which < 58) return release();
    if (which < 61) return look_up();
    if (which < 63) return withdraw();
    if (which < 65) return reprioritise();
    if (which < 67) return sweep();
    if (which < 70) return import();
    if (which < 77) return create();
    seed_or_admin();
  }

  void seed_or_admin() {
    const std::string name = any_name();
    const auto token = model_.stacks.contains(name) ? model_.stacks[name].token - (below(5) == 0)
                                                    : std::int64_t{1};
    switch (below(10)) {
      case 0:
      case 1:
        return apply("seed claim", name, core::SeedClaim{},
                     [&] { return model_.seed_claim(name, now_); });
      case 2:
      case 3:
        return apply("seed release", name, core::SeedRelease{},
                     [&] { return model_.seed_release(name, now_); });
      case 4:
        return apply("remove", name, core::Remove{}, [&] { return model_.remove(name, now_); });
      case 5: {
        const auto labels = any_labels();
        return apply("describe", name, core::Describe{.labels = labels},
                     [&] { return model_.describe(name, labels, now_); });
      }
      case 6: {
        const bool at_once = below(2) == 0;
        return apply("disable", name, core::Disable{"broken", at_once},
                     [&] { return model_.disable(name, at_once, now_); });
      }
      case 7:
        return apply("enable", name, core::Enable{}, [&] { return model_.enable(name, now_); });
      case 8:
        return apply("admin release", name, core::AdminRelease{token},
                     [&] { return model_.admin_release(name, token, now_); });
      default:
        return apply("admin hold", name, core::AdminHold{token, 600s},
                     [&] { return model_.admin_hold(name, token, 600s, now_); });
    }
  }

  // The model answers after the real thing, because it may ask what that chose.
  template <class Model>
  void apply(const std::string& what, const std::string& name, const core::Command& command,
             Model model) {
    const auto answer = job([&](service::Store& store) {
      return lender_->apply(store, StackName{name}, command, now_, woken_);
    });
    expect(what + " " + name, to_words(answer), model());
  }

  void create() {
    const std::string name = any_name();
    const std::string repo = any_repo();
    const bool free = below(3) > 0;
    const auto answer = job([&](service::Store& store) {
      return lender_->create(store, {StackName{name}, RepoName{repo}, free}, now_, woken_);
    });
    expect("create " + name, to_words(answer), model_.create(name, repo, free, now_));
  }

  void claim() {
    const RequestName name = any_request();
    const Wish wish = wish_of(name);
    const core::seconds wait{below(3) == 0 ? 0 : 1 + below(50)};
    if (wait > 0s) open_[name] = now_ + wait;
    const auto answer = job([&](service::Store& store) {
      return lender_->claim(store, {key(name), wish, wait}, now_, woken_);
    });
    const std::string words = to_words(answer);
    if (answer) note_claims(*answer);
    if (words.starts_with("granted")) ++granted_;
    if (words != "queued") open_.erase(name);  // answered
    const bool was_open = wait > 0s && words == "queued";
    expect("claim " + name.second, words, [&] {
      // Its own call is open while the model decides, as it was for the real thing.
      if (wait > 0s) open_[name] = now_ + wait;
      auto expected = model_.claim(name, wish, wait, now_);
      if (!was_open && wait > 0s) open_.erase(name);
      return expected;
    }());
  }

  void hang_up() {
    if (open_.empty()) return;
    const auto call = std::next(open_.begin(), below(std::ssize(open_)));
    const RequestName name = call->first;
    open_.erase(call);
    const auto ended = job([&](service::Store& store) {
      return lender_->call_ended(store, key(name), std::nullopt, now_);
    });
    EXPECT_TRUE(ended);
    model_.call_ended(name, now_);
    expect("hang up " + name.second, "", "");
  }

  void extend() {
    if (claims_.empty()) return;
    const ClaimName claim = any_of(claims_);
    const auto lease = below(2) == 0 ? std::optional{core::seconds{1 + below(9000)}} : std::nullopt;
    const auto answer = job([&](service::Store& store) {
      return lender_->extend(store, ref(claim), lease, now_, woken_);
    });
    const bool over = answer && std::holds_alternative<service::ClaimOver>(*answer);
    const std::string words =
        over ? to_words(service::what_became_of(harness_.reader(), ref(claim), now_))
             : to_words(answer);
    expect("extend " + claim.first, words, model_.extend(claim, lease, now_));
  }

  void release() {
    if (claims_.empty()) return;
    const ClaimName claim = below(4) == 0 ? any_of(claims_) : a_live_claim();
    const core::seconds keep{below(3) == 0 ? 60 + below(3600) : 0};
    const auto answer = job([&](service::Store& store) {
      const core::Release release{.key = keys_[claim], .keep = keep};
      return lender_->release(store, StackName{claim.first}, release, now_, woken_);
    });
    const bool over = answer && std::holds_alternative<service::ClaimOver>(*answer);
    const std::string words =
        over ? to_words(service::first_answer(harness_.reader(), ref(claim), keep, now_))
             : to_words(answer);
    expect("release " + claim.first + " keep " + std::to_string(keep.count()), words,
           model_.release(claim, keep, now_));
  }

  void look_up() {
    if (claims_.empty()) return;
    const ClaimName claim = any_of(claims_);
    expect("look up " + claim.first,
           to_words(service::look_up(harness_.reader(), ref(claim), now_)),
           model_.look_up(claim, now_));
  }

  void withdraw() {
    const RequestName name = any_request();
    const auto answer = job(
        [&](service::Store& store) { return lender_->withdraw(store, key(name), now_, woken_); });
    expect("withdraw " + name.second, to_words(answer), model_.withdraw(name, now_));
    if (to_words(answer) == "withdrawn") open_.erase(name);
  }

  void reprioritise() {
    const RequestName name = any_request();
    const int priority = static_cast<int>(below(3)) - 1;
    const auto answer = job([&](service::Store& store) {
      return lender_->reprioritise(store, key(name), priority, now_, woken_);
    });
    expect("reprioritise " + name.second, to_words(answer),
           model_.reprioritise(name, priority, now_));
  }

  void sweep() {
    const auto slice = job([&](service::Store& store) {
      return lender_->sweep_slice(store, {expiry, remove_after}, std::nullopt, 1000, now_, woken_);
    });
    ASSERT_TRUE(slice) << slice.error().detail;
    expect("sweep",
           std::to_string(slice->counts.released) + " released, " +
               std::to_string(slice->counts.removed) + " removed",
           model_.sweep(expiry, remove_after, now_));
  }

  void import() {
    std::map<std::string, ModelStack> wanted;
    std::vector<Stack> records;
    for (auto count = below(4); count > 0; --count) {
      // Times and tokens as of another server's table, the time even from the future.
      const auto used = now_ + below(100) * 1h - 50h + core::microseconds{below(1'000'000)};
      wanted[any_name()] = {.repo = any_repo(),
                            .state = below(2) == 0 ? State::claimed : State::available,
                            .last_used = used,
                            .token = below(50),
                            .labels = any_labels()};
    }
    for (const auto& [name, stack] : wanted)
      records.push_back({.stack_name = StackName{name},
                         .repo_name = RepoName{stack.repo},
                         .state = stack.state,
                         .last_used = stack.last_used,
                         .fencing_token = stack.token,
                         .labels = stack.labels});
    const bool replace = below(2) == 0;
    const auto answer = job([&](service::Store& store) {
      return lender_->import_slice(store, records, replace, now_, woken_);
    });
    ASSERT_TRUE(answer) << answer.error().detail;
    expect("import", in_words(*answer), model_.import(wanted, replace, now_));
  }

  static std::string in_words(const service::ImportAnswer& answer) {
    if (const auto* imported = std::get_if<service::Imported>(&answer))
      return std::to_string(imported->created) + " created, " + std::to_string(imported->replaced) +
             " replaced";
    std::string text = "exist:";
    for (const StackName& name : std::get<service::NamesExist>(answer).names)
      text += " " + name.text();
    return text;
  }

  // --- comparing

  void expect(const std::string& command, const std::string& answer, const std::string& expected) {
    command_ = command;
    EXPECT_EQ(answer, expected) << command;
    compare(command);
  }

  void compare(const std::string& command) {
    for (const std::string& choice : std::exchange(model_.broken, {})) ADD_FAILURE() << choice;
    compare_woken();
    compare_stacks();
    compare_lines();
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "after " << command;
      return;
    }
    if (++compared_ % 10 != 0) return;
    Invariants invariants{
        harness_.reader(), walk_, now_, [this](const service::RequestKey& request) {
          return open_.contains({request.repo_name.text(), request.request_id.text()});
        }};
    for (const std::string& sentence : invariants.broken())
      ADD_FAILURE() << sentence << " after " << command;
  }

  // Whoever listened was woken, in this order, and has no open call any more.
  void compare_woken() {
    std::vector<RequestName> expected;
    for (const ModelGrant& grant : std::exchange(model_.grants, {})) {
      offers_ += grant.offered;
      if (!grant.offered) expected.push_back(grant.request);
    }
    std::vector<RequestName> woken;
    for (const service::Granted& granted : std::exchange(woken_, {})) {
      woken.emplace_back(granted.key.repo_name.text(), granted.key.request_id.text());
      note_claims(granted);
      open_.erase(woken.back());
      ++woken_in_all_;
    }
    EXPECT_EQ(woken, expected);
  }

  void compare_stacks() {
    const auto page = harness_.reader().list({}).value();
    EXPECT_EQ(page.items.size(), model_.stacks.size());
    for (const Stack& stack : page.items) {
      const auto at = model_.stacks.find(stack.stack_name.text());
      if (at == model_.stacks.end()) {
        ADD_FAILURE() << stack.stack_name.text() << " should not be there";
        continue;
      }
      EXPECT_EQ(in_words(stack), in_words(at->first, at->second));
    }
  }

  static std::string in_words(const Stack& stack) {
    std::string words = stack.stack_name.text() + " of " + stack.repo_name.text() + " " +
                        std::string{core::to_text(stack.state)} + " token " +
                        std::to_string(stack.fencing_token) + " used " +
                        core::to_seed_text(stack.last_used);
    if (stack.disable_after_claim) words += " to be disabled";
    if (stack.claim)
      words += " until " + core::to_seed_text(stack.claim->expires_at) +
               (stack.claim->offered ? " offered" : "");
    return words;
  }
  static std::string in_words(const std::string& name, const ModelStack& stack) {
    std::string words = name + " of " + stack.repo + " " + std::string{core::to_text(stack.state)} +
                        " token " + std::to_string(stack.token) + " used " +
                        core::to_seed_text(stack.last_used);
    if (stack.disable_after_claim) words += " to be disabled";
    if (stack.claim)
      words += " until " + core::to_seed_text(stack.claim->expires_at) +
               (stack.claim->offered ? " offered" : "");
    return words;
  }

  void compare_lines() {
    for (const char* repo : {"repo", "small"}) {
      std::vector<std::string> line;
      const auto waiting = harness_.reader().waiting(RepoName{repo}, std::nullopt, 1000).value();
      for (const core::Request& request : waiting) {
        line.push_back(request.request_id.text());
        const auto at = model_.requests.find({repo, request.request_id.text()});
        if (at != model_.requests.end()) {
          EXPECT_EQ(request.ready_until, at->second.ready_until) << request.request_id.text();
        }
      }
      EXPECT_EQ(line, model_.line(repo)) << repo;
    }
  }

  std::vector<std::string> stacks_granted_to(const RequestName& name) {
    const auto request =
        harness_.reader().find_request(RepoName{name.first}, RequestId{name.second}).value();
    std::vector<std::string> names;
    if (request)
      for (const core::GrantedClaim& claim : request->claims)
        names.push_back(claim.stack_name.text());
    return names;
  }

  // --- claims that their owners know

  void note_claims(const service::ClaimAnswer& answer) {
    if (const auto* granted = std::get_if<service::Granted>(&answer)) note_claims(*granted);
  }
  void note_claims(const service::Granted& granted) {
    const auto request =
        harness_.reader().find_request(granted.key.repo_name, granted.key.request_id).value();
    if (!request) return;
    for (const core::GrantedClaim& claim : request->claims) {
      const ClaimName name{claim.stack_name.text(), claim.fencing_token};
      if (keys_.try_emplace(name, claim.key).second) claims_.push_back(name);
      EXPECT_EQ(keys_[name], claim.key) << "the repeat of a request returns the same claim";
    }
  }
  core::ClaimRef ref(const ClaimName& claim) { return {keys_[claim], StackName{claim.first}}; }
  ClaimName a_live_claim() {
    for (auto at = claims_.rbegin(); at != claims_.rend(); ++at) {
      const auto stack = model_.stacks.find(at->first);
      const bool lives = stack != model_.stacks.end() && stack->second.claim &&
                         stack->second.claim->token == at->second;
      if (lives && below(2) == 0) return *at;
    }
    return claims_.back();
  }

  static service::RequestKey key(const RequestName& name) {
    return {RepoName{name.first}, RequestId{name.second}};
  }

  void start() {
    lender_ = std::make_unique<service::Lender>(
        service::ClaimRules{.claim_longest = LendingModel::claim_longest,
                            .stacks_per_repo_max = LendingModel::stacks_per_repo_max},
        [this] { return choices_(); },
        [this](const service::RequestKey& request) {
          return open_.contains({request.repo_name.text(), request.request_id.text()});
        });
  }

  // The calls that were open are gone, and the clock may have been set back meanwhile.
  void restart() {
    harness_.reopen();
    start();
    open_.clear();
    if (below(3) == 0 && !model_.any_offers()) now_ -= 1h;
    const auto more =
        job([&](service::Store& store) { return lender_->restart_waiting(store, now_, 1000); });
    EXPECT_FALSE(more.value());
    model_.restart(now_);
    compare("restart");
  }

  std::mt19937_64 random_;
  std::mt19937_64 choices_;  // the Lender's own
  Harness harness_;
  core::Instant now_{core::seconds{1'600'000'000}};
  LendingModel model_;
  std::unique_ptr<service::Lender> lender_;
  service::Woken woken_;
  std::map<RequestName, core::Instant> open_;  // calls, and when their time is over
  std::map<ClaimName, core::ClaimKey> keys_;
  std::vector<ClaimName> claims_;
  std::string command_;
  HistoryWalk walk_;
  int commands_done_ = 0;
  int compared_ = 0;
  int granted_ = 0;
  int woken_in_all_ = 0;
  int offers_ = 0;
};

template <class Harness>
void run_model(int commands = commands_default) {
  const std::uint64_t seed = seed_from_environment();
  testing::Test::RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("repeat with BDDLOCK_SEED=" + std::to_string(seed));
  ModelRun<Harness>{seed}.run(commands);
}

}  // namespace bddlock::model
