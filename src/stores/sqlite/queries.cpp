#include "stores/sqlite/queries.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace bddlock::stores::sqlite {

namespace {

// Rows that one page looks at, so that a rare state in a table of a million ends a page, not a
// lane.
constexpr std::size_t rows_a_page_max = 20'000;

constexpr const char* find_sql =
    "SELECT stack_name, repo_name, state, last_used, fencing_token, version FROM stacks "
    "WHERE stack_name = ?1";

// No name is empty, so "behind the empty name" is all of them. LIMIT is not needed: the statement
// is reset as soon as the page is full. `state` is compared here in C++, which bounds the rows that
// are looked at.
constexpr const char* list_sql =
    "SELECT stack_name, repo_name, state, last_used, fencing_token, version FROM stacks "
    "WHERE stack_name > ?1 ORDER BY stack_name";
constexpr const char* list_repo_sql =
    "SELECT stack_name, repo_name, state, last_used, fencing_token, version FROM stacks "
    "WHERE stack_name > ?1 AND repo_name = ?2 ORDER BY repo_name, stack_name";

// A name that was created after the back-up that the table was restored from is unknown here, yet
// tokens of it were granted: the floor is above them (see restore.cpp).
constexpr const char* retired_sql =
    "SELECT max(coalesce((SELECT fencing_token FROM retired_tokens WHERE stack_name = ?1), 0), "
    "           coalesce((SELECT value FROM marks WHERE key = ?2), 0))";

constexpr const char* mark_sql = "SELECT value FROM marks WHERE key = ?1";

constexpr int state_column = 2;

core::Stack stack_of(const Statement& row) {
  return {core::StackName(std::string(row.text(0))),
          core::RepoName(std::string(row.text(1))),
          static_cast<core::State>(row.integer(state_column)),
          core::Instant(core::microseconds(row.integer(3))),
          row.integer(4),
          row.integer(5)};
}

bool matches(const service::StackQuery& query, const Statement& row) {
  return !query.state || static_cast<core::State>(row.integer(state_column)) == *query.state;
}

}  // namespace

Outcome<Queries> Queries::prepare(Database& database) {
  Queries queries;
  const Preparation statements[] = {{&queries.find_, find_sql},
                                    {&queries.list_, list_sql},
                                    {&queries.list_repo_, list_repo_sql},
                                    {&queries.retired_, retired_sql},
                                    {&queries.mark_, mark_sql}};
  if (auto prepared = database.prepare_all(statements); !prepared) {
    return std::unexpected(prepared.error());
  }
  return queries;
}

core::Result<std::optional<core::Stack>> Queries::find(const core::StackName& name) {
  const ResetAtEnd reset(find_);
  const auto row = find_.bind(1, name.text()).step();
  if (!row) return std::unexpected(unavailable(row.error()));
  if (!*row) return std::nullopt;
  return stack_of(find_);
}

core::Result<service::StackPage> Queries::list(const service::StackQuery& query) {
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
    if (wanted) page.items.push_back(stack_of(rows));
  }
}

core::Result<core::FencingToken> Queries::retired_token(const core::StackName& name) {
  const ResetAtEnd reset(retired_);
  const auto row = retired_.bind(1, name.text()).bind(2, token_floor_key).step();
  if (!row) return std::unexpected(unavailable(row.error()));
  return retired_.integer(0);
}

core::Result<std::optional<std::int64_t>> Queries::mark(std::string_view key) {
  const ResetAtEnd reset(mark_);
  const auto row = mark_.bind(1, key).step();
  if (!row) return std::unexpected(unavailable(row.error()));
  if (!*row) return std::nullopt;
  return mark_.integer(0);
}

}  // namespace bddlock::stores::sqlite
