// What must be true of a whole table at any moment between two jobs, whatever was done to it
// (DESIGN section 3): found by reading everything. Each sentence that it returns is a violation. It
// shares no code with the service but the records.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "service/answers.hpp"
#include "service/store.hpp"

namespace bddlock::model {

using core::Instant;
using core::State;

// What the history has said of each stack up to now. It is read on from where it was read to: the
// events of a long run are many, and those that were looked at do not change.
class HistoryWalk {
 public:
  using Say = std::function<void(const std::string&)>;
  struct Place {
    std::optional<State> state{};
    core::FencingToken granted = 0;
    core::FencingToken last = 0;
  };

  // Each event begins where the one before it ended, and tokens only rise (invariant 3).
  void read_on(service::StoreReader& reader, const Say& say) {
    for (const core::Event& event : unread(reader)) step(event, say);
  }
  [[nodiscard]] const std::map<std::string, Place>& places() const { return places_; }

 private:
  std::vector<core::Event> unread(service::StoreReader& reader) {
    std::vector<core::Event> events;
    service::EventQuery query{.limit = 8};
    while (true) {
      auto page = reader.events(query).value();
      for (core::Event& event : page.items) {
        if (event.id <= read_to_) return oldest_first(std::move(events));
        events.push_back(std::move(event));
      }
      if (!page.next_before) return oldest_first(std::move(events));
      query.before = page.next_before;
      query.limit = 500;
    }
  }
  std::vector<core::Event> oldest_first(std::vector<core::Event> events) {
    if (!events.empty()) read_to_ = events.front().id;
    std::ranges::reverse(events);
    return events;
  }

  void step(const core::Event& event, const Say& say) {
    const std::string& name = event.stack_name.text();
    Place& at = places_[name];
    if (event.from != at.state) say("the history of " + name + " has a gap");
    const bool grant =
        event.kind == core::EventKind::claimed || event.kind == core::EventKind::offered;
    if (grant && event.fencing_token <= at.granted)
      say("token " + std::to_string(event.fencing_token) + " of " + name + " was given twice");
    if (event.fencing_token < at.last) say("the token of " + name + " fell");
    if (grant) at.granted = event.fencing_token;
    at.last = event.fencing_token;
    at.state = event.to;
  }

  std::map<std::string, Place> places_;
  std::int64_t read_to_ = 0;
};

class Invariants {
 public:
  using IsOpen = std::function<bool(const service::RequestKey&)>;

  // `now`: a tick was done at this time, so that nothing is due any more. `walk`: of this table,
  // the same each time.
  Invariants(service::StoreReader& reader, HistoryWalk& walk, Instant now, IsOpen is_open)
      : reader_(reader), walk_(walk), now_(now), is_open_(std::move(is_open)) {}

  [[nodiscard]] std::vector<std::string> broken() {
    read();
    check_claims();
    check_events();
    for (const auto& [repo, requests] : waiting_) check_line(repo, requests);
    return std::move(broken_);
  }

 private:
  void say(const std::string& sentence) { broken_.push_back(sentence); }

  void read() {
    service::StackQuery query{.limit = 97};
    do {
      const auto page = reader_.list(query).value();
      for (const core::Stack& stack : page.items) stacks_[stack.stack_name.text()] = stack;
      query.after = page.next_after;
    } while (query.after);
    const auto repos = reader_.repos(std::nullopt, 100'000).value();
    for (const core::RepoName& repo : repos) {
      auto requests = reader_.waiting(repo, std::nullopt, 100'000).value();
      if (std::ssize(requests) != reader_.count_waiting(repo).value())
        say("count_waiting of " + repo.text() + " is wrong");
      if (!requests.empty()) waiting_[repo.text()] = std::move(requests);
    }
    auto settled = reader_.settled_requests(std::nullopt, 100'000).value();
    for (core::Request& request : settled)
      settled_[{request.repo_name.text(), request.request_id.text()}] = std::move(request);
  }

  // Invariant 1, and that stacks and requests tell the same of each claim.
  void check_claims() {
    std::set<core::ClaimKey> keys;
    for (const auto& [name, stack] : stacks_) {
      if (core::is_due(stack, now_)) say(name + " is due and was not settled");
      if (stack.claim.has_value() && stack.state != State::claimed && stack.state != State::held)
        say(name + " is not in use and has a claim");
      if (stack.disable_after_claim && stack.state != State::claimed && stack.state != State::held)
        say(name + " is to be disabled after a claim that it does not have");
      if (!stack.claim || stack.claim->key == core::ClaimKey{}) continue;
      if (!keys.insert(stack.claim->key).second) say(name + " has the claim of another stack");
      if (stack.state == State::claimed) check_request_of(stack);
    }
    for (const auto& [key, request] : settled_) {
      if (request.state != core::RequestState::granted) continue;
      std::set<bool> offered;
      for (const core::GrantedClaim& claim : request.claims) {
        const core::Stack* stack = claimed(claim);
        if (stack != nullptr) offered.insert(stack->claim->offered);
      }
      if (offered.size() > 1) say("request " + key.second + " is half an offer");
    }
  }

  const core::Stack* claimed(const core::GrantedClaim& claim) const {
    const auto at = stacks_.find(claim.stack_name.text());
    if (at == stacks_.end() || at->second.state != State::claimed) return nullptr;
    const core::Stack& stack = at->second;
    return stack.claim && stack.claim->key == claim.key ? &stack : nullptr;
  }

  void check_request_of(const core::Stack& stack) {
    const std::string& id = stack.claim->request_id.text();
    const auto at = settled_.find({stack.repo_name.text(), id});
    const bool known =
        at != settled_.end() && at->second.state == core::RequestState::granted &&
        std::ranges::any_of(at->second.claims, [&](const core::GrantedClaim& claim) {
          return claim.stack_name == stack.stack_name && claim.key == stack.claim->key;
        });
    if (!known) say(stack.stack_name.text() + " is claimed by " + id + ", which does not know it");
  }

  // The last event of a stack ends where the stack is now.
  void check_events() {
    walk_.read_on(reader_, [this](const std::string& sentence) { say(sentence); });
    for (const auto& [name, place] : walk_.places()) {
      const auto at = stacks_.find(name);
      const auto is = at == stacks_.end() ? std::nullopt : std::optional{at->second.state};
      if (place.state != is) say("the history of " + name + " ends in another state than it has");
      if (is && at->second.fencing_token != place.last)
        say("the history of " + name + " has another token");
    }
    for (const auto& [name, stack] : stacks_)
      if (!walk_.places().contains(name)) say(name + " has no history");
  }

  bool is_ready(const core::Request& request) const {
    const bool open = is_open_({request.repo_name, request.request_id});
    return now_ < request.ready_until || (open && now_ < request.ready_until + core::place_kept);
  }

  // Invariant 6: nobody who is ready waits for what is free and not kept for those before. Whatever
  // a request for several could keep counts as kept, so that what is said is surely wrong.
  void check_line(const std::string& repo, const std::vector<core::Request>& requests) {
    std::set<std::string> kept;
    const core::Request* previous = nullptr;
    for (const core::Request& request : requests) {
      if (previous != nullptr && !core::before(*previous, request))
        say("two requests of " + repo + " have the same place");
      previous = &request;
      if (!is_ready(request)) continue;
      std::vector<std::string> free;
      for (const auto& [name, stack] : stacks_)
        if (stack.repo_name.text() == repo && stack.state == State::available &&
            !kept.contains(name) && core::suits(request.wish, stack))
          free.push_back(name);
      if (std::ssize(free) >= request.wish.count)
        say("request " + request.request_id.text() + " waits, though " + free.front() + " is free");
      if (request.wish.count > 1) kept.insert(free.begin(), free.end());
    }
  }

  service::StoreReader& reader_;
  HistoryWalk& walk_;
  const Instant now_;
  IsOpen is_open_;
  std::map<std::string, core::Stack> stacks_;
  std::map<std::string, std::vector<core::Request>> waiting_;
  std::map<std::pair<std::string, std::string>, core::Request> settled_;
  std::vector<std::string> broken_;
};

}  // namespace bddlock::model
