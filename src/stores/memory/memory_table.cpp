#include "stores/memory/memory_table.hpp"

#include <utility>

namespace bddlock::stores::memory {

namespace {

void count(RepoRecord& repo, const StackRecord& stack, std::int64_t by) {
  if (!stack) return;
  repo.totals.stacks += by;
  switch (stack->state) {
    case core::State::available:
      repo.totals.available += by;
      break;
    case core::State::claimed:
      repo.totals.claimed += by;
      break;
    case core::State::held:
      repo.totals.held += by;
      break;
    case core::State::disabled:
      repo.totals.disabled += by;
      break;
  }
}

void count(RepoRecord& repo, const RequestRecord& request, std::int64_t by) {
  if (!request) return;
  (request->state == core::RequestState::waiting ? repo.waiting : repo.settled) += by;
}

template <class Map, class Key>
void copy_value(Map& to, const Map& from, const Key& key) {
  const auto at = from.find(key);
  if (at == from.end())
    to.erase(key);
  else
    to.insert_or_assign(at->first, at->second);
}

}  // namespace

void Side::put_stack(const core::StackName& name, StackRecord record) {
  if (const StackRecord old = stacks.find(name)) count(repos[old->repo_name], old, -1);
  if (record) count(repos[record->repo_name], record, 1);
  stacks.put(name, std::move(record));
}

void Side::put_request(const RequestKey& key, RequestRecord record) {
  RepoRecord& repo = repos[key.first];
  count(repo, requests.find(key), -1);
  count(repo, record, 1);
  requests.put(key, std::move(record));
}

void Side::become_as(const Side& other, const Touched& touched) {
  for (const core::StackName& name : touched.stacks) put_stack(name, other.stacks.find(name));
  for (const RequestKey& key : touched.requests) put_request(key, other.requests.find(key));
  for (const core::RepoName& name : touched.repos) {
    const auto at = other.repos.find(name);
    repos[name].last_arrival = at == other.repos.end() ? 0 : at->second.last_arrival;
  }
  for (const core::StackName& name : touched.retired) copy_value(retired, other.retired, name);
  for (const std::string& key : touched.marks) copy_value(marks, other.marks, key);
  events.take_back_to(other.events.last_id());
  for (std::int64_t id = events.last_id() + 1; id <= other.events.last_id(); ++id)
    events.append(other.events.record(id));
  events.start_at(other.events.first_id());
}

std::vector<core::RepoName> list_repos(const Side& side, const std::optional<core::RepoName>& after,
                                       std::size_t limit) {
  std::vector<core::RepoName> names;
  auto at = after ? side.repos.upper_bound(*after) : side.repos.begin();
  for (; at != side.repos.end() && names.size() < limit; ++at)
    if (at->second.totals.stacks + at->second.waiting + at->second.settled > 0)
      names.push_back(at->first);
  return names;
}

}  // namespace bddlock::stores::memory
