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

class Invariants {
 public:
  using IsOpen = std::function<bool(const service::RequestKey&)>;

  // `now`: a tick was done at this time, so that nothing is due any more.
  Invariants(service::StoreReader& reader, Instant now, IsOpen is_open)
      : reader_(reader), now_(now), is_open_(std::move(is_open)) {}

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
    service::EventQuery events{.limit = 500};
    while (true) {
      const auto page = reader_.events(events).value();
      for (const core::Event& event : page.items) events_[event.stack_name.text()].push_back(event);
      if (!page.next_before) break;
      events.before = page.next_before;
    }
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

  // Each event begins where the one before it ended, the last one ends where the stack is now, and
  // tokens only rise (invariant 3).
  void check_events() {
    for (auto& [name, events] : events_) {
      std::ranges::reverse(events);
      std::optional<State> state;
      core::FencingToken granted = 0;
      core::FencingToken last = 0;
      for (const core::Event& event : events) {
        if (event.from != state) say("the history of " + name + " has a gap");
        const bool grant =
            event.kind == core::EventKind::claimed || event.kind == core::EventKind::offered;
        if (grant && event.fencing_token <= granted)
          say("token " + std::to_string(event.fencing_token) + " of " + name + " was given twice");
        if (event.fencing_token < last) say("the token of " + name + " fell");
        if (grant) granted = event.fencing_token;
        last = event.fencing_token;
        state = event.to;
      }
      const auto at = stacks_.find(name);
      const auto is = at == stacks_.end() ? std::nullopt : std::optional{at->second.state};
      if (state != is) say("the history of " + name + " ends in another state than it has");
      if (is && at->second.fencing_token != last)
        say("the history of " + name + " has another token");
    }
    for (const auto& [name, stack] : stacks_)
      if (!events_.contains(name)) say(name + " has no history");
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
  const Instant now_;
  IsOpen is_open_;
  std::map<std::string, core::Stack> stacks_;
  std::map<std::string, std::vector<core::Request>> waiting_;
  std::map<std::pair<std::string, std::string>, core::Request> settled_;
  std::map<std::string, std::vector<core::Event>> events_;
  std::vector<std::string> broken_;
};

}  // namespace bddlock::model
