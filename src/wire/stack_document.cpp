#include "wire/stack_document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

#include "wire/holder.hpp"
#include "wire/json_text.hpp"
#include "wire/maps.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

// A seed claim that an admin keeps aside has a record for its time, but nobody's name.
bool has_owner(const core::Stack& stack) {
  return stack.claim && !stack.claim->request_id.text().empty();
}

json::value claim_part(const core::Stack& stack) {
  if (!has_owner(stack)) return nullptr;
  const core::Claim& claim = *stack.claim;
  return json::object{{"requestId", claim.request_id.text()},
                      {"holder", holder_document(claim.holder)},
                      {"claimedAt", core::to_rfc3339(claim.claimed_at)},
                      {"expiresAt", core::to_rfc3339(claim.expires_at)},
                      {"leaseSeconds", claim.lease.count()},
                      {"created", claim.created},
                      {"offered", claim.offered}};
}

std::optional<core::Instant> held_until(const core::Stack& stack) {
  if (stack.state != core::State::held || !stack.claim) return std::nullopt;
  return stack.claim->expires_at;
}

json::value disabled_part(const core::Stack& stack) {
  const bool now = stack.state == core::State::disabled;
  if (!now && !stack.disable_after_claim) return nullptr;
  return json::object{{"reason", stack.disabled_reason}, {"when", now ? "now" : "afterClaim"}};
}

core::State read_state(ObjectReader& reader) {
  const std::string text = reader.required_string("state");
  if (const auto state = core::parse_state(text)) return *state;
  if (!text.empty()) reader.refuse("state", "is one that this program does not know");
  return core::State::available;
}

std::optional<core::Claim> read_claim(ObjectReader& outer) {
  const json::object* object = outer.optional_object("claim");
  if (object == nullptr) return std::nullopt;
  ObjectReader reader(*object, "claim.");
  core::Claim claim;
  claim.request_id = core::RequestId(reader.required_string("requestId"));
  if (const json::object* holder = reader.optional_object("holder"))
    claim.holder = shown_holder(*holder);
  claim.claimed_at = required_time(reader, "claimedAt");
  claim.expires_at = required_time(reader, "expiresAt");
  claim.lease = core::seconds{reader.required_count("leaseSeconds")};
  claim.created = reader.optional_bool("created").value_or(false);
  claim.offered = reader.optional_bool("offered").value_or(false);
  outer.absorb(reader);
  return claim;
}

void read_hold(ObjectReader& reader, core::Stack& stack) {
  const auto until = read_time(reader, "heldUntil");
  if (!until) return;
  if (!stack.claim) stack.claim = core::Claim{.claimed_at = stack.last_used};
  stack.claim->expires_at = *until;
}

void read_disabled(ObjectReader& outer, core::Stack& stack) {
  const json::object* object = outer.optional_object("disabled");
  if (object == nullptr) return;
  ObjectReader reader(*object, "disabled.");
  stack.disabled_reason = reader.optional_string("reason").value_or("");
  stack.disable_after_claim = reader.optional_string("when").value_or("now") == "afterClaim";
  outer.absorb(reader);
}

Parsed<std::vector<core::Stack>> read_items(const json::object& object) {
  const json::value* items = object.if_contains("items");
  if (items == nullptr || !items->is_array()) return std::unexpected("has no list of items");
  std::vector<core::Stack> stacks;
  for (const json::value& item : items->get_array()) {
    if (!item.is_object()) return std::unexpected("has an item that is no object");
    auto stack = read_stack(item.get_object());
    if (!stack) return std::unexpected("has an item where " + stack.error());
    stacks.push_back(std::move(*stack));
  }
  return stacks;
}

json::object names_and_state(const core::Stack& stack) {
  return {{"stackName", stack.stack_name.text()},
          {"repoName", stack.repo_name.text()},
          {"state", core::to_text(stack.state)},
          {"usedAt", core::to_rfc3339(stack.last_used)},
          {"fencingToken", stack.fencing_token}};
}

}  // namespace

json::value deployed_document(const std::optional<core::Deployed>& deployed) {
  if (!deployed) return nullptr;
  return json::object{{"branch", deployed->branch},
                      {"commit", deployed->commit},
                      {"at", core::to_rfc3339(deployed->at)}};
}

void append_last_end(std::string& out, const std::optional<core::LastEnd>& end) {
  if (!end) {
    out += "null";
    return;
  }
  ObjectText object(out);
  object.text("reason", core::to_text(end->reason));
  if (end->outcome) {
    object.text("outcome", core::to_text(*end->outcome));
  } else {
    object.null("outcome");
  }
  object.time("at", end->at)
      .number("fencingToken", end->fencing_token)
      .text("note", end->note)
      .end();
}

json::value last_end_document(const std::optional<core::LastEnd>& end) {
  std::string text;
  append_last_end(text, end);
  return json::parse(text);
}

std::optional<core::Deployed> read_deployed(ObjectReader& outer) {
  const json::object* object = outer.optional_object("deployed");
  if (object == nullptr) return std::nullopt;
  ObjectReader reader(*object, "deployed.");
  core::Deployed deployed{reader.optional_string("branch").value_or(""),
                          reader.optional_string("commit").value_or(""),
                          required_time(reader, "at")};
  reader.refuse_others();
  outer.absorb(reader);
  return deployed;
}

std::optional<core::LastEnd> read_last_end(ObjectReader& outer) {
  const json::object* object = outer.optional_object("lastEnd");
  if (object == nullptr) return std::nullopt;
  ObjectReader reader(*object, "lastEnd.");
  core::LastEnd end;
  if (const auto reason = core::parse_end_reason(reader.required_string("reason"))) {
    end.reason = *reason;
  } else {
    reader.refuse("reason", "is none that this program knows");
  }
  if (const auto text = reader.optional_string("outcome")) {
    end.outcome = core::parse_outcome(*text);
    if (!end.outcome) reader.refuse("outcome", "must be passed, failed or cancelled");
  }
  end.at = required_time(reader, "at");
  end.fencing_token = reader.optional_count("fencingToken").value_or(0);
  end.note = reader.optional_string("note").value_or("");
  reader.refuse_others();
  outer.absorb(reader);
  return end;
}

json::object stack_document(const core::Stack& stack) {
  json::object out = names_and_state(stack);
  out.reserve(13);
  out.emplace("labels", map_document(stack.labels));
  out.emplace("attributes", map_document(stack.attributes));
  out.emplace("note", stack.note);
  out.emplace("claim", claim_part(stack));
  out.emplace("heldUntil", time_document(held_until(stack)));
  out.emplace("disabled", disabled_part(stack));
  out.emplace("deployed", deployed_document(stack.deployed));
  out.emplace("lastEnd", last_end_document(stack.last_end));
  return out;
}

std::string to_text(const core::Stack& stack) { return json::serialize(stack_document(stack)); }

json::object stack_facts(const core::Stack& stack) {
  json::object out = names_and_state(stack);
  if (has_owner(stack)) {
    out.emplace("holder", holder_document(stack.claim->holder));
    out.emplace("claimedAt", core::to_rfc3339(stack.claim->claimed_at));
  }
  if (stack.claim && stack.state == core::State::claimed)
    out.emplace("expiresAt", core::to_rfc3339(stack.claim->expires_at));
  if (const auto until = held_until(stack)) out.emplace("heldUntil", core::to_rfc3339(*until));
  if (!disabled_part(stack).is_null()) out.emplace("disabledReason", stack.disabled_reason);
  return out;
}

Parsed<core::Stack> read_stack(const json::object& document) {
  ObjectReader reader(document);
  core::Stack stack;
  stack.stack_name = core::StackName(reader.required_string("stackName"));
  stack.repo_name = core::RepoName(reader.required_string("repoName"));
  stack.state = read_state(reader);
  stack.last_used = required_time(reader, "usedAt");
  // A token that was granted is read whatever its size: one stack must not hide the table.
  stack.fencing_token =
      reader.required_count("fencingToken", std::numeric_limits<core::FencingToken>::max());
  stack.labels = read_map(reader, "labels");
  stack.attributes = read_map(reader, "attributes");
  stack.note = reader.optional_string("note").value_or("");
  stack.claim = read_claim(reader);
  read_hold(reader, stack);
  read_disabled(reader, stack);
  stack.deployed = read_deployed(reader);
  stack.last_end = read_last_end(reader);
  if (const auto fault = reader.fault()) return std::unexpected(*fault);
  return stack;
}

Parsed<core::Stack> parse_stack(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  return read_stack(*object);
}

std::string to_text(const StackList& list) {
  json::array items;
  items.reserve(list.items.size());
  for (const core::Stack& stack : list.items) items.push_back(stack_document(stack));
  json::object out{{"items", std::move(items)}, {"nextCursor", nullptr}};
  if (list.next_cursor) out["nextCursor"] = *list.next_cursor;
  return json::serialize(out);
}

Parsed<StackList> parse_stack_list(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  auto items = read_items(*object);
  if (!items) return std::unexpected(items.error());
  ObjectReader reader(*object);
  StackList list{std::move(*items), reader.optional_string("nextCursor")};
  if (const auto fault = reader.fault()) return std::unexpected(*fault);
  return list;
}

std::string to_text(const Swept& swept) {
  return json::serialize(json::object{{"released", swept.released},
                                      {"expired", swept.expired},
                                      {"holdsEnded", swept.holds_ended},
                                      {"removed", swept.removed}});
}

Parsed<Swept> parse_swept(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  ObjectReader reader(*object);
  const Swept swept{reader.required_count("released"), reader.optional_count("expired").value_or(0),
                    reader.optional_count("holdsEnded").value_or(0),
                    reader.required_count("removed")};
  if (const auto fault = reader.fault()) return std::unexpected(*fault);
  return swept;
}

std::string to_text(const ImportCounts& counts) {
  return json::serialize(json::object{{"created", counts.created}, {"replaced", counts.replaced}});
}

Parsed<ImportCounts> parse_import_counts(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  ObjectReader reader(*object);
  const ImportCounts counts{reader.required_count("created"), reader.required_count("replaced")};
  if (const auto fault = reader.fault()) return std::unexpected(*fault);
  return counts;
}

}  // namespace bddlock::wire
