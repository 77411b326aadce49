#include "stores/sqlite/stack_book.hpp"

#include <utility>

namespace bddlock::stores::sqlite {

using core::Result;
using core::Stack;

namespace {

// Between two batches no more is kept: some 8 MB, and 250 MB where claims go to every repo of a
// table of two million. Then it starts from nothing.
constexpr std::size_t rows_max = 4096;
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

Result<const StackRow*> StackBook::row(StackQueries& queries, const core::StackName& name) {
  if (const auto at = rows_.find(name); at != rows_.end()) return &at->second;
  auto found = queries.row(name);
  if (!found) return std::unexpected(found.error());
  if (!*found) return nullptr;
  return &rows_.emplace(name, std::move(**found)).first->second;
}

Result<std::optional<Stack>> StackBook::find(StackQueries& queries, const core::StackName& name) {
  const auto found = row(queries, name);
  if (!found) return std::unexpected(found.error());
  if (*found == nullptr) return std::nullopt;
  return (*found)->stack;
}

Result<StackBefore> StackBook::look_at(StackQueries& queries, const core::StackName& name) {
  const auto found = row(queries, name);
  if (!found) return std::unexpected(found.error());
  if (*found != nullptr) {
    const Stack& stack = (*found)->stack;
    return StackBefore{stack.version, stack.state, stack.repo_name, stack.last_used,
                       (*found)->last_event};
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
    const auto stack = row(queries, each.stack_name);
    if (!stack) return std::unexpected(stack.error());
    if (labels.empty() || core::suits(wish, (*stack)->stack)) found.push_back((*stack)->stack);
  }
  return found;
}

void StackBook::leave(const StackBefore& before, const core::StackName& name) {
  touched_rows_.push_back(name);
  if (before.version == 0) return;
  const auto at = free_.find(before.repo_name);
  if (at == free_.end() || before.state != core::State::available) return;
  touched_repos_.insert(before.repo_name);
  free_count_ -= at->second.erase({before.last_used, name});
}

void StackBook::was_put(const StackBefore& before, StackRow next) {
  const Stack& stack = next.stack;
  leave(before, stack.stack_name);
  const auto at = free_.find(stack.repo_name);
  if (at != free_.end() && stack.state == core::State::available) {
    touched_repos_.insert(stack.repo_name);
    free_count_ += at->second.insert({stack.last_used, stack.stack_name}).second ? 1 : 0;
  }
  rows_.insert_or_assign(stack.stack_name, std::move(next));
}

void StackBook::was_removed(const StackBefore& before, const core::StackName& name) {
  leave(before, name);
  rows_.erase(name);
}

void StackBook::was_changed(const core::StackName& name) { rows_.erase(name); }

void StackBook::batch_begins() {
  if (rows_.size() > rows_max) rows_.clear();
  if (free_count_ <= free_max) return;
  free_.clear();
  free_count_ = 0;
}

void StackBook::batch_was_committed() {
  touched_rows_.clear();
  touched_repos_.clear();
}

void StackBook::batch_was_rolled_back() {
  for (const core::StackName& name : touched_rows_) rows_.erase(name);
  for (const core::RepoName& repo : touched_repos_) {
    const auto at = free_.find(repo);
    free_count_ -= at->second.size();
    free_.erase(at);
  }
  batch_was_committed();
}

}  // namespace bddlock::stores::sqlite
