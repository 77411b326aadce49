#include "stores/sqlite/repo_queries.hpp"

#include <string>

namespace bddlock::stores::sqlite {

using core::Result;

namespace {

constexpr const char* find_sql =
    "SELECT last_event, last_arrival, available, claimed, held, disabled, waiting, settled "
    "FROM repos WHERE repo_name = ?1";
constexpr const char* list_sql =
    "SELECT repo_name FROM repos WHERE repo_name > ?1 "
    "AND available + claimed + held + disabled + waiting + settled > 0 ORDER BY repo_name";

}  // namespace

Outcome<void> RepoQueries::prepare(Database& database) {
  const Preparation statements[] = {{&find_, find_sql}, {&list_, list_sql}};
  return database.prepare_all(statements);
}

Result<RepoRow> RepoQueries::find(const core::RepoName& repo) {
  const ResetAtEnd reset(find_);
  const auto row = find_.bind(1, repo.text()).step();
  if (!row) return std::unexpected(unavailable(row.error()));
  RepoRow found;
  if (!*row) return found;
  found.last_event = find_.integer(0);
  found.last_arrival = find_.integer(1);
  service::RepoTotals& totals = found.totals;
  totals.available = find_.integer(2);
  totals.claimed = find_.integer(3);
  totals.held = find_.integer(4);
  totals.disabled = find_.integer(5);
  totals.stacks = totals.available + totals.claimed + totals.held + totals.disabled;
  found.waiting = find_.integer(6);
  found.settled = find_.integer(7);
  return found;
}

Result<std::vector<core::RepoName>> RepoQueries::list(const std::optional<core::RepoName>& after,
                                                      std::size_t limit) {
  const ResetAtEnd reset(list_);
  list_.bind(1, after ? std::string_view(after->text()) : std::string_view());
  std::vector<core::RepoName> names;
  while (names.size() < limit) {
    const auto row = list_.step();
    if (!row) return std::unexpected(unavailable(row.error()));
    if (!*row) break;
    names.emplace_back(std::string(list_.text(0)));
  }
  return names;
}

}  // namespace bddlock::stores::sqlite
