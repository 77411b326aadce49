#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>

#include "stores/dynamodb/documents.hpp"
#include "stores/dynamodb/reads.hpp"

namespace bddlock::stores::dynamodb {
namespace {

// Of one page of the port, after which it may end short: how many events are looked at.
constexpr std::size_t looks_max = 4000;
constexpr std::size_t looks_at_once = 1000;

std::int64_t id_of(const Item& item) {
  const std::string_view text = text_in(item, "sk").value_or("");
  std::int64_t id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

core::Event event_of_item(const Item& item) {
  core::Event event = parse_event(text_in(item, "body").value_or(""));
  event.id = id_of(item);
  return event;
}

bool has_times(const service::EventQuery& query) { return query.since || query.until; }

bool is_wanted(const service::EventQuery& query, const core::Event& event) {
  return (!query.since || event.at >= *query.since) && (!query.until || event.at < *query.until);
}

// Newest first, of one stack (consistent), of one repo or of all (which may lag behind).
json::object events_input(const Table& table, const service::EventQuery& query) {
  const std::string before = event_id_text(query.before.value_or(0));
  const std::string_view key = query.stack_name  ? "pk"
                               : query.repo_name ? "eventRepo"
                                                 : "allEvents";
  const std::string of = query.stack_name  ? events_of(*query.stack_name)
                         : query.repo_name ? "repo#" + query.repo_name->text()
                                           : "all";
  json::object values{{":of", text_value(of)}};
  if (query.before) values.emplace(":before", text_value(before));
  auto input = query_of(table.names().requests(),
                        std::string(key) + " = :of" + (query.before ? " AND sk < :before" : ""),
                        std::move(values));
  input.emplace("ScanIndexForward", false);
  if (query.stack_name)
    input.emplace("ConsistentRead", true);
  else
    input.emplace("IndexName", query.repo_name ? "eventsByRepo" : "eventsInOrder");
  return input;
}

}  // namespace

core::Result<service::EventPage> Reads::events(const service::EventQuery& query) const {
  const std::size_t limit = std::max<std::size_t>(query.limit, 1);
  auto input = events_input(table_, query);
  input.emplace("Limit", has_times(query) ? looks_at_once : std::min(limit + 1, looks_max));
  service::EventPage page;
  std::size_t looks = 0;
  std::int64_t last_seen = 0;
  const auto read = table_.each_page("Query", std::move(input), [&](const json::array& items) {
    for (const json::value& item : items) {
      if (looks == looks_max) {
        page.next_before = last_seen;
        return false;
      }
      core::Event event = event_of_item(item.as_object());
      if (is_wanted(query, event)) {
        if (page.items.size() == limit) {
          page.next_before = last_seen;
          return false;
        }
        page.items.push_back(std::move(event));
      }
      ++looks;
      last_seen = id_of(item.as_object());
    }
    return true;
  });
  if (!read) return std::unexpected(read.error());
  return page;
}

}  // namespace bddlock::stores::dynamodb
