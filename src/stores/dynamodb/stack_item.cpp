#include "stores/dynamodb/stack_item.hpp"

#include <algorithm>

#include "stores/dynamodb/documents.hpp"

namespace bddlock::stores::dynamodb {
namespace {

constexpr std::string_view available_mark = "x";
constexpr std::int64_t number_max = std::int64_t{1} << 62;  // leaves room to count on

json::value copy_of(const Item& item, std::string_view name) {
  const json::value* value = attribute(item, name);
  return value != nullptr ? *value : json::value{};
}

// Each write of the original changes both lastUsed and isAvailable.
bool is_untouched(const Item& item) {
  const json::value* last_used = attribute(item, "lastUsed");
  const json::value* stamp = attribute(item, "stamp");
  const bool is_free = text_in(item, "isAvailable") == available_mark;
  const bool was_free = text_in(item, "state") == core::to_text(core::State::available);
  return last_used != nullptr && stamp != nullptr && *last_used == *stamp && is_free == was_free;
}

// A number that people wrote may be any.
std::int64_t number_between(const Item& item, std::string_view name, std::int64_t least,
                            std::int64_t most) {
  return std::clamp(number_in(item, name).value_or(least), least, most);
}

// What no writer but this server has.
void read_description(const Item& item, core::Stack& stack) {
  stack.fencing_token = number_in(item, "fencingToken").value_or(0);
  stack.labels = parse_map(text_in(item, "labels").value_or(""));
  stack.attributes = parse_map(text_in(item, "attributes").value_or(""));
  stack.note = text_in(item, "note").value_or("");
  stack.disabled_reason = text_in(item, "disabledReason").value_or("");
  stack.disable_after_claim = attribute(item, "disableAfterClaim") != nullptr;
  stack.undeployed = attribute(item, "undeployed") != nullptr;
  if (const auto text = text_in(item, "deployed")) stack.deployed = parse_deployed(*text);
  if (const auto text = text_in(item, "lastEnd")) stack.last_end = parse_last_end(*text);
  if (const auto text = text_in(item, "claim")) stack.claim = parse_claim(*text);
}

core::State stored_state(const Item& item, core::State otherwise) {
  return core::parse_state(text_in(item, "state").value_or("")).value_or(otherwise);
}

// Since when it is used, or until when, as the seed's attribute says; where nobody can read that,
// nothing sweeps it.
core::Instant last_used_in(const Item& item, bool is_free) {
  const auto used = core::parse_seed_text(text_in(item, "lastUsed").value_or(""));
  return used.value_or(is_free ? core::Instant{} : core::Instant::max());
}

// This server alone has written it. But people may have edited what the original does not know: a
// claim that cannot be read has ended for nobody, and its stack is in use until long after its end.
void read_ours(const Item& item, core::Stack& stack) {
  const bool is_free = stack.state == core::State::available;
  stack.state = stored_state(item, stack.state);
  const auto used_at = number_in(item, "usedAt");
  stack.last_used =
      used_at ? core::Instant{core::microseconds{*used_at}} : last_used_in(item, is_free);
  const bool is_spoiled = attribute(item, "claim") != nullptr && !stack.claim;
  if (!is_spoiled || is_free) return;
  stack.state = core::State::claimed;
  stack.last_used = std::max(stack.last_used, last_used_in(item, is_free));
}

core::Event end_by_original(const core::Stack& before, core::State stored, core::Instant at) {
  core::Event event{
      .at = at,
      .kind = stored == core::State::held ? core::EventKind::hold_ended : core::EventKind::released,
      .by = core::By::seed,
      .stack_name = before.stack_name,
      .repo_name = before.repo_name,
      .from = stored,
      .to = before.disable_after_claim ? core::State::disabled : core::State::available,
      .fencing_token = before.fencing_token};
  if (const auto& claim = before.claim) {
    if (claim->offered) event.kind = core::EventKind::offer_lapsed;
    event.request_id = claim->request_id;
    event.holder = claim->holder;
    if (claim->key != core::ClaimKey{}) event.key = claim->key;
    if (claim->claimed_at >= core::Instant{} && at > claim->claimed_at &&
        stored == core::State::claimed && !claim->offered)
      event.lasted = at - claim->claimed_at;
  }
  return event;
}

// The original was here: its release ends a claim or hold, and makes a stack available that was to
// be disabled after it, or was disabled; those stay disabled. Its claim of such a one is a claim
// that ends so.
void apply_original(StackItem& read, core::State stored) {
  core::Stack& stack = read.stack;
  const bool is_free = stack.state == core::State::available;
  const bool was_used = stored == core::State::claimed || stored == core::State::held;
  const bool was_off = stored == core::State::disabled || stack.disable_after_claim;
  if (stack.claim || (was_used && is_free)) {
    const core::Instant at = is_free || stack.last_used != core::Instant::max()
                                 ? stack.last_used
                                 : stack.claim->claimed_at;
    read.unwritten = end_by_original(stack, was_used ? stored : core::State::claimed, at);
    const bool was_offer = stack.claim && stack.claim->offered;
    if (stored != core::State::held && !was_offer)
      stack.last_end = core::LastEnd{
          .reason = core::EndReason::seed_released, .at = at, .fencing_token = stack.fencing_token};
  }
  stack.claim.reset();
  if (is_free && was_off) stack.state = core::State::disabled;
  read.is_behind = read.unwritten || stack.state == core::State::disabled;
  stack.disable_after_claim = !is_free && was_off;
  if (!was_off) stack.disabled_reason.clear();
}

// What the original's sweep must leave alone until then.
core::Instant guard_time(const core::Stack& stack) {
  if (stack.state == core::State::disabled) return core::Instant::max();
  if (!stack.claim || stack.state == core::State::available) return stack.last_used;
  return std::max(stack.last_used, stack.claim->expires_at);
}

class Expression {
 public:
  void set(std::string_view name, json::value value) {
    sets_ += (sets_.empty() ? "SET " : ", ") + key(name) + " = " + hold(std::move(value));
  }
  void remove(std::string_view name) {
    removals_ += (removals_.empty() ? "REMOVE " : ", ") + key(name);
  }
  void set_text(std::string_view name, const std::string& text, bool is_there) {
    is_there ? set(name, text_value(text)) : remove(name);
  }
  void require_same(std::string_view name, const json::value& value) {
    require(value.is_null() ? "attribute_not_exists(" + key(name) + ")"
                            : key(name) + " = " + hold(value));
  }
  void require(const std::string& condition) {
    condition_ += (condition_.empty() ? "" : " AND ") + condition;
  }
  StackWrite take() {
    return {sets_ + (removals_.empty() ? "" : " " + removals_), std::move(condition_),
            std::move(names_), std::move(values_)};
  }

 private:
  // By place-holders throughout: some names are words of DynamoDB's own.
  std::string key(std::string_view name) {
    std::string placeholder = "#" + std::string(name);
    names_.insert_or_assign(placeholder, name);
    return placeholder;
  }
  std::string hold(json::value value) {
    std::string placeholder = ":v" + std::to_string(values_.size());
    values_.emplace(placeholder, std::move(value));
    return placeholder;
  }

  std::string sets_;
  std::string removals_;
  std::string condition_;
  json::object names_;
  json::object values_;
};

void set_description(Expression& to, const core::Stack& stack, const std::string& lease_by) {
  to.set_text("labels", map_text(stack.labels), !stack.labels.empty());
  to.set_text("attributes", map_text(stack.attributes), !stack.attributes.empty());
  to.set_text("note", stack.note, !stack.note.empty());
  to.set_text("disabledReason", stack.disabled_reason, !stack.disabled_reason.empty());
  to.set_text("disableAfterClaim", "x", stack.disable_after_claim);
  to.set_text("undeployed", "x", stack.undeployed);
  to.set_text("deployed", deployed_text(stack.deployed.value_or(core::Deployed{})),
              stack.deployed.has_value());
  to.set_text("lastEnd", last_end_text(stack.last_end.value_or(core::LastEnd{})),
              stack.last_end.has_value());
  to.set_text("leaseBy", lease_by, stack.claim.has_value() && !lease_by.empty());
  to.set_text("claim", claim_text(stack.claim.value_or(core::Claim{})), stack.claim.has_value());
}

// The race that it closes: between the read and this write the original, which knows no version,
// claims, releases or sweeps the stack; or another replica writes.
void require_as_read(Expression& to, const AsRead& as_read) {
  to.require("attribute_exists(stackName)");
  to.require_same("version", as_read.version);
  to.require_same("isAvailable", as_read.is_available);
  to.require_same("lastUsed", as_read.last_used);
}

}  // namespace

StackItem read_stack(const Item& item) {
  StackItem read{.stack = {},
                 .as_read = {copy_of(item, "version"), copy_of(item, "isAvailable"),
                             copy_of(item, "lastUsed")},
                 .lease_by = std::string(text_in(item, "leaseBy").value_or(""))};
  read.last_event = number_between(item, "lastEvent", 0, number_max);
  core::Stack& stack = read.stack;
  stack.stack_name = core::StackName{std::string(text_in(item, "stackName").value_or(""))};
  stack.repo_name = core::RepoName{std::string(text_in(item, "repoName").value_or(""))};
  stack.version = number_between(item, "version", 1, number_max);
  stack.state = text_in(item, "isAvailable") == available_mark ? core::State::available
                                                               : core::State::claimed;
  read_description(item, stack);
  if (is_untouched(item)) {
    read_ours(item, stack);
    return read;
  }
  stack.last_used = last_used_in(item, stack.state == core::State::available);
  apply_original(read, stored_state(item, stack.state));
  return read;
}

StackWrite write_stack(const core::Stack& next, core::Version expected, const AsRead* as_read,
                       const std::string& lease_by) {
  Expression to;
  const std::string stamp = core::to_seed_text(guard_time(next));
  // DynamoDB takes no empty keys of an index; an item without a repo stays without.
  if (!next.repo_name.text().empty()) to.set("repoName", text_value(next.repo_name.text()));
  to.set("lastUsed", text_value(stamp));
  to.set("stamp", text_value(stamp));
  to.set("usedAt", number_value(next.last_used.time_since_epoch().count()));
  to.set("state", text_value(core::to_text(next.state)));
  to.set("fencingToken", number_value(next.fencing_token));
  to.set("version", number_value(expected + 1));
  to.set_text("isAvailable", std::string(available_mark), next.state == core::State::available);
  set_description(to, next, lease_by);
  if (as_read != nullptr)
    require_as_read(to, *as_read);
  else
    to.require("attribute_not_exists(stackName)");
  return to.take();
}

StackItem as_written(const core::Stack& next, core::Version expected, std::string lease_by) {
  StackItem item{.stack = next,
                 .as_read = {.version = number_value(expected + 1),
                             .is_available = {},
                             .last_used = text_value(core::to_seed_text(guard_time(next)))},
                 .lease_by = std::move(lease_by)};
  item.stack.version = expected + 1;
  if (next.state == core::State::available) item.as_read.is_available = text_value(available_mark);
  return item;
}

StackWrite remove_stack(const AsRead& as_read) {
  Expression to;
  require_as_read(to, as_read);
  return to.take();
}

std::optional<core::Instant> due_at(const core::Stack& stack) {
  if (!stack.claim) return std::nullopt;
  return stack.claim->expires_at;
}

}  // namespace bddlock::stores::dynamodb
