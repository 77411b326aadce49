#include "service/parking.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bddlock::service {

Ticket Parking::open(RequestKey key, core::Instant deadline, Done<ClaimAnswer>&& done) {
  const std::scoped_lock lock{mutex_};
  if (closed_) return 0;
  const Ticket ticket = ++last_;
  const auto [at, is_new] = open_.try_emplace(std::move(key));
  if (is_new) ++repos_[at->first.repo_name];
  at->second.push_back(ticket);
  calls_.emplace(ticket, Parked{&at->first, deadlines_.emplace(deadline, ticket), std::move(done)});
  return ticket;
}

bool Parking::is_open(const RequestKey& key) const {
  const std::scoped_lock lock{mutex_};
  return open_.contains(key);
}

bool Parking::is_any_open(const core::RepoName& repo) const {
  const std::scoped_lock lock{mutex_};
  return repos_.contains(repo);
}

std::vector<core::RepoName> Parking::repos() const {
  const std::scoped_lock lock{mutex_};
  std::vector<core::RepoName> repos;
  for (const auto& [repo, count] : repos_) repos.push_back(repo);
  return repos;
}

void Parking::settle(Ticket ticket, core::Result<ClaimAnswer> answer) {
  Call call;
  {
    const std::scoped_lock lock{mutex_};
    const auto at = calls_.find(ticket);
    if (at == calls_.end()) return;
    call = take(at);
  }
  call.done(std::move(answer));
}

void Parking::answer(const RequestKey& key, const ClaimAnswer& answer) {
  std::vector<Call> calls;
  {
    const std::scoped_lock lock{mutex_};
    const auto open = open_.find(key);
    if (open == open_.end()) return;
    const std::vector<Ticket> tickets = open->second;
    for (const Ticket ticket : tickets) calls.push_back(take(calls_.find(ticket)));
  }
  for (Call& call : calls) call.done(answer);
}

std::optional<Parking::Gone> Parking::gone(Ticket ticket) {
  Call call;  // its callback goes when the lock is no longer held
  const std::scoped_lock lock{mutex_};
  const auto at = calls_.find(ticket);
  if (at == calls_.end()) return std::nullopt;
  call = take(at);
  Gone gone{.key = std::move(call.key)};
  if (const auto open = open_.find(gone.key); open != open_.end())
    for (const Ticket other : open->second)
      gone.open_until = std::max(gone.open_until, std::optional{calls_.at(other).deadline->first});
  return gone;
}

std::vector<Parking::Call> Parking::expired(core::Instant now) {
  const std::scoped_lock lock{mutex_};
  return take_until(now);
}

std::vector<Parking::Call> Parking::close() {
  const std::scoped_lock lock{mutex_};
  closed_ = true;
  return take_until(core::Instant::max());
}

std::vector<Parking::Call> Parking::take_until(core::Instant now) {
  std::vector<Call> calls;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now)
    calls.push_back(take(calls_.find(deadlines_.begin()->second)));
  return calls;
}

std::size_t Parking::size() const {
  const std::scoped_lock lock{mutex_};
  return calls_.size();
}

// Its request is open no longer if this was the last call of it.
Parking::Call Parking::take(std::unordered_map<Ticket, Parked>::iterator at) {
  Call call{.key = *at->second.key, .done = std::move(at->second.done)};
  const auto open = open_.find(call.key);
  std::erase(open->second, at->first);
  if (open->second.empty()) {
    const auto repo = repos_.find(call.key.repo_name);
    if (--repo->second == 0) repos_.erase(repo);
    open_.erase(open);
  }
  deadlines_.erase(at->second.deadline);
  calls_.erase(at);
  return call;
}

}  // namespace bddlock::service
