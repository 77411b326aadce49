#include "stores/sqlite/stack_book.hpp"

#include <algorithm>
#include <utility>

#include "service/ties.hpp"

namespace bddlock::stores::sqlite {

using core::Result;
using core::Stack;

namespace {

// Between two batches no more is kept: some 8 MB, and 250 MB where claims go to every repo of a
// table of two million. Then it starts from nothing.
constexpr std::size_t stack_pages_max = 4096;
constexpr std::size_t free_max = 2'000'000;

constexpr const char* free_of_repo_sql =
    "SELECT stack_name, last_used FROM stacks INDEXED BY stacks_by_repo "
    "WHERE repo_name = ?1 AND state = 1";
constexpr const char* last_event_of_retired_sql =
    "SELECT last_event FROM retired_tokens WHERE stack_name = ?1";

}  // namespace

Outcome<void> StackBook::prepare(Database& database) {
  const Preparation statements[] = {{&free_of_repo_, free_of_repo_sql},
                                    {&last_event_of_retired_, last_event_of_retired_sql}};
  return database.prepare_all(statements);
}

Result<StackPages::value_type*> StackBook::page(StackQueries& queries,
                                                const core::StackName& name) {
  if (const auto at = pages_.find(name); at != pages_.end()) return &*at;
  auto found = queries.row(name);
  if (!found) return std::unexpected(found.error());
  if (!*found) return nullptr;
  const core::Version version = (*found)->stack.version;
  return &*pages_.emplace(name, StackPage{std::move(**found), version}).first;
}

Result<std::optional<Stack>> StackBook::find(StackQueries& queries, const core::StackName& name) {
  const auto found = page(queries, name);
  if (!found) return std::unexpected(found.error());
  if (*found == nullptr) return std::nullopt;
  return (*found)->second.row.stack;
}

Result<StackBefore> StackBook::look_at(StackQueries& queries, const core::StackName& name) {
  const auto found = page(queries, name);
  if (!found) return std::unexpected(found.error());
  if (*found != nullptr) {
    const StackRow& row = (*found)->second.row;
    return StackBefore{row.stack.version, row.stack.state, row.stack.repo_name, row.stack.last_used,
                       row.last_event};
  }
  const ResetAtEnd reset(last_event_of_retired_);
  const auto retired = last_event_of_retired_.bind(1, name.text()).step();
  if (!retired) return std::unexpected(unavailable(retired.error()));
  return StackBefore{.last_event = *retired ? last_event_of_retired_.integer(0) : 0};
}

Result<StackBook::FreeOnes*> StackBook::free_ones(const core::RepoName& repo) {
  if (const auto at = free_.find(repo); at != free_.end()) return &at->second;
  FreeOnes found;
  const ResetAtEnd reset(free_of_repo_);
  free_of_repo_.bind(1, repo.text());
  for (;;) {
    const auto row = free_of_repo_.step();
    if (!row) return std::unexpected(unavailable(row.error()));
    if (!*row) break;
    found.insert({core::Instant(core::microseconds(free_of_repo_.integer(1))),
                  core::StackName(std::string(free_of_repo_.text(0)))});
  }
  free_count_ += found.size();
  return &free_.emplace(repo, std::move(found)).first->second;
}

Result<std::vector<Stack>> StackBook::available(StackQueries& queries, const core::RepoName& repo,
                                                const core::StringMap& labels, std::size_t limit) {
  const auto free = free_ones(repo);
  if (!free) return std::unexpected(free.error());
  std::vector<Stack> found;
  const core::Wish wish{.labels = labels};
  for (const Free& each : **free) {
    if (found.size() >= limit) break;
    const auto at = page(queries, each.stack_name);
    if (!at) return std::unexpected(at.error());
    const Stack& stack = (*at)->second.row.stack;
    if (labels.empty() || core::suits(wish, stack)) found.push_back(stack);
  }
  return found;
}

// Only the records of those that are chosen are read.
Result<std::vector<Stack>> StackBook::used_last(StackQueries& queries, const core::RepoName& repo,
                                                std::size_t count, const Random& random) {
  const auto free = free_ones(repo);
  if (!free) return std::unexpected(free.error());
  std::vector<const Free*> first;
  first.reserve(count + service::ties_looked_at);
  for (const Free& each : **free) {
    if (first.size() == first.capacity()) break;
    first.push_back(&each);
  }
  service::break_ties(first, count, [](const Free* each) { return each->last_used; }, random);
  first.resize(std::min(first.size(), count));
  std::vector<Stack> found;
  found.reserve(first.size());
  for (const Free* each : first) {
    const auto at = page(queries, each->stack_name);
    if (!at) return std::unexpected(at.error());
    found.push_back((*at)->second.row.stack);
  }
  return found;
}

void StackBook::leave(const StackBefore& before, const core::StackName& name) {
  touched_.push_back(name);
  if (before.version == 0) return;
  const auto at = free_.find(before.repo_name);
  if (at == free_.end() || before.state != core::State::available) return;
  touched_repos_.insert(before.repo_name);
  free_count_ -= at->second.erase({before.last_used, name});
}

bool StackBook::put(const StackBefore& before, const Stack& next, bool written) {
  leave(before, next.stack_name);
  auto& place = *pages_.try_emplace(next.stack_name).first;
  StackPage& page = place.second;
  if (page.row.stack.version != before.version) return false;
  page.row.stack = next;
  page.row.stack.version = before.version + 1;
  page.row.last_event = before.last_event;
  if (!written && page.written == before.version) unwritten_.push_back(&place);
  if (written) page.written = page.row.stack.version;
  const auto at = free_.find(next.repo_name);
  if (at == free_.end() || next.state != core::State::available) return true;
  touched_repos_.insert(next.repo_name);
  free_count_ += at->second.insert({next.last_used, next.stack_name}).second ? 1 : 0;
  return true;
}

void StackBook::were_written() {
  for (auto* each : unwritten_) each->second.written = each->second.row.stack.version;
  unwritten_.clear();
}

void StackBook::was_removed(const StackBefore& before, const core::StackName& name) {
  leave(before, name);
  pages_.erase(name);
}

void StackBook::was_changed(const core::StackName& name) { pages_.erase(name); }

void StackBook::batch_begins() {
  if (pages_.size() > stack_pages_max) pages_.clear();
  if (free_count_ <= free_max) return;
  free_.clear();
  free_count_ = 0;
}

void StackBook::batch_was_committed() {
  touched_.clear();
  touched_repos_.clear();
}

void StackBook::batch_was_rolled_back() {
  unwritten_.clear();
  for (const core::StackName& name : touched_) pages_.erase(name);
  for (const core::RepoName& repo : touched_repos_) {
    const auto at = free_.find(repo);
    free_count_ -= at->second.size();
    free_.erase(at);
  }
  batch_was_committed();
}

}  // namespace bddlock::stores::sqlite
