#include "wire/request_document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "wire/holder.hpp"
#include "wire/maps.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

json::value name_or_null(const std::optional<core::StackName>& name) {
  return name ? json::value(name->text()) : json::value(nullptr);
}

json::array claims_of(const core::Request& request) {
  json::array out;
  for (const core::GrantedClaim& claim : request.claims)
    out.push_back(json::object{{"stackName", claim.stack_name.text()},
                               {"fencingToken", claim.fencing_token}});
  return out;
}

json::object preference(const core::Wish& wish) {
  json::object out;
  if (!wish.prefer_branch.empty()) out.emplace("branch", wish.prefer_branch);
  if (!wish.prefer_commit.empty()) out.emplace("commit", wish.prefer_commit);
  return out;
}

std::optional<core::Instant> ended_at(const core::Request& request) {
  if (request.state != core::RequestState::ended) return std::nullopt;
  return request.ended_at;
}

json::value explain_part(const Explained& explained) {
  if (explained.shown.status != "waiting") return nullptr;
  json::array suitable;
  for (const SuitableStack& stack : explained.suitable) {
    json::object entry = stack_facts(stack.stack);
    entry.emplace("why", stack.why);
    suitable.push_back(std::move(entry));
  }
  json::object out{{"open", explained.open},
                   {"never", nullptr},
                   {"suitableInAll", explained.suitable_in_all},
                   {"suitable", std::move(suitable)},
                   {"first", json::array(explained.first.begin(), explained.first.end())}};
  if (!explained.never.empty()) out["never"] = explained.never;
  return out;
}

void read_claims(ObjectReader& reader, const json::object& object, core::Request& request) {
  const json::value* claims = object.if_contains("claims");
  if (claims == nullptr || !claims->is_array()) return;
  for (const json::value& claim : claims->get_array()) {
    if (!claim.is_object()) continue;
    ObjectReader inner(claim.get_object(), "claims.");
    request.claims.push_back({.stack_name = core::StackName(inner.required_string("stackName")),
                              .fencing_token = inner.required_count("fencingToken")});
    reader.absorb(inner);
  }
}

core::Wish read_wish(ObjectReader& reader) {
  core::Wish wish;
  wish.priority = static_cast<int>(
      reader.optional_integer("priority", -core::priority_max, core::priority_max).value_or(0));
  wish.count = static_cast<int>(reader.optional_integer("count", 1, core::count_max).value_or(1));
  if (auto name = reader.optional_string("stackName"))
    wish.stack_name = core::StackName(std::move(*name));
  wish.labels = read_map(reader, "labels");
  wish.create_if_none = reader.optional_bool("createIfNone").value_or(false);
  wish.lease = core::seconds{reader.optional_count("leaseSeconds").value_or(0)};
  if (const json::object* holder = reader.optional_object("holder"))
    wish.holder = shown_holder(*holder);
  return wish;
}

core::RequestState state_of(std::string_view status) {
  if (status == "waiting") return core::RequestState::waiting;
  return status == "ended" ? core::RequestState::ended : core::RequestState::granted;
}

Parsed<ShownRequest> read_request(const json::object& object) {
  ObjectReader reader(object);
  ShownRequest shown;
  shown.request.request_id = core::RequestId(reader.required_string("requestId"));
  shown.request.repo_name = core::RepoName(reader.required_string("repoName"));
  shown.status = reader.required_string("status");
  shown.request.state = state_of(shown.status);
  shown.position = reader.optional_integer("position", 0, count_max).value_or(0);
  shown.ready = reader.optional_bool("ready").value_or(false);
  shown.request.arrived_at = required_time(reader, "arrivedAt");
  shown.request.ended_at = read_time(reader, "endedAt").value_or(core::Instant{});
  shown.request.wish = read_wish(reader);
  read_claims(reader, object, shown.request);
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return shown;
}

void read_explain(const json::object& explain, Explained& out) {
  ObjectReader reader(explain, "explain.");
  out.open = reader.optional_bool("open").value_or(false);
  out.never = reader.optional_string("never").value_or("");
  if (const json::value* first = explain.if_contains("first");
      first != nullptr && first->is_array())
    for (const json::value& sentence : first->get_array())
      if (sentence.is_string()) out.first.emplace_back(sentence.get_string());
}

}  // namespace

json::object request_document(const ShownRequest& shown) {
  const core::Request& request = shown.request;
  json::object out{{"requestId", request.request_id.text()},
                   {"repoName", request.repo_name.text()},
                   {"status", shown.status},
                   {"position", nullptr},
                   {"ready", shown.ready},
                   {"arrivedAt", core::to_rfc3339(request.arrived_at)},
                   {"endedAt", time_document(ended_at(request))},
                   {"priority", request.wish.priority},
                   {"count", request.wish.count},
                   {"stackName", name_or_null(request.wish.stack_name)},
                   {"labels", map_document(request.wish.labels)},
                   {"prefer", preference(request.wish)},
                   {"createIfNone", request.wish.create_if_none},
                   {"leaseSeconds", request.wish.lease.count()},
                   {"holder", holder_document(request.wish.holder)},
                   {"claims", claims_of(request)}};
  if (shown.position > 0) out["position"] = shown.position;
  return out;
}

std::string to_text(const RequestList& list) {
  json::array items;
  for (const ShownRequest& shown : list.items) items.push_back(request_document(shown));
  json::object out{{"items", std::move(items)}, {"nextCursor", nullptr}};
  if (list.next_cursor) out["nextCursor"] = *list.next_cursor;
  return json::serialize(out);
}

Parsed<RequestList> parse_request_list(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  const json::value* items = object->if_contains("items");
  if (items == nullptr || !items->is_array()) return std::unexpected("has no list of items");
  RequestList list;
  for (const json::value& item : items->get_array()) {
    if (!item.is_object()) return std::unexpected("has an item that is no object");
    auto shown = read_request(item.get_object());
    if (!shown) return std::unexpected("has an item where " + shown.error());
    list.items.push_back(std::move(*shown));
  }
  ObjectReader reader(*object);
  list.next_cursor = reader.optional_string("nextCursor");
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return list;
}

std::string to_text(const Explained& explained) {
  json::object out = request_document(explained.shown);
  out.emplace("estimatedWaitSeconds", nullptr);
  if (explained.estimated_wait) out["estimatedWaitSeconds"] = explained.estimated_wait->count();
  out.emplace("explain", explain_part(explained));
  return json::serialize(out);
}

Parsed<Explained> parse_explained(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  auto shown = read_request(*object);
  if (!shown) return std::unexpected(shown.error());
  Explained out{.shown = std::move(*shown)};
  ObjectReader reader(*object);
  if (const auto wait = reader.optional_integer("estimatedWaitSeconds", 0, count_max))
    out.estimated_wait = core::seconds{*wait};
  if (const json::object* explain = reader.optional_object("explain")) read_explain(*explain, out);
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return out;
}

}  // namespace bddlock::wire
