#include "wire/export_line.hpp"

#include <boost/json/serialize.hpp>

#include "wire/maps.hpp"
#include "wire/rules.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

bool is_said_by_availability(core::State state) {
  return state == core::State::available || state == core::State::claimed;
}

bool read_availability(ObjectReader& reader) {
  const auto text = reader.optional_string("isAvailable");
  if (!text || *text == "x") return text.has_value();
  reader.refuse("isAvailable", R"(must be "x" (available) or absent (claimed))");
  return false;
}

core::State read_state(ObjectReader& reader, bool available) {
  const core::State said = available ? core::State::available : core::State::claimed;
  const auto text = reader.optional_string("state");
  if (!text) return said;
  const auto state = core::parse_state(*text);
  if (!state) {
    reader.refuse("state", "must be available, claimed, held or disabled");
  } else if ((*state == core::State::available) != available) {
    reader.refuse("state",
                  R"(does not fit isAvailable, which is "x" exactly for an available stack)");
  }
  return state.value_or(said);
}

core::Instant read_last_used(ObjectReader& reader, core::Instant now) {
  const auto text = reader.optional_string("lastUsed");
  if (!text) return now;
  if (const auto at = core::parse_seed_text(*text)) return *at;
  reader.refuse("lastUsed", R"(must be a UTC time such as "2019-11-20T23:10:28.014213")");
  return now;
}

// A claim is its owner's secret and not exported: a stack that is claimed comes back with a seed
// claim, which the sweep ends; one that is held, with a hold that time, its name or an admin ends.
void read_hold(ObjectReader& reader, core::Stack& stack, core::Instant now) {
  const auto until = read_time(reader, "heldUntil");
  if (stack.state == core::State::held)
    stack.claim = core::Claim{.claimed_at = stack.last_used, .expires_at = until.value_or(now)};
  else if (until)
    reader.refuse("heldUntil", "is there, but the state is not held");
}

void read_disabled(ObjectReader& reader, core::Stack& stack) {
  const auto reason = reader.optional_text("disabledReason", fault_in_note);
  const bool later = reader.optional_bool("disableAfterClaim").value_or(false);
  const bool in_use = stack.state == core::State::claimed || stack.state == core::State::held;
  if (later && !in_use)
    reader.refuse("disableAfterClaim", "goes only with a stack that is claimed or held");
  if (reason && stack.state != core::State::disabled && !later)
    reader.refuse("disabledReason", "is there, but the state is not disabled");
  stack.disable_after_claim = later;
  stack.disabled_reason = reason.value_or("");
}

void read_description(ObjectReader& reader, core::Stack& stack) {
  stack.labels = reader.optional_map("labels", fault_in_labels).value_or(core::StringMap{});
  stack.attributes =
      reader.optional_map("attributes", fault_in_attributes).value_or(core::StringMap{});
  stack.note = reader.optional_text("note", fault_in_note).value_or("");
  stack.undeployed = reader.optional_bool("undeployed").value_or(false);
  stack.deployed = read_deployed(reader);
  stack.last_end = read_last_end(reader);
}

void add_disabled(json::object& out, const core::Stack& stack) {
  if (stack.state != core::State::disabled && !stack.disable_after_claim) return;
  if (!stack.disabled_reason.empty()) out.emplace("disabledReason", stack.disabled_reason);
  if (stack.disable_after_claim) out.emplace("disableAfterClaim", true);
}

void add_description(json::object& out, const core::Stack& stack) {
  if (!stack.labels.empty()) out.emplace("labels", map_document(stack.labels));
  if (!stack.attributes.empty()) out.emplace("attributes", map_document(stack.attributes));
  if (!stack.note.empty()) out.emplace("note", stack.note);
  if (stack.undeployed) out.emplace("undeployed", true);
  if (stack.deployed) out.emplace("deployed", deployed_document(stack.deployed));
  if (stack.last_end) out.emplace("lastEnd", last_end_document(stack.last_end));
}

}  // namespace

std::string export_line(const core::Stack& stack) {
  json::object out{{"stackName", stack.stack_name.text()}, {"repoName", stack.repo_name.text()}};
  if (stack.state == core::State::available) out.emplace("isAvailable", "x");
  out.emplace("lastUsed", core::to_seed_text(stack.last_used));
  out.emplace("fencingToken", stack.fencing_token);
  if (!is_said_by_availability(stack.state)) out.emplace("state", core::to_text(stack.state));
  if (stack.state == core::State::held && stack.claim)
    out.emplace("heldUntil", core::to_rfc3339(stack.claim->expires_at));
  add_disabled(out, stack);
  add_description(out, stack);
  return json::serialize(out);
}

Parsed<core::Stack> parse_export_line(std::string_view line, core::Instant now) {
  const auto object = parse_object(line);
  if (!object) return std::unexpected("the line " + object.error());
  ObjectReader reader(*object);
  core::Stack stack;
  stack.stack_name = core::StackName(reader.required_name("stackName"));
  stack.repo_name = core::RepoName(reader.required_name("repoName"));
  stack.state = read_state(reader, read_availability(reader));
  stack.last_used = read_last_used(reader, now);
  stack.fencing_token =
      reader.optional_count("fencingToken", core::fencing_token_import_max).value_or(0);
  read_hold(reader, stack, now);
  read_disabled(reader, stack);
  read_description(reader, stack);
  reader.refuse_others();
  if (const auto fault = reader.fault()) return std::unexpected(*fault);
  return stack;
}

}  // namespace bddlock::wire
