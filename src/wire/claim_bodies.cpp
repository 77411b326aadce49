#include "wire/claim_bodies.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "core/name.hpp"
#include "wire/holder.hpp"
#include "wire/maps.hpp"
#include "wire/rules.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

using core::seconds;

bool is_blank(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

// A body that may be left out.
Parsed<json::object> object_or_nothing(std::string_view text, ShortMemory& memory) {
  if (is_blank(text)) return json::object{};
  auto object = parse_object(text, memory.pointer());
  if (!object) return std::unexpected("the body " + object.error());
  return object;
}

seconds read_seconds(ObjectReader& reader, std::string_view key, seconds least, seconds most,
                     seconds fallback) {
  return seconds{
      reader.optional_integer(key, least.count(), most.count()).value_or(fallback.count())};
}

void read_preference(ObjectReader& outer, core::Wish& wish) {
  const json::object* object = outer.optional_object("prefer");
  if (object == nullptr) return;
  ObjectReader reader(*object, "prefer.");
  wish.prefer_branch = reader.optional_text("branch", fault_in_line).value_or("");
  wish.prefer_commit = reader.optional_text("commit", fault_in_line).value_or("");
  reader.refuse_others();
  outer.absorb(reader);
}

void read_stack_name(ObjectReader& reader, core::Wish& wish) {
  auto name = reader.optional_text("stackName", core::fault_in_name);
  if (!name) return;
  wish.stack_name = core::StackName(std::move(*name));
  if (wish.count > 1)
    reader.refuse("stackName", "names one stack, so it does not go with a count over 1");
}

// Stacks that are created for a wish must get names that may be.
void check_created_names(ObjectReader& reader, const core::Wish& wish, const core::RepoName& repo) {
  if (!wish.create_if_none) return;
  if (const auto fault = core::fault_in_name(repo.text()))
    return reader.refuse("createIfNone", "would create the repo, whose name " + *fault);
  if (!wish.name_prefix.empty() || wish.stack_name) return;
  if (const auto fault = fault_in_name_prefix(repo.text() + "-"))
    reader.refuse("createIfNone", "would name stacks after the repo, whose name and a hyphen " +
                                      *fault + "; give a namePrefix");
}

void read_creation(ObjectReader& reader, core::Wish& wish, const core::RepoName& repo) {
  wish.create_if_none = reader.optional_bool("createIfNone").value_or(false);
  wish.name_prefix = reader.optional_text("namePrefix", fault_in_name_prefix).value_or("");
  check_created_names(reader, wish, repo);
}

void read_wish(ObjectReader& reader, const core::RepoName& repo, core::Wish& wish) {
  wish.lease =
      read_seconds(reader, "leaseSeconds", seconds{1}, core::lease_max, core::lease_default);
  wish.count = static_cast<int>(reader.optional_integer("count", 1, core::count_max).value_or(1));
  read_stack_name(reader, wish);
  wish.labels = reader.optional_map("labels", fault_in_labels).value_or(core::StringMap{});
  read_preference(reader, wish);
  read_creation(reader, wish, repo);
  wish.priority = static_cast<int>(
      reader.optional_integer("priority", -core::priority_max, core::priority_max).value_or(0));
  wish.holder = read_holder(reader, "holder");
}

// Where it is returned to: a wish takes long to move.
Parsed<ClaimBody> read_claim_body(const json::object& object, const core::RepoName& repo) {
  ObjectReader reader(object);
  Parsed<ClaimBody> read(std::in_place);
  ClaimBody& body = *read;
  if (auto id = reader.optional_text("requestId", fault_in_request_id))
    body.request_id = core::RequestId(std::move(*id));
  body.wait = read_seconds(reader, "waitSeconds", seconds{0}, core::wait_max, seconds{0});
  read_wish(reader, repo, body.wish);
  reader.refuse_others();
  if (auto fault = reader.fault()) read = std::unexpected(std::move(*fault));
  return read;
}

std::optional<core::Deployed> read_deployed(ObjectReader& outer, core::Instant now) {
  const json::object* object = outer.optional_object("deployed");
  if (object == nullptr) return std::nullopt;
  ObjectReader reader(*object, "deployed.");
  core::Deployed deployed{reader.optional_text("branch", fault_in_line).value_or(""),
                          reader.optional_text("commit", fault_in_line).value_or(""), now};
  reader.refuse_others();
  outer.absorb(reader);
  return deployed;
}

core::Outcome read_outcome(ObjectReader& reader) {
  const auto text = reader.optional_string("outcome");
  if (!text) return core::Outcome::passed;
  if (const auto outcome = core::parse_outcome(*text)) return *outcome;
  reader.refuse("outcome", "must be passed, failed or cancelled");
  return core::Outcome::passed;
}

void add_text(json::object& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.emplace(key, text);
}

json::object branch_and_commit(const std::string& branch, const std::string& commit) {
  json::object out;
  add_text(out, "branch", branch);
  add_text(out, "commit", commit);
  return out;
}

void add_wish(json::object& out, const core::Wish& wish) {
  out.emplace("leaseSeconds", wish.lease.count());
  if (wish.count != 1) out.emplace("count", wish.count);
  if (wish.stack_name) out.emplace("stackName", wish.stack_name->text());
  if (!wish.labels.empty()) out.emplace("labels", map_document(wish.labels));
  json::object prefer = branch_and_commit(wish.prefer_branch, wish.prefer_commit);
  if (!prefer.empty()) out.emplace("prefer", std::move(prefer));
  if (wish.create_if_none) out.emplace("createIfNone", true);
  add_text(out, "namePrefix", wish.name_prefix);
  if (wish.priority != 0) out.emplace("priority", wish.priority);
  json::object holder = holder_document(wish.holder);
  if (!holder.empty()) out.emplace("holder", std::move(holder));
}

}  // namespace

std::string to_text(const ClaimBody& body) {
  json::object out;
  if (body.request_id) out.emplace("requestId", body.request_id->text());
  if (body.wait.count() > 0) out.emplace("waitSeconds", body.wait.count());
  add_wish(out, body.wish);
  return json::serialize(out);
}

Parsed<ClaimBody> parse_claim_body(std::string_view text, const core::RepoName& repo) {
  ShortMemory memory;
  const auto object = object_or_nothing(text, memory);
  if (!object) return std::unexpected(object.error());
  return read_claim_body(*object, repo);
}

std::string to_text(const ExtendBody& body) {
  json::object out;
  if (body.lease) out.emplace("leaseSeconds", body.lease->count());
  return json::serialize(out);
}

Parsed<ExtendBody> parse_extend_body(std::string_view text) {
  ShortMemory memory;
  const auto object = object_or_nothing(text, memory);
  if (!object) return std::unexpected(object.error());
  ObjectReader reader(*object);
  ExtendBody body;
  if (const auto lease = reader.optional_integer("leaseSeconds", 1, core::lease_max.count()))
    body.lease = seconds{*lease};
  reader.refuse_others();
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return body;
}

std::string to_text(const core::Release& release) {
  json::object out{{"outcome", core::to_text(release.outcome)}};
  if (release.keep.count() > 0) out.emplace("keepSeconds", release.keep.count());
  if (release.deployed)
    out.emplace("deployed", branch_and_commit(release.deployed->branch, release.deployed->commit));
  if (release.attributes) out.emplace("attributes", map_document(*release.attributes));
  add_text(out, "note", release.note);
  return json::serialize(out);
}

Parsed<core::Release> parse_release_body(std::string_view text, core::Instant now) {
  ShortMemory memory;
  const auto object = object_or_nothing(text, memory);
  if (!object) return std::unexpected(object.error());
  ObjectReader reader(*object);
  core::Release release;
  release.outcome = read_outcome(reader);
  release.keep = read_seconds(reader, "keepSeconds", seconds{0}, core::hold_longest, seconds{0});
  release.deployed = read_deployed(reader, now);
  release.attributes = reader.optional_map("attributes", fault_in_attributes);
  release.note = reader.optional_text("note", fault_in_note).value_or("");
  reader.refuse_others();
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return release;
}

std::string priority_body(int priority) {
  return json::serialize(json::object{{"priority", priority}});
}

Parsed<int> parse_priority_body(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected("the body " + object.error());
  ObjectReader reader(*object);
  const auto priority =
      reader.required_integer("priority", -core::priority_max, core::priority_max);
  reader.refuse_others();
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return static_cast<int>(priority);
}

}  // namespace bddlock::wire
