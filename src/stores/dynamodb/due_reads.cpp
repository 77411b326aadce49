// What time ends, by the rows of the second table that say when.
#include <algorithm>
#include <boost/json/array.hpp>
#include <unordered_map>

#include "stores/dynamodb/reads.hpp"

namespace bddlock::stores::dynamodb {
namespace {

constexpr std::size_t removals_at_once = 8;

json::object due_query(const std::string& table, core::Instant now) {
  auto input = query_of(
      table, "pk = :pk AND line <= :now",
      {{":pk", text_value("due")}, {":now", number_value(now.time_since_epoch().count())}});
  input.emplace("IndexName", "byLine");
  input.emplace("ConsistentRead", true);
  return input;
}

std::string stack_in(const Item& row) { return std::string(text_in(row, "sk").value_or("")); }

// A row of another version is of a claim that came since.
json::object removal_of(const std::string& table, const Item& row) {
  json::object values{{":line", row.at("line")}};
  std::string condition = "line = :line AND attribute_not_exists(version)";
  if (const json::value* version = row.if_contains("version")) {
    condition = "line = :line AND version = :version";
    values.emplace(":version", *version);
  }
  return {{"TableName", table},
          {"Key", row_key("due", stack_in(row))},
          {"ConditionExpression", condition},
          {"ExpressionAttributeValues", std::move(values)}};
}

}  // namespace

core::Result<Reads::Stacks> Reads::due(core::Instant now, std::size_t limit) const {
  const std::string table = table_.names().requests();
  std::vector<json::object> removals;
  Stacks found;
  core::Result<Stacks> stacks;
  const auto read = table_.each_page("Query", due_query(table, now), [&](const json::array& items) {
    std::unordered_map<core::StackName, const Item*> rows;
    std::vector<core::StackName> names;
    for (const json::value& item : items)
      rows.emplace(names.emplace_back(stack_in(item.as_object())), &item.as_object());
    stacks = stacks_of(names);
    if (!stacks) return false;
    for (core::Stack& stack : *stacks) {
      if (due_at(stack)) rows.erase(stack.stack_name);
      if (core::is_due(stack, now) && found.size() < limit) found.push_back(std::move(stack));
    }
    for (const auto& [name, row] : rows) removals.push_back(removal_of(table, *row));
    return found.size() < limit;
  });
  remove_forgotten(removals);
  if (!read) return std::unexpected(read.error());
  if (!stacks) return std::unexpected(stacks.error());
  return found;
}

// Others may wait for the one who looks, so not many at once, and none after one that failed: the
// next look finds them again.
void Reads::remove_forgotten(const std::vector<json::object>& removals) const {
  for (std::size_t i = 0; i < std::min(removals.size(), removals_at_once); ++i) {
    const auto removed = table_.client().call("DeleteItem", removals[i]);
    if (!removed && removed.error().trouble != aws::Trouble::condition_failed) return;
  }
}

}  // namespace bddlock::stores::dynamodb
