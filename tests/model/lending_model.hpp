// What lending is, in the plainest form: maps and loops, no store, page, retry or event. The real
// thing has to answer the same to every command (model_test.hpp). Times are as of one clock; what
// is over at `now` is settled by settle(), which the real thing does in a tick.
//
// Only where the rules leave a choice (which of several stacks that were used last at the same
// time) the model asks `chosen` what the real thing took, and checks that it was allowed.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/request.hpp"

namespace bddlock::model {

using core::Instant;
using core::microseconds;
using core::seconds;
using core::State;
using core::Wish;

// A claim is known by its stack and the token of its grant, a request by its repo and id.
using ClaimName = std::pair<std::string, std::int64_t>;
using RequestName = std::pair<std::string, std::string>;

struct ModelClaim {
  std::optional<RequestName> request{};
  std::int64_t token = 0;  // of the grant; 0: nobody may name it (an admin's hold)
  Instant claimed_at{};
  Instant expires_at{};
  seconds lease{};
  bool offered = false;
};

struct ModelStack {
  std::string repo{};
  State state = State::available;
  Instant last_used{};
  std::int64_t token = 0;
  std::optional<ModelClaim> claim{};
  core::StringMap labels{};
  bool disable_after_claim = false;
  Instant held_since{};
};

struct ModelRequest {
  core::RequestState state = core::RequestState::waiting;
  Wish wish{};
  int asked_priority = 0;
  std::int64_t arrival = 0;
  Instant ready_until{};
  bool heard = true;       // since the last start
  seconds after_start{5};  // how long it was ready after that, unless it was heard of
  std::vector<ClaimName> claims{};
};

// How a claim, and the hold that it may have become, ended; in the words of the answers.
struct ModelEnd {
  std::string claim{};  // "released", "held", "lost expired", ...
  Instant claim_at{};
  std::optional<std::string> hold{};
  Instant hold_at{};
};

// Somebody who waited and got something.
struct ModelGrant {
  RequestName request;
  bool offered;
};

class LendingModel {
 public:
  using Chosen = std::function<std::vector<std::string>(const RequestName&)>;
  using IsOpen = std::function<bool(const RequestName&)>;

  static constexpr std::int64_t stacks_per_repo_max = 8;
  static constexpr seconds claim_longest{7200};
  static constexpr seconds ended_kept{604800};

  std::map<std::string, ModelStack> stacks;
  std::map<std::string, std::int64_t> retired;  // last tokens of removed names
  std::map<RequestName, ModelRequest> requests;
  std::map<ClaimName, ModelEnd> ends;
  std::vector<ModelGrant> grants;   // by the queue, since it was last emptied
  std::vector<std::string> broken;  // choices that were not allowed
  Chosen chosen;
  IsOpen is_open;

  // --- stacks by name

  std::string create(const std::string& name, const std::string& repo, bool free, Instant now) {
    if (stacks.contains(name)) return "stack_exists";
    const std::int64_t token = retired[name] + (free ? 0 : 1);
    stacks[name] = {.repo = repo,
                    .state = free ? State::available : State::claimed,
                    .last_used = now,
                    .token = token};
    hand_over(repo, now);
    return done(token);
  }

  std::string seed_claim(const std::string& name, Instant now) {
    if (!stacks.contains(name)) return "stack_unknown";
    ModelStack& stack = stacks[name];
    if (stack.state != State::available) return "stack_unavailable";
    stack.state = State::claimed;
    stack.last_used = now;
    return done(++stack.token);
  }

  std::string seed_release(const std::string& name, Instant now) {
    if (!stacks.contains(name)) return "stack_unknown";
    ModelStack& stack = stacks[name];
    if (!in_use(stack) || (stack.state == State::claimed && stack.claim)) return "nothing_to_end";
    const std::int64_t token = stack.token;
    end(name, "lost hold_ended", now);
    return done(token);
  }

  std::string remove(const std::string& name, Instant now) {
    if (!stacks.contains(name)) return "stack_unknown";
    if (in_use(stacks[name])) return "stack_in_use";
    return drop(name, now);
  }

  std::string describe(const std::string& name, const core::StringMap& labels, Instant now) {
    if (!stacks.contains(name)) return "stack_unknown";
    stacks[name].labels = labels;
    hand_over(stacks[name].repo, now);
    return done(stacks[name].token);
  }

  std::string disable(const std::string& name, bool at_once, Instant now) {
    if (!stacks.contains(name)) return "stack_unknown";
    ModelStack& stack = stacks[name];
    const std::int64_t token = stack.token;
    if (in_use(stack) && !at_once) {
      stack.disable_after_claim = true;
    } else if (in_use(stack)) {
      stack.disable_after_claim = true;
      end(name, "lost stack_disabled", now);
    } else {
      stack.state = State::disabled;
    }
    hand_over(stack.repo, now);
    return done(token);
  }

  std::string enable(const std::string& name, Instant now) {
    if (!stacks.contains(name)) return "stack_unknown";
    ModelStack& stack = stacks[name];
    stack.disable_after_claim = false;
    if (stack.state == State::disabled) stack.state = State::available;
    const std::int64_t token = stack.token;
    hand_over(stack.repo, now);
    return done(token);
  }

  std::string admin_release(const std::string& name, std::int64_t token, Instant now) {
    if (auto refused = not_meant(name, token)) return *refused;
    end(name, stacks[name].state == State::held ? "lost hold_ended" : "lost admin_released", now);
    return done(token);
  }

  std::string admin_hold(const std::string& name, std::int64_t token, seconds keep, Instant now) {
    if (auto refused = not_meant(name, token)) return *refused;
    ModelStack& stack = stacks[name];
    const std::string repo = stack.repo;
    if (stack.state == State::claimed) {
      if (stack.claim && stack.claim->offered) take_back(name, now);
      note_end(name, "lost admin_released", now);
      stack.claim = ModelClaim{.claimed_at = stack.last_used};
      stack.held_since = now;
    }
    stack.state = State::held;
    stack.last_used = now;
    stack.claim->expires_at = now + keep;
    hand_over(repo, now);
    return done(token);
  }

  std::string sweep(microseconds expiry, microseconds remove_after, Instant now) {
    int released = 0;
    int removed = 0;
    std::set<std::string> repos;
    const auto before = stacks;
    for (const auto& [name, stack] : before) {
      if (stack.state == State::claimed && !stack.claim && now - stack.last_used > expiry) {
        free(name, now);
        ++released;
      } else if (stack.state == State::available && now - stack.last_used > remove_after) {
        retired[name] = stack.token;
        stacks.erase(name);
        ++removed;
      } else {
        continue;
      }
      repos.insert(stack.repo);
    }
    for (const std::string& repo : repos) hand_over(repo, now);
    return std::to_string(released) + " released, " + std::to_string(removed) + " removed";
  }

  // Each name once.
  std::string import(const std::map<std::string, ModelStack>& records, bool replace, Instant now) {
    std::string taken;
    for (const auto& [name, record] : records)
      if (stacks.contains(name)) taken += " " + name;
    if (!replace && !taken.empty()) return "exist:" + taken;
    int replaced = 0;
    std::set<std::string> repos;
    for (const auto& [name, record] : records) {
      const bool present = stacks.contains(name);
      const std::int64_t token = std::max({record.token, retired[name], stacks[name].token});
      if (present) repos.insert(stacks[name].repo);
      if (!present || !in_use(stacks[name])) stacks[name] = record;
      stacks[name].token = token;
      repos.insert(stacks[name].repo);
      replaced += present;
    }
    for (const std::string& repo : repos) hand_over(repo, now);
    return std::to_string(records.size() - static_cast<std::size_t>(replaced)) + " created, " +
           std::to_string(replaced) + " replaced";
  }

  std::vector<std::string> available(const std::string& repo) const {
    std::vector<std::string> names;
    for (const auto& [name, stack] : stacks)
      if (stack.repo == repo && stack.state == State::available) names.push_back(name);
    return names;
  }

  // --- claims

  std::string claim(const RequestName& name, const Wish& wish, seconds wait, Instant now) {
    const auto known = requests.find(name);
    if (known == requests.end()) return fresh(name, wish, wait, now);
    ModelRequest& request = known->second;
    const bool waits = request.state == core::RequestState::waiting;
    if (waits && now >= request.ready_until + core::place_kept) return fresh(name, wish, wait, now);
    Wish asked = request.wish;
    asked.priority = request.asked_priority;
    if (!same(asked, wish)) return "request_conflict";
    if (!waits) return granted_again(name, now);
    request.ready_until = std::max(request.ready_until, now + wait + seconds{5});
    request.heard = true;
    asking_ = name;
    hand_over(name.first, now);
    asking_.reset();
    if (request.state == core::RequestState::waiting) return "queued";
    return granted_again(name, now);
  }

  void call_ended(const RequestName& name, Instant now) {
    const auto known = requests.find(name);
    if (known == requests.end() || known->second.state != core::RequestState::waiting) return;
    known->second.ready_until = std::min(known->second.ready_until, now + seconds{5});
  }

  std::string withdraw(const RequestName& name, Instant now) {
    const auto known = requests.find(name);
    if (known == requests.end()) return "request_unknown";
    if (known->second.state != core::RequestState::waiting) {
      const auto live = live_claims(known->second);
      if (live.empty()) return "request_ended";
      if (!stacks[*live.begin()].claim->offered) return in_words(live);
      take_back(*live.begin(), now);
      free(*live.begin(), now);
    }
    requests.erase(name);
    hand_over(name.first, now);
    return "withdrawn";
  }

  std::string reprioritise(const RequestName& name, int priority, Instant now) {
    const auto known = requests.find(name);
    if (known == requests.end()) return "request_unknown";
    if (known->second.state != core::RequestState::waiting) {
      const auto live = live_claims(known->second);
      return live.empty() ? "request_ended" : in_words(live);
    }
    known->second.wish.priority = priority;
    hand_over(name.first, now);
    return "queued";
  }

  std::string extend(const ClaimName& claim, std::optional<seconds> lease, Instant now) {
    if (!owns(claim)) return what_became_of(claim, now);
    ModelStack& stack = stacks[claim.first];
    const Instant latest = stack.state == State::held ? stack.held_since + core::hold_longest
                                                      : stack.claim->claimed_at + claim_longest;
    const Instant wanted = now + lease.value_or(stack.claim->lease);
    stack.claim->expires_at = std::max(stack.claim->expires_at, std::min(wanted, latest));
    return std::string{core::to_text(stack.state)};
  }

  std::string release(const ClaimName& claim, seconds keep, Instant now) {
    if (!owns(claim)) return first_answer(claim, keep, now);
    ModelStack& stack = stacks[claim.first];
    if (stack.state == State::held && keep.count() > 0) return first_answer(claim, keep, now);
    if (stack.state == State::held || keep.count() == 0) {
      end(claim.first, "released", now);
      return "released";
    }
    const std::string repo = stack.repo;
    if (count(repo, State::held) < std::max<std::int64_t>(stacks_in(repo) / 2, 1)) {
      ends[claim] = {.claim = "held", .claim_at = now};
      stack.state = State::held;
      stack.held_since = now;
      stack.last_used = now;
      stack.claim->expires_at = now + keep;
      return "held";
    }
    end(claim.first, "released, hold_limit", now);
    return "released, hold_limit";
  }

  std::string look_up(const ClaimName& claim, Instant now) {
    if (owns(claim)) return std::string{core::to_text(stacks[claim.first].state)};
    return what_became_of(claim, now);
  }

  // --- time

  void settle(Instant now) {
    std::vector<std::pair<Instant, std::string>> due;
    for (const auto& [name, stack] : stacks)
      if (stack.claim && stack.claim->expires_at <= now)
        due.emplace_back(stack.claim->expires_at, name);
    std::ranges::sort(due);
    std::set<std::string> repos;
    for (const auto& [at, name] : due) {
      ModelStack& stack = stacks[name];
      if (!stack.claim || stack.claim->expires_at > now) continue;  // lapsed with another
      repos.insert(stack.repo);
      if (stack.claim->offered) {
        take_back(name, now);
        free(name, now);
      } else {
        note_end(name, stack.state == State::held ? "lost hold_ended" : "lost expired", now);
        free(name, now);
      }
    }
    for (const auto& [name, request] : std::map{requests})
      if (request.state == core::RequestState::waiting && !is_open(name) &&
          now >= request.ready_until + core::place_kept)
        requests.erase(name);
    for (const auto& [name, request] : requests) repos.insert(name.first);
    for (const std::string& repo : repos) hand_over(repo, now, false);
  }

  // Whoever was not heard of since the last start has no time to call again.
  void restart(Instant now) {
    started_ = now;
    for (auto& [name, request] : requests) {
      request.after_start = std::exchange(request.heard, false) ? seconds{5} : seconds{0};
      if (request.state == core::RequestState::waiting)
        request.ready_until = now + request.after_start;
    }
  }

  [[nodiscard]] bool any_offers() const {
    return std::ranges::any_of(stacks, [](const auto& entry) {
      return entry.second.claim && entry.second.claim->offered;
    });
  }

  [[nodiscard]] std::vector<std::string> line(const std::string& repo) const {
    std::vector<std::string> ids;
    for (const RequestName& name : in_order(repo)) ids.push_back(name.second);
    return ids;
  }

 private:
  static std::string done(std::int64_t token) { return "done " + std::to_string(token); }
  static bool in_use(const ModelStack& stack) {
    return stack.state == State::claimed || stack.state == State::held;
  }
  static bool same(const Wish& left, const Wish& right) {
    return left.count == right.count && left.stack_name == right.stack_name &&
           left.labels == right.labels && left.create_if_none == right.create_if_none &&
           left.lease == right.lease && left.priority == right.priority;
  }
  static std::string in_words(const std::set<std::string>& names) {
    std::string words = "granted";
    for (const std::string& name : names) words += " " + name;
    return words;
  }

  std::int64_t count(const std::string& repo, State state) const {
    return std::ranges::count_if(stacks, [&](const auto& entry) {
      return entry.second.repo == repo && entry.second.state == state;
    });
  }
  std::int64_t stacks_in(const std::string& repo) const {
    return std::ranges::count_if(stacks,
                                 [&](const auto& entry) { return entry.second.repo == repo; });
  }

  static bool suits(const Wish& wish, const std::string& name, const ModelStack& stack) {
    if (wish.stack_name && wish.stack_name->text() != name) return false;
    return std::ranges::all_of(wish.labels, [&](const auto& label) {
      const auto at = stack.labels.find(label.first);
      return at != stack.labels.end() && at->second == label.second;
    });
  }

  std::optional<std::string> not_meant(const std::string& name, std::int64_t token) {
    if (!stacks.contains(name)) return "stack_unknown";
    if (stacks[name].token != token) return "fencing_token_moved";
    if (!in_use(stacks[name])) return "nothing_to_end";
    return std::nullopt;
  }

  bool owns(const ClaimName& claim) const {
    const auto at = stacks.find(claim.first);
    return at != stacks.end() && at->second.claim && at->second.claim->token == claim.second;
  }

  std::set<std::string> live_claims(const ModelRequest& request) const {
    std::set<std::string> live;
    for (const ClaimName& claim : request.claims)
      if (owns(claim) && stacks.at(claim.first).state == State::claimed) live.insert(claim.first);
    return live;
  }

  // --- ends

  void note_end(const std::string& name, const std::string& how, Instant now) {
    const ModelStack& stack = stacks[name];
    if (!stack.claim || stack.claim->token == 0) return;
    ModelEnd& told = ends[{name, stack.claim->token}];
    if (stack.state == State::held) {
      told.hold = how;
      told.hold_at = now;
    } else {
      told.claim = how;
      told.claim_at = now;
    }
  }

  void free(const std::string& name, Instant now) {
    ModelStack& stack = stacks[name];
    stack.claim.reset();
    stack.state = stack.disable_after_claim ? State::disabled : State::available;
    stack.disable_after_claim = false;
    stack.last_used = now;
  }

  // The end of whatever uses the stack.
  void end(const std::string& name, const std::string& how, Instant now) {
    if (stacks[name].claim && stacks[name].claim->offered) take_back(name, now);
    note_end(name, how, now);
    free(name, now);
    hand_over(stacks[name].repo, now);
  }

  // The offer that `name` is of ends: its other stacks are free, its request waits again.
  void take_back(const std::string& name, Instant now) {
    const ModelClaim claim = *stacks[name].claim;
    ModelRequest& request = requests[*claim.request];
    for (const std::string& other : live_claims(request)) {
      note_end(other, "lost offer_lapsed", now);
      if (other != name) free(other, now);
    }
    request.state = core::RequestState::waiting;
    request.claims.clear();
    request.ready_until = std::min(request.ready_until, claim.expires_at);
    if (claim.claimed_at < started_) request.ready_until = started_ + request.after_start;
    if (now >= request.ready_until + core::place_kept) requests.erase(*claim.request);
  }

  std::string drop(const std::string& name, Instant now) {
    const std::string repo = stacks[name].repo;
    const std::int64_t token = stacks[name].token;
    retired[name] = token;
    stacks.erase(name);
    hand_over(repo, now);
    return done(token);
  }

  std::string what_became_of(const ClaimName& claim, Instant now) const {
    const auto at = ends.find(claim);
    if (at == ends.end()) return "unknown";
    const ModelEnd& told = at->second;
    if (told.hold && told.hold_at >= now - ended_kept) return as_lost(*told.hold, true);
    if (told.claim_at >= now - ended_kept) return as_lost(told.claim, false);
    return "unknown";
  }
  // What its owner ended himself is "released", or for a hold "hold_ended".
  static std::string as_lost(const std::string& how, bool hold) {
    if (how.starts_with("lost")) return how;
    return hold ? "lost hold_ended" : "lost released";
  }

  std::string first_answer(const ClaimName& claim, seconds keep, Instant now) const {
    const auto at = ends.find(claim);
    if (at == ends.end()) return "unknown";
    const ModelEnd& told = at->second;
    const bool claim_known = !told.claim.empty() && told.claim_at >= now - ended_kept;
    const bool hold_known = told.hold && told.hold_at >= now - ended_kept;
    if (hold_known && (keep.count() == 0 || !claim_known)) return *told.hold;
    return claim_known ? told.claim : "unknown";
  }

  // --- the queue

  std::vector<RequestName> in_order(const std::string& repo) const {
    std::vector<RequestName> names;
    for (const auto& [name, request] : requests)
      if (name.first == repo && request.state == core::RequestState::waiting) names.push_back(name);
    std::ranges::sort(names, [&](const RequestName& left, const RequestName& right) {
      const ModelRequest& a = requests.at(left);
      const ModelRequest& b = requests.at(right);
      if (a.wish.priority != b.wish.priority) return a.wish.priority > b.wish.priority;
      return a.arrival < b.arrival;
    });
    return names;
  }

  bool listens(const RequestName& name) const { return asking_ == name || is_open(name); }
  bool is_ready(const RequestName& name, Instant now) const {
    const ModelRequest& request = requests.at(name);
    return now < request.ready_until ||
           (is_open(name) && now < request.ready_until + core::place_kept);
  }

  std::vector<std::string> suitable(const std::string& repo, const Wish& wish,
                                    const std::set<std::string>& kept) const {
    std::vector<std::string> names;
    for (const std::string& name : available(repo))
      if (!kept.contains(name) && suits(wish, name, stacks.at(name))) names.push_back(name);
    return names;
  }

  bool may_get_all(const std::string& repo, const Wish& wish) const {
    return std::ranges::count_if(stacks, [&](const auto& entry) {
             const ModelStack& stack = entry.second;
             return stack.repo == repo && suits(wish, entry.first, stack) &&
                    stack.state != State::disabled && !stack.disable_after_claim;
           }) >= wish.count;
  }

  bool may_create(const std::string& repo, const Wish& wish, std::int64_t missing) const {
    return wish.create_if_none && stacks_in(repo) + missing <= stacks_per_repo_max &&
           !(wish.stack_name && stacks.contains(wish.stack_name->text()));
  }

  // `creates`: false for time alone, which makes no room.
  void hand_over(const std::string& repo, Instant now, bool creates = true) {
    std::set<std::string> kept;
    for (const RequestName& name : in_order(repo)) {
      if (!is_ready(name, now)) continue;
      const Wish& wish = requests[name].wish;
      const auto found = suitable(repo, wish, kept);
      const std::int64_t missing = wish.count - std::ssize(found);
      if (missing <= 0 || (creates && may_create(repo, wish, missing))) {
        const bool offered = !listens(name);
        grant(name, found, offered, now);
        grants.push_back({name, offered});
      } else if (wish.count > 1 && may_get_all(repo, wish)) {
        kept.insert(found.begin(), found.end());
      }
    }
  }

  // Takes what the real thing took, if it was a right choice.
  std::vector<std::string> choose(const RequestName& name, const std::vector<std::string>& found) {
    const auto took = chosen(name);
    const auto want = static_cast<std::size_t>(requests[name].wish.count);
    const auto say = [&](const std::string& what) { broken.push_back(name.second + " " + what); };
    if (took.size() != want) {
      say("should have been granted " + std::to_string(want) + " stacks");
      return {};
    }
    const std::set<std::string> may{found.begin(), found.end()};
    const std::set<std::string> taken{took.begin(), took.end()};
    Instant worst = Instant::max();
    std::size_t old = 0;
    for (const std::string& stack : took) {
      if (may.contains(stack)) {
        ++old;
        worst = std::min(worst, stacks[stack].last_used);
      } else if (stacks.contains(stack)) {
        say("took " + stack + ", which it must not have");
      }
    }
    if (old != std::min(found.size(), want)) say("created more than was missing");
    for (const std::string& stack : found)
      if (!taken.contains(stack) && stacks[stack].last_used > worst)
        say("did not take " + stack + ", which was used last");
    return took;
  }

  void grant(const RequestName& name, const std::vector<std::string>& found, bool offered,
             Instant now) {
    ModelRequest& request = requests[name];
    request.state = core::RequestState::granted;
    request.claims.clear();
    for (const std::string& taken : choose(name, found)) {
      if (!stacks.contains(taken))
        stacks[taken] = {
            .repo = name.first, .token = retired[taken], .labels = request.wish.labels};
      ModelStack& stack = stacks[taken];
      stack.state = State::claimed;
      stack.last_used = now;
      const seconds lease = std::min(request.wish.lease, claim_longest);
      stack.claim = ModelClaim{.request = name,
                               .token = ++stack.token,
                               .claimed_at = now,
                               .expires_at = now + (offered ? seconds{5} : lease),
                               .lease = lease,
                               .offered = offered};
      request.claims.emplace_back(taken, stack.token);
    }
  }

  std::string fresh(const RequestName& name, const Wish& wish, seconds wait, Instant now) {
    const std::string& repo = name.first;
    const auto old = requests.find(name);
    std::optional<ModelRequest> forgotten;
    if (old != requests.end()) {
      forgotten = old->second;
      requests.erase(old);
    }
    std::set<std::string> kept;
    for (const RequestName& other : in_order(repo)) {
      const Wish& wanted = requests[other].wish;
      if (wanted.priority < wish.priority || wanted.count == 1 || !is_ready(other, now)) continue;
      const auto found = suitable(repo, wanted, kept);
      if (may_get_all(repo, wanted)) kept.insert(found.begin(), found.end());
    }
    const auto found = suitable(repo, wish, kept);
    const std::int64_t missing = wish.count - std::ssize(found);
    const auto never = missing > 0 ? impossible(repo, wish) : std::nullopt;
    const bool grants_it = missing <= 0 || (!never && may_create(repo, wish, missing));
    if (!grants_it && (never || wait.count() == 0)) {
      if (forgotten) requests[name] = *forgotten;
      if (never) return *never;
      return wish.stack_name ? "stack_unavailable" : "none_available";
    }
    requests[name] = {.wish = wish,
                      .asked_priority = wish.priority,
                      .arrival = ++last_arrival_,
                      .ready_until = now + wait + seconds{5}};
    if (!grants_it) return "queued";
    grant(name, found, false, now);
    return in_words(live_claims(requests[name]));
  }

  std::optional<std::string> impossible(const std::string& repo, const Wish& wish) const {
    if (wish.create_if_none && wish.count > stacks_per_repo_max) return "never_satisfiable";
    if (wish.create_if_none && !wish.stack_name) return std::nullopt;
    if (stacks_in(repo) == 0 && !wish.create_if_none) return "repo_unknown";
    if (wish.stack_name) {
      const auto at = stacks.find(wish.stack_name->text());
      if (at == stacks.end() && wish.create_if_none) return std::nullopt;
      if (at == stacks.end() || at->second.repo != repo) return "stack_unknown";
      if (!suits(wish, at->first, at->second)) return "never_satisfiable";
      return std::nullopt;
    }
    const auto matching = std::ranges::count_if(stacks, [&](const auto& entry) {
      return entry.second.repo == repo && suits(wish, entry.first, entry.second);
    });
    if (matching < wish.count) return "never_satisfiable";
    return std::nullopt;
  }

  std::string granted_again(const RequestName& name, Instant now) {
    const ModelRequest& request = requests[name];
    const auto live = live_claims(request);
    if (live.empty()) return "request_ended";
    for (const std::string& stack : live) {
      ModelClaim& claim = *stacks[stack].claim;
      if (!std::exchange(claim.offered, false)) continue;
      claim.claimed_at = now;
      claim.expires_at = now + claim.lease;
      stacks[stack].last_used = now;
    }
    return in_words(live);
  }

  std::optional<RequestName> asking_;
  std::int64_t last_arrival_ = 0;
  Instant started_ = Instant::min();
};

}  // namespace bddlock::model
