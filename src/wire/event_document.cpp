#include "wire/event_document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "wire/holder.hpp"
#include "wire/maps.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value state_or_null(const std::optional<core::State>& state) {
  return state ? json::value(core::to_text(*state)) : json::value(nullptr);
}

std::optional<core::Instant> held_until(const core::Event& event) {
  if (event.held_until == core::Instant{}) return std::nullopt;
  return event.held_until;
}

std::optional<core::State> read_state(ObjectReader& reader, std::string_view key) {
  const auto text = reader.optional_string(key);
  return text ? core::parse_state(*text) : std::nullopt;
}

Parsed<core::Event> read_event(const json::object& object) {
  ObjectReader reader(object);
  core::Event event;
  event.id = reader.required_count("id");
  event.at = required_time(reader, "at");
  const auto kind = core::parse_event_kind(reader.required_string("kind"));
  if (!kind) reader.refuse("kind", "is one that this program does not know");
  event.kind = kind.value_or(event.kind);
  event.by = core::parse_by(reader.optional_string("by").value_or("")).value_or(event.by);
  event.stack_name = core::StackName(reader.required_string("stackName"));
  event.repo_name = core::RepoName(reader.required_string("repoName"));
  event.request_id = core::RequestId(reader.optional_string("requestId").value_or(""));
  event.from = read_state(reader, "from");
  event.to = read_state(reader, "to");
  if (const json::object* holder = reader.optional_object("holder"))
    event.holder = shown_holder(*holder);
  event.fencing_token = reader.optional_count("fencingToken").value_or(0);
  event.outcome = core::parse_outcome(reader.optional_string("outcome").value_or(""));
  event.note = reader.optional_string("note").value_or("");
  event.lasted =
      core::seconds{reader.optional_integer("lastedSeconds", 0, count_max / 1'000'000).value_or(0)};
  event.held_until = read_time(reader, "heldUntil").value_or(core::Instant{});
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return event;
}

}  // namespace

json::object event_document(const core::Event& event) {
  json::object out{{"id", event.id},
                   {"at", core::to_rfc3339(event.at)},
                   {"kind", core::to_text(event.kind)},
                   {"by", core::to_text(event.by)},
                   {"stackName", event.stack_name.text()},
                   {"repoName", event.repo_name.text()},
                   {"requestId", text_or_null(event.request_id.text())},
                   {"from", state_or_null(event.from)},
                   {"to", state_or_null(event.to)},
                   {"holder", holder_document(event.holder)},
                   {"fencingToken", event.fencing_token},
                   {"outcome", nullptr},
                   {"note", event.note},
                   {"lastedSeconds", nullptr},
                   {"heldUntil", time_document(held_until(event))}};
  if (event.outcome) out["outcome"] = core::to_text(*event.outcome);
  if (event.lasted.count() > 0)
    out["lastedSeconds"] = std::chrono::duration_cast<core::seconds>(event.lasted).count();
  return out;
}

std::string to_text(const EventList& list) {
  json::array items;
  items.reserve(list.items.size());
  for (const core::Event& event : list.items) items.push_back(event_document(event));
  json::object out{{"items", std::move(items)}, {"nextCursor", nullptr}};
  if (list.next_cursor) out["nextCursor"] = *list.next_cursor;
  return json::serialize(out);
}

Parsed<EventList> parse_event_list(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  const json::value* items = object->if_contains("items");
  if (items == nullptr || !items->is_array()) return std::unexpected("has no list of items");
  EventList list;
  for (const json::value& item : items->get_array()) {
    if (!item.is_object()) return std::unexpected("has an item that is no object");
    auto event = read_event(item.get_object());
    if (!event) return std::unexpected("has an item where " + event.error());
    list.items.push_back(std::move(*event));
  }
  ObjectReader reader(*object);
  list.next_cursor = reader.optional_string("nextCursor");
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return list;
}

}  // namespace bddlock::wire
