#include "stores/sqlite/event_queries.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "stores/sqlite/records.hpp"

namespace bddlock::stores::sqlite {

using core::Result;
using service::EventPage;
using service::EventQuery;

namespace {

// Events that one page looks at before it is ended.
constexpr std::size_t looks_a_page_max = 20'000;

constexpr const char* range_sql =
    "SELECT coalesce((SELECT min(id) FROM events), 1), coalesce((SELECT max(id) FROM events), 0)";
constexpr const char* entry_sql = ", before_of_stack, before_of_repo FROM events WHERE id = ?1";
constexpr const char* down_sql = " FROM events WHERE id <= ?1 ORDER BY id DESC";
constexpr const char* time_sql = "SELECT at FROM events WHERE id <= ?1 ORDER BY id DESC LIMIT 1";
constexpr const char* rise_sql = "SELECT coalesce(max(id), 0) FROM event_breaks WHERE id <= ?1";
// Of a stack that is there, or else of one that was removed.
constexpr const char* last_of_stack_sql =
    "SELECT coalesce((SELECT last_event FROM stacks WHERE stack_name = ?1), "
    "                (SELECT last_event FROM retired_tokens WHERE stack_name = ?1), 0)";
constexpr const char* last_of_repo_sql = "SELECT last_event FROM repos WHERE repo_name = ?1";

constexpr int stack_column = 3;
constexpr int repo_column = 4;
constexpr int before_of_stack_column = 6;
constexpr int before_of_repo_column = 7;

bool wanted(const EventQuery& query, core::Instant at) {
  return (!query.since || at >= *query.since) && (!query.until || at < *query.until);
}

core::Instant time_of(const Statement& row) {
  return core::Instant(core::microseconds(row.integer(1)));
}

std::int64_t before(const EventQuery& query, const Statement& row) {
  return row.integer(query.stack_name ? before_of_stack_column : before_of_repo_column);
}

bool is_of(const EventQuery& query, const Statement& row) {
  return query.stack_name ? row.text(stack_column) == query.stack_name->text()
                          : row.text(repo_column) == query.repo_name->text();
}

Result<std::int64_t> number(Statement& statement) {
  const auto row = statement.step();
  if (!row) return std::unexpected(unavailable(row.error()));
  return *row ? statement.integer(0) : 0;
}

}  // namespace

Outcome<void> EventQueries::prepare(Database& database) {
  const std::string select = std::string("SELECT ") + event_columns;
  const std::string entry = select + entry_sql;
  const std::string down = select + down_sql;
  const Preparation statements[] = {{&range_, range_sql},
                                    {&entry_, entry.c_str()},
                                    {&down_, down.c_str()},
                                    {&time_, time_sql},
                                    {&rise_, rise_sql},
                                    {&last_of_stack_, last_of_stack_sql},
                                    {&last_of_repo_, last_of_repo_sql}};
  return database.prepare_all(statements);
}

Result<std::int64_t> EventQueries::last_of(const core::StackName& stack) {
  const ResetAtEnd reset(last_of_stack_);
  return number(last_of_stack_.bind(1, stack.text()));
}

Result<EventPage> EventQueries::find(const EventQuery& query) {
  const auto range = this->range();
  if (!range) return std::unexpected(range.error());
  if (query.before && *query.before <= range->first) return EventPage{};
  if (query.stack_name || query.repo_name) return find_along(query, *range);
  return find_all(query, *range);
}

Result<EventQueries::Range> EventQueries::range() {
  const ResetAtEnd reset(range_);
  const auto row = range_.step();
  if (!row) return std::unexpected(unavailable(row.error()));
  return Range{range_.integer(0), range_.integer(1)};
}

Result<EventPage> EventQueries::find_all(const EventQuery& query, Range range) {
  EventPage page;
  std::int64_t id = query.before ? std::min(range.last, *query.before - 1) : range.last;
  for (;;) {
    const Id from = wanted_at_or_before(id, query, range);
    if (!from) return std::unexpected(from.error());
    if (*from < range.first) return page;
    const ResetAtEnd reset(down_);
    down_.bind(1, *from);
    for (;;) {
      const auto row = down_.step();
      if (!row) return std::unexpected(unavailable(row.error()));
      if (!*row) return page;
      if (page.items.size() >= std::max<std::size_t>(query.limit, 1)) {
        // There may be no further one in the time that was asked for.
        const Id next = wanted_at_or_before(down_.integer(0), query, range);
        if (!next) return std::unexpected(next.error());
        if (*next >= range.first) page.next_before = page.items.back().id;
        return page;
      }
      id = down_.integer(0);
      if (!wanted(query, time_of(down_))) break;
      auto event = event_of(down_);
      if (!event) return std::unexpected(damaged_row("events"));
      page.items.push_back(std::move(*event));
    }
  }
}

Result<EventPage> EventQueries::find_along(const EventQuery& query, Range range) {
  const Id floor = query.since ? first_since(*query.since, range) : Id(range.first);
  if (!floor) return std::unexpected(floor.error());
  const Id start = start_of_walk(query, range);
  if (!start) return std::unexpected(start.error());
  EventPage page;
  std::size_t looks = 0;
  std::int64_t last_seen = 0;
  for (std::int64_t id = *start; id >= *floor; ++looks) {
    const ResetAtEnd reset(entry_);
    const auto row = entry_.bind(1, id).step();
    if (!row) return std::unexpected(unavailable(row.error()));
    if (!*row) break;  // forgotten just now
    const bool take = wanted(query, time_of(entry_));
    if ((take && page.items.size() >= std::max<std::size_t>(query.limit, 1)) ||
        looks == looks_a_page_max) {
      page.next_before = last_seen;
      break;
    }
    last_seen = id;
    id = before(query, entry_);
    if (!take) continue;
    auto event = event_of(entry_);
    if (!event) return std::unexpected(damaged_row("events"));
    page.items.push_back(std::move(*event));
  }
  return page;
}

EventQueries::Id EventQueries::start_of_walk(const EventQuery& query, Range range) {
  // A page goes on where the one before ended: a step from there saves the way down the chain.
  if (query.before && *query.before <= range.last) {
    const ResetAtEnd reset(entry_);
    const auto row = entry_.bind(1, *query.before).step();
    if (!row) return std::unexpected(unavailable(row.error()));
    if (*row && is_of(query, entry_)) return before(query, entry_);
  }
  Id id = 0;
  if (query.stack_name) {
    id = last_of(*query.stack_name);
  } else {
    const ResetAtEnd reset(last_of_repo_);
    id = number(last_of_repo_.bind(1, query.repo_name->text()));
  }
  while (id && query.before && *id >= std::max(range.first, *query.before)) {
    const ResetAtEnd reset(entry_);
    const auto row = entry_.bind(1, *id).step();
    if (!row) return std::unexpected(unavailable(row.error()));
    id = *row ? before(query, entry_) : 0;
  }
  return id;
}

EventQueries::Id EventQueries::wanted_at_or_before(std::int64_t id, const EventQuery& query,
                                                   Range range) {
  while ((query.since || query.until) && id >= range.first) {
    const auto at = time_at(id);
    if (!at) return std::unexpected(at.error());
    if (wanted(query, *at)) return id;
    const Id begin = begin_of_rise(id, range);
    if (!begin) return begin;
    if (query.until && *at >= *query.until) {
      const Id late = first_at_or_after(*begin, id, *query.until);
      if (!late) return late;
      id = *late - 1;
    } else {
      id = *begin - 1;
    }
  }
  return id;
}

EventQueries::Id EventQueries::first_since(core::Instant since, Range range) {
  std::int64_t first = range.last + 1;
  for (std::int64_t end = first; end > range.first;) {
    const Id begin = begin_of_rise(end - 1, range);
    if (!begin) return begin;
    const Id found = first_at_or_after(*begin, end, since);
    if (!found) return found;
    if (*found < end) first = *found;
    end = *begin;
  }
  return first;
}

EventQueries::Id EventQueries::first_at_or_after(std::int64_t begin, std::int64_t end,
                                                 core::Instant time) {
  while (begin < end) {
    const std::int64_t middle = begin + (end - begin) / 2;
    const auto at = time_at(middle);
    if (!at) return std::unexpected(at.error());
    if (*at < time) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

EventQueries::Id EventQueries::begin_of_rise(std::int64_t id, Range range) {
  const ResetAtEnd reset(rise_);
  const Id begin = number(rise_.bind(1, id));
  if (!begin) return begin;
  return std::max(*begin, range.first);
}

Result<core::Instant> EventQueries::time_at(std::int64_t id) {
  const ResetAtEnd reset(time_);
  const Id at = number(time_.bind(1, id));
  if (!at) return std::unexpected(at.error());
  return core::Instant(core::microseconds(*at));
}

}  // namespace bddlock::stores::sqlite
