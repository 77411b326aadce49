#include "stores/sqlite/stack_queries.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "stores/sqlite/queries.hpp"
#include "stores/sqlite/records.hpp"

namespace bddlock::stores::sqlite {

using core::Result;
using core::Stack;

namespace {

// Rows that one page looks at, so that a rare state in a table of a million ends a page, not a
// lane.
constexpr std::size_t rows_a_page_max = 20'000;

std::string select_stacks(const char* rest) {
  return std::string("SELECT ") + stack_columns + " FROM stacks " + rest;
}

// No name is empty, so "behind the empty name" is all of them. LIMIT is not needed: the statement
// is reset as soon as the page is full. `state` is compared here in C++, which bounds the rows that
// are looked at.
constexpr const char* list_sql = "WHERE stack_name > ?1 ORDER BY stack_name";
constexpr const char* list_repo_sql =
    "INDEXED BY stacks_by_repo WHERE stack_name > ?1 AND repo_name = ?2 "
    "ORDER BY repo_name, stack_name";

// The writer does not use it: it remembers what is free (stack_book.hpp). With a limit SQLite sorts
// no more than so many rows.
constexpr const char* available_sql =
    "INDEXED BY stacks_by_repo WHERE repo_name = ?1 AND state = 1 "
    "ORDER BY last_used DESC, stack_name LIMIT ?2";
constexpr const char* due_sql = "INDEXED BY stacks_due WHERE expires_at <= ?1 ORDER BY expires_at";
constexpr const char* first_due_sql =
    "SELECT min(expires_at) FROM stacks WHERE expires_at IS NOT NULL";

// A name that was created after the back-up that the table was restored from is unknown here, yet
// tokens of it were granted: the floor is above them (see restore.cpp).
constexpr const char* retired_sql =
    "SELECT max(coalesce((SELECT fencing_token FROM retired_tokens WHERE stack_name = ?1), 0), "
    "           coalesce((SELECT value FROM marks WHERE key = ?2), 0))";

// The first `limit` stacks of the rows that suit.
Result<std::vector<Stack>> collect(Statement& rows, const core::StringMap& labels,
                                   std::size_t limit) {
  std::vector<Stack> found;
  const core::Wish wish{.labels = labels};
  while (found.size() < limit) {
    const auto row = rows.step();
    if (!row) return std::unexpected(unavailable(row.error()));
    if (!*row) break;
    auto stack = stack_of(rows);
    if (!stack) return std::unexpected(damaged_row("stacks"));
    if (labels.empty() || core::suits(wish, *stack)) found.push_back(std::move(*stack));
  }
  return found;
}

bool matches(const service::StackQuery& query, const Statement& row) {
  return !query.state || static_cast<core::State>(row.integer(stack_state_column)) == *query.state;
}

}  // namespace

Outcome<void> StackQueries::prepare(Database& database) {
  const std::string find = select_stacks("WHERE stack_name = ?1");
  const std::string list = select_stacks(list_sql);
  const std::string list_repo = select_stacks(list_repo_sql);
  const std::string available = select_stacks(available_sql);
  const std::string due = select_stacks(due_sql);
  const Preparation statements[] = {
      {&find_, find.c_str()},           {&list_, list.c_str()}, {&list_repo_, list_repo.c_str()},
      {&available_, available.c_str()}, {&due_, due.c_str()},   {&first_due_, first_due_sql},
      {&retired_, retired_sql}};
  return database.prepare_all(statements);
}

Result<std::optional<StackRow>> StackQueries::row(const core::StackName& name) {
  const ResetAtEnd reset(find_);
  const auto row = find_.bind(1, name.text()).step();
  if (!row) return std::unexpected(unavailable(row.error()));
  if (!*row) return std::nullopt;
  auto stack = stack_of(find_);
  if (!stack) return std::unexpected(damaged_row("stacks"));
  return StackRow{std::move(*stack), find_.integer(stack_last_event_column)};
}

Result<std::optional<Stack>> StackQueries::find(const core::StackName& name) {
  auto found = row(name);
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  return std::move((*found)->stack);
}

Result<service::StackPage> StackQueries::list(const service::StackQuery& query) {
  Statement& rows = query.repo_name ? list_repo_ : list_;
  const ResetAtEnd reset(rows);
  rows.bind(1, query.after ? std::string_view(query.after->text()) : std::string_view());
  if (query.repo_name) rows.bind(2, query.repo_name->text());

  service::StackPage page;
  const std::size_t limit = std::max<std::size_t>(query.limit, 1);
  std::string last_seen;
  for (std::size_t seen = 0;; ++seen) {
    const auto row = rows.step();
    if (!row) return std::unexpected(unavailable(row.error()));
    if (!*row) return page;
    const bool wanted = matches(query, rows);
    if ((wanted && page.items.size() >= limit) || seen >= rows_a_page_max) {
      page.next_after = core::StackName(std::move(last_seen));
      return page;
    }
    last_seen = rows.text(0);
    if (!wanted) continue;
    auto stack = stack_of(rows);
    if (!stack) return std::unexpected(damaged_row("stacks"));
    page.items.push_back(std::move(*stack));
  }
}

Result<std::vector<Stack>> StackQueries::available(const core::RepoName& repo,
                                                   const core::StringMap& labels,
                                                   std::size_t limit) {
  const ResetAtEnd reset(available_);
  constexpr std::int64_t no_limit = -1;
  available_.bind(1, repo.text())
      .bind(2, labels.empty() ? static_cast<std::int64_t>(limit) : no_limit);
  return collect(available_, labels, limit);
}

Result<std::vector<Stack>> StackQueries::due(core::Instant now, std::size_t limit) {
  const ResetAtEnd reset(due_);
  due_.bind(1, now.time_since_epoch().count());
  return collect(due_, {}, limit);
}

Result<core::Instant> StackQueries::first_due() {
  const ResetAtEnd reset(first_due_);
  const auto row = first_due_.step();
  if (!row) return std::unexpected(unavailable(row.error()));
  if (first_due_.is_null(0)) return core::Instant::max();
  return core::Instant(core::microseconds(first_due_.integer(0)));
}

Result<core::FencingToken> StackQueries::retired_token(const core::StackName& name) {
  const ResetAtEnd reset(retired_);
  const auto row = retired_.bind(1, name.text()).bind(2, token_floor_key).step();
  if (!row) return std::unexpected(unavailable(row.error()));
  return retired_.integer(0);
}

}  // namespace bddlock::stores::sqlite
