#include "stores/sqlite/history.hpp"

#include <algorithm>

#include "stores/sqlite/records.hpp"

namespace bddlock::stores::sqlite {

using core::Result;

namespace {

constexpr const char* append_sql =
    "INSERT INTO events (id, at, kind, stack_name, repo_name, before_of_stack, before_of_repo, "
    "body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
constexpr const char* last_sql = "SELECT id, at FROM events ORDER BY id DESC LIMIT 1";
constexpr const char* break_sql = "INSERT INTO event_breaks (id, skipped) VALUES (?1, ?2)";
// Ids are given one after the other, but for those that a break says were skipped.
constexpr const char* count_sql =
    "SELECT coalesce((SELECT max(id) FROM events) - (SELECT min(id) FROM events) + 1, 0) - "
    "       (SELECT coalesce(sum(skipped), 0) FROM event_breaks "
    "        WHERE id > (SELECT min(id) FROM events))";
constexpr const char* oldest_sql = "SELECT id, at FROM events ORDER BY id";
constexpr const char* remove_sql = "DELETE FROM events WHERE id <= ?1";
constexpr const char* remove_breaks_sql = "DELETE FROM event_breaks WHERE id <= ?1";
constexpr const char* put_floor_sql =
    "INSERT INTO marks (key, value) VALUES (?1, ?2) "
    "ON CONFLICT DO UPDATE SET value = max(value, excluded.value)";

Result<void> run(Statement& statement) {
  const ResetAtEnd reset(statement);
  const auto ran = statement.step();
  if (!ran) return std::unexpected(unavailable(ran.error()));
  return {};
}

}  // namespace

Outcome<void> History::prepare(Database& database) {
  const Preparation statements[] = {{&append_, append_sql},
                                    {&last_, last_sql},
                                    {&break_, break_sql},
                                    {&count_, count_sql},
                                    {&oldest_, oldest_sql},
                                    {&remove_, remove_sql},
                                    {&remove_breaks_, remove_breaks_sql},
                                    {&put_floor_, put_floor_sql}};
  return database.prepare_all(statements);
}

Result<History::End*> History::end(Queries& queries) {
  if (end_) return &*end_;
  const auto floor = queries.mark(event_floor_key);
  if (!floor) return std::unexpected(floor.error());
  const ResetAtEnd reset(last_);
  const auto row = last_.step();
  if (!row) return std::unexpected(unavailable(row.error()));
  End found;
  if (*row) {
    found.last_id = found.last_present = last_.integer(0);
    found.last_at = last_.integer(1);
  }
  found.last_id = std::max(found.last_id, floor->value_or(0));
  return &end_.emplace(found);
}

Result<void> History::note_break(std::int64_t id, std::int64_t skipped) {
  break_.bind(1, id).bind(2, skipped);
  return run(break_);
}

Result<std::int64_t> History::append(Queries& queries, const core::Event& event,
                                     std::int64_t before_of_stack, std::int64_t before_of_repo) {
  const auto found = end(queries);
  if (!found) return std::unexpected(found.error());
  End& end = **found;
  const std::int64_t id = end.last_id + 1;
  const std::int64_t at = event.at.time_since_epoch().count();
  const std::int64_t skipped = end.last_id - end.last_present;
  if (end.last_present != 0 && (skipped != 0 || at < end.last_at)) {
    if (auto noted = note_break(id, skipped); !noted) return std::unexpected(noted.error());
  }
  encode_body(event, body_);
  append_.bind(1, id)
      .bind(2, at)
      .bind(3, static_cast<std::int64_t>(event.kind))
      .bind(4, event.stack_name.text())
      .bind(5, event.repo_name.text())
      .bind(6, before_of_stack)
      .bind(7, before_of_repo)
      .bind(8, Bytes{body_});
  if (auto appended = run(append_); !appended) return std::unexpected(appended.error());
  end = {id, id, at};
  return id;
}

Result<std::int64_t> History::count() {
  const ResetAtEnd reset(count_);
  const auto row = count_.step();
  if (!row) return std::unexpected(unavailable(row.error()));
  return count_.integer(0);
}

Result<std::int64_t> History::forget(core::Instant at, std::int64_t keep, std::size_t limit) {
  const auto left = count();
  if (!left) return left;
  std::int64_t last_removed = 0;
  std::int64_t removed = 0;
  {
    const ResetAtEnd reset(oldest_);
    for (; removed < static_cast<std::int64_t>(limit); ++removed) {
      const auto row = oldest_.step();
      if (!row) return std::unexpected(unavailable(row.error()));
      if (!*row) break;
      const bool old = oldest_.integer(1) < at.time_since_epoch().count();
      if (!old && *left - removed <= keep) break;
      last_removed = oldest_.integer(0);
    }
  }
  if (removed == 0) return 0;
  // Otherwise an empty table would begin again at 1, and chains would lead to strangers.
  put_floor_.bind(1, event_floor_key).bind(2, last_removed);
  remove_.bind(1, last_removed);
  remove_breaks_.bind(1, last_removed);
  for (Statement* statement : {&put_floor_, &remove_, &remove_breaks_})
    if (auto ran = run(*statement); !ran) return std::unexpected(ran.error());
  look_again();
  return removed;
}

}  // namespace bddlock::stores::sqlite
