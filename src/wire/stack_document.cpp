#include "wire/stack_document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

namespace bddlock::wire {
namespace {

namespace json = boost::json;

// Two counts in an object, as several answers have them.
std::string counts_text(std::string_view first_key, std::int64_t first, std::string_view second_key,
                        std::int64_t second) {
  return json::serialize(json::object{{first_key, first}, {second_key, second}});
}

core::State read_state(ObjectReader& reader) {
  const std::string text = reader.required_string("state");
  if (const auto state = core::parse_state(text)) return *state;
  if (!text.empty()) reader.refuse("state", "is one that this program does not know");
  return core::State::available;
}

core::Instant read_used_at(ObjectReader& reader) {
  const std::string text = reader.required_string("usedAt");
  if (const auto at = core::parse_seed_text(text)) return *at;
  if (!text.empty()) reader.refuse("usedAt", "is no RFC 3339 time in UTC");
  return {};
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

}  // namespace

json::object stack_document(const core::Stack& stack) {
  return {{"stackName", stack.stack_name.text()},
          {"repoName", stack.repo_name.text()},
          {"state", core::to_text(stack.state)},
          {"usedAt", core::to_rfc3339(stack.last_used)},
          {"fencingToken", stack.fencing_token}};
}

std::string to_text(const core::Stack& stack) { return json::serialize(stack_document(stack)); }

Parsed<core::Stack> read_stack(const json::object& document) {
  ObjectReader reader(document);
  core::Stack stack;
  stack.stack_name = core::StackName(reader.required_string("stackName"));
  stack.repo_name = core::RepoName(reader.required_string("repoName"));
  stack.state = read_state(reader);
  stack.last_used = read_used_at(reader);
  // A token that was granted is read whatever its size: one stack must not hide the table.
  stack.fencing_token =
      reader.required_count("fencingToken", std::numeric_limits<core::FencingToken>::max());
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

std::string to_text(const StackToAdd& wanted) {
  return json::serialize(
      json::object{{"stackName", wanted.stack_name.text()}, {"repoName", wanted.repo_name.text()}});
}

Parsed<StackToAdd> parse_stack_to_add(std::string_view body) {
  const auto object = parse_object(body);
  if (!object) return std::unexpected("the body " + object.error());
  ObjectReader reader(*object);
  StackToAdd wanted{core::StackName(reader.required_name("stackName")),
                    core::RepoName(reader.required_name("repoName"))};
  reader.refuse_others();
  const auto fault = reader.fault();
  if (!fault) return wanted;
  if (!reader.some_missing()) return std::unexpected(*fault);
  return std::unexpected(*fault + "; needed are stackName and repoName, strings");
}

std::string to_text(const Swept& swept) {
  return counts_text("released", swept.released, "removed", swept.removed);
}

Parsed<Swept> parse_swept(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  ObjectReader reader(*object);
  const Swept swept{reader.required_count("released"), reader.required_count("removed")};
  if (const auto fault = reader.fault()) return std::unexpected(*fault);
  return swept;
}

std::string to_text(const ImportCounts& counts) {
  return counts_text("created", counts.created, "replaced", counts.replaced);
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
