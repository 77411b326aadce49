#include "stores/sqlite/request_queries.hpp"

#include <string>

#include "stores/sqlite/records.hpp"

namespace bddlock::stores::sqlite {

using core::Request;
using core::Result;

namespace {

std::string select_requests(const char* rest) {
  return std::string("SELECT ") + request_columns + " FROM requests " + rest;
}

constexpr const char* waiting_sql =
    "INDEXED BY requests_waiting WHERE repo_name = ?1 AND state = 1 "
    "ORDER BY priority DESC, arrival";
// Behind a place there are two ranges of the index: the rest of its priority, and all below. One
// statement for both would walk the queue from its head.
constexpr const char* waiting_with_sql =
    "INDEXED BY requests_waiting WHERE repo_name = ?1 AND state = 1 AND priority = ?2 "
    "AND arrival > ?3 ORDER BY arrival";
constexpr const char* waiting_below_sql =
    "INDEXED BY requests_waiting WHERE repo_name = ?1 AND state = 1 AND priority < ?2 "
    "ORDER BY priority DESC, arrival";
constexpr const char* count_above_sql =
    "SELECT count(*) FROM requests INDEXED BY requests_waiting "
    "WHERE repo_name = ?1 AND state = 1 AND priority > ?2";
constexpr const char* count_with_sql =
    "SELECT count(*) FROM requests INDEXED BY requests_waiting "
    "WHERE repo_name = ?1 AND state = 1 AND priority = ?2 AND arrival < ?3";
constexpr const char* silent_sql =
    "INDEXED BY requests_ready WHERE state = 1 AND ready_until <= ?1 ORDER BY ready_until";
constexpr const char* settled_sql =
    "WHERE (request_id, repo_name) > (?2, ?1) AND state <> 1 ORDER BY request_id, repo_name";

// Appends the rows' requests until there are `limit`.
Result<void> collect(Statement& rows, std::size_t limit, std::vector<Request>& found) {
  while (found.size() < limit) {
    const auto row = rows.step();
    if (!row) return std::unexpected(unavailable(row.error()));
    if (!*row) break;
    auto request = request_of(rows);
    if (!request) return std::unexpected(damaged_row("requests"));
    found.push_back(std::move(*request));
  }
  return {};
}

Result<std::vector<Request>> collected(Statement& rows, std::size_t limit) {
  std::vector<Request> found;
  if (auto all = collect(rows, limit, found); !all) return std::unexpected(all.error());
  return found;
}

Result<std::int64_t> counted(Statement& row) {
  const auto there = row.step();
  if (!there) return std::unexpected(unavailable(there.error()));
  return row.integer(0);
}

}  // namespace

Outcome<void> RequestQueries::prepare(Database& database, SeenRequest* seen) {
  seen_ = seen;
  const std::string find = select_requests("WHERE repo_name = ?1 AND request_id = ?2");
  const std::string waiting = select_requests(waiting_sql);
  const std::string waiting_with = select_requests(waiting_with_sql);
  const std::string waiting_below = select_requests(waiting_below_sql);
  const std::string silent = select_requests(silent_sql);
  const std::string settled = select_requests(settled_sql);
  const Preparation statements[] = {{&find_, find.c_str()},
                                    {&waiting_, waiting.c_str()},
                                    {&waiting_with_, waiting_with.c_str()},
                                    {&waiting_below_, waiting_below.c_str()},
                                    {&count_above_, count_above_sql},
                                    {&count_with_, count_with_sql},
                                    {&silent_, silent.c_str()},
                                    {&settled_, settled.c_str()}};
  return database.prepare_all(statements);
}

Result<std::optional<Request>> RequestQueries::find(const core::RepoName& repo,
                                                    const core::RequestId& id) {
  const ResetAtEnd reset(find_);
  const auto row = find_.bind(1, repo.text()).bind(2, id.text()).step();
  if (!row) return std::unexpected(unavailable(row.error()));
  if (!*row) {
    if (seen_ != nullptr) seen_->note(repo, id, {});
    return std::nullopt;
  }
  auto request = request_of(find_);
  if (!request) return std::unexpected(damaged_row("requests"));
  if (seen_ != nullptr) seen_->note(repo, id, {request->version, request->state});
  return request;
}

Result<std::vector<Request>> RequestQueries::waiting(
    const core::RepoName& repo, const std::optional<service::QueuePlace>& after,
    std::size_t limit) {
  if (!after) {
    const ResetAtEnd reset(waiting_);
    waiting_.bind(1, repo.text());
    return collected(waiting_, limit);
  }
  const ResetAtEnd reset_with(waiting_with_);
  const ResetAtEnd reset_below(waiting_below_);
  waiting_with_.bind(1, repo.text())
      .bind(2, static_cast<std::int64_t>(after->priority))
      .bind(3, after->arrival);
  waiting_below_.bind(1, repo.text()).bind(2, static_cast<std::int64_t>(after->priority));
  std::vector<Request> found;
  for (Statement* rows : {&waiting_with_, &waiting_below_})
    if (auto all = collect(*rows, limit, found); !all) return std::unexpected(all.error());
  return found;
}

Result<std::int64_t> RequestQueries::count_waiting_before(const core::RepoName& repo,
                                                          const service::QueuePlace& place) {
  const ResetAtEnd reset_above(count_above_);
  const ResetAtEnd reset_with(count_with_);
  const auto priority = static_cast<std::int64_t>(place.priority);
  const auto above = counted(count_above_.bind(1, repo.text()).bind(2, priority));
  if (!above) return above;
  const auto with =
      counted(count_with_.bind(1, repo.text()).bind(2, priority).bind(3, place.arrival));
  if (!with) return with;
  return *above + *with;
}

Result<std::vector<Request>> RequestQueries::ready_until_before(core::Instant at,
                                                                std::size_t limit) {
  const ResetAtEnd reset(silent_);
  silent_.bind(1, at.time_since_epoch().count());
  return collected(silent_, limit);
}

Result<std::vector<Request>> RequestQueries::settled(
    const std::optional<std::pair<core::RepoName, core::RequestId>>& after, std::size_t limit) {
  const ResetAtEnd reset(settled_);
  settled_.bind(1, after ? std::string_view(after->first.text()) : std::string_view())
      .bind(2, after ? std::string_view(after->second.text()) : std::string_view());
  return collected(settled_, limit);
}

}  // namespace bddlock::stores::sqlite
