#include "wire/stack_bodies.hpp"

#include <boost/json/serialize.hpp>

#include "core/request.hpp"
#include "wire/maps.hpp"
#include "wire/rules.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

Parsed<json::object> body_object(std::string_view text) {
  auto object = parse_object(text);
  if (!object) return std::unexpected("the body " + object.error());
  return object;
}

// Reads a body by `read`, and refuses what it did not ask for.
template <class T, class Read>
Parsed<T> parse_by(std::string_view text, Read read) {
  const auto object = body_object(text);
  if (!object) return std::unexpected(object.error());
  ObjectReader reader(*object);
  T value = read(reader);
  reader.refuse_others();
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return value;
}

core::FencingToken read_token(ObjectReader& reader) {
  return reader.required_integer("fencingToken", 0, wire::count_max);
}

core::Describe read_description(ObjectReader& reader) {
  for (const std::string_view key : {"labels", "attributes", "note"})
    if (reader.has_null(key)) reader.refuse(key, R"(must not be null; {} or "" empties it)");
  return {reader.optional_map("labels", fault_in_labels),
          reader.optional_map("attributes", fault_in_attributes),
          reader.optional_text("note", fault_in_note)};
}

core::Disable read_disable(ObjectReader& outer, const json::object& object) {
  ObjectReader reader(object, "disabled.");
  core::Disable disable;
  disable.reason = reader.optional_text("reason", fault_in_note).value_or("");
  if (!reader.has("reason")) reader.refuse("reason", "is missing: say why, for whoever wonders");
  const auto when = reader.optional_string("when");
  disable.now = when == "now";
  if (when && !disable.now && *when != "afterClaim")
    reader.refuse("when", R"(must be "afterClaim" or "now")");
  reader.refuse_others();
  outer.absorb(reader);
  return disable;
}

StackPatch read_patch(ObjectReader& reader) {
  StackPatch patch;
  const core::Describe describe = read_description(reader);
  if (describe.labels || describe.attributes || describe.note) patch.describe = describe;
  if (const json::object* object = reader.optional_object("disabled")) {
    patch.disabled = read_disable(reader, *object);
  } else if (reader.has_null("disabled")) {
    patch.disabled = core::Enable{};
  }
  return patch;
}

std::string with_token(core::FencingToken token, std::string_view key, core::seconds duration) {
  return json::serialize(json::object{{"fencingToken", token}, {key, duration.count()}});
}

}  // namespace

std::string stack_to_add_body(const core::NewStack& wanted) {
  json::object out{{"stackName", wanted.stack_name.text()}, {"repoName", wanted.repo_name.text()}};
  if (!wanted.labels.empty()) out.emplace("labels", map_document(wanted.labels));
  if (!wanted.attributes.empty()) out.emplace("attributes", map_document(wanted.attributes));
  if (!wanted.note.empty()) out.emplace("note", wanted.note);
  return json::serialize(out);
}

Parsed<core::NewStack> parse_stack_to_add(std::string_view body) {
  const auto object = body_object(body);
  if (!object) return std::unexpected(object.error());
  ObjectReader reader(*object);
  core::NewStack wanted{.stack_name = core::StackName(reader.required_name("stackName")),
                        .repo_name = core::RepoName(reader.required_name("repoName")),
                        .available = true,
                        .by = core::By::admin};
  wanted.labels = reader.optional_map("labels", fault_in_labels).value_or(core::StringMap{});
  wanted.attributes =
      reader.optional_map("attributes", fault_in_attributes).value_or(core::StringMap{});
  wanted.note = reader.optional_text("note", fault_in_note).value_or("");
  reader.refuse_others();
  const auto fault = reader.fault();
  if (!fault) return wanted;
  if (!reader.some_missing()) return std::unexpected(*fault);
  return std::unexpected(*fault + "; needed are stackName and repoName, strings");
}

std::string to_text(const StackPatch& patch) {
  json::object out;
  if (patch.describe) {
    if (patch.describe->labels) out.emplace("labels", map_document(*patch.describe->labels));
    if (patch.describe->attributes)
      out.emplace("attributes", map_document(*patch.describe->attributes));
    if (patch.describe->note) out.emplace("note", *patch.describe->note);
  }
  if (patch.disabled) {
    const auto* disable = std::get_if<core::Disable>(&*patch.disabled);
    out.emplace("disabled", disable == nullptr
                                ? json::value(nullptr)
                                : json::object{{"reason", disable->reason},
                                               {"when", disable->now ? "now" : "afterClaim"}});
  }
  return json::serialize(out);
}

Parsed<StackPatch> parse_stack_patch(std::string_view body) {
  auto patch = parse_by<StackPatch>(body, read_patch);
  if (patch && !patch->describe && !patch->disabled)
    return std::unexpected(
        "there is nothing to change; labels, attributes, note and disabled can be");
  return patch;
}

std::string to_text(const core::AdminRelease& release) {
  return json::serialize(json::object{{"fencingToken", release.fencing_token}});
}

std::string to_text(const core::AdminExtend& extend) {
  return with_token(extend.fencing_token, "leaseSeconds", extend.lease);
}

std::string to_text(const core::AdminHold& hold) {
  return with_token(hold.fencing_token, "keepSeconds", hold.keep);
}

Parsed<core::AdminRelease> parse_admin_release(std::string_view body) {
  return parse_by<core::AdminRelease>(
      body, [](ObjectReader& reader) { return core::AdminRelease{read_token(reader)}; });
}

Parsed<core::AdminExtend> parse_admin_extend(std::string_view body) {
  return parse_by<core::AdminExtend>(body, [](ObjectReader& reader) {
    const core::FencingToken token = read_token(reader);
    const auto lease = reader.required_integer("leaseSeconds", 1, core::lease_max.count());
    return core::AdminExtend{token, core::seconds{lease}, core::claim_max};
  });
}

Parsed<core::AdminHold> parse_admin_hold(std::string_view body) {
  return parse_by<core::AdminHold>(body, [](ObjectReader& reader) {
    const core::FencingToken token = read_token(reader);
    const auto keep = reader.required_integer("keepSeconds", 1, core::hold_longest.count());
    return core::AdminHold{token, core::seconds{keep}};
  });
}

}  // namespace bddlock::wire
