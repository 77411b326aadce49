// Called by app: what a table needs once DynamoDB has restored it from a back-up.
#include <boost/json/array.hpp>

#include "stores/dynamodb/dynamodb_admin.hpp"
#include "stores/dynamodb/table.hpp"

namespace bddlock::stores {
namespace {

namespace json = boost::json;
using dynamodb::Item;

// Grants that the back-up knows nothing of had larger tokens than it has (invariant 3), but hardly
// so many.
constexpr std::int64_t token_raise = 1'000'000;

// The version too, so that no server saves what it read before. The rest stays as it is.
json::object raise_of_stack(const std::string& table, const Item& item) {
  return {{"TableName", table},
          {"Key", json::object{{"stackName", item.at("stackName")}}},
          {"UpdateExpression",
           "SET fencingToken = if_not_exists(fencingToken, :none) + :raise, "
           "#version = if_not_exists(#version, :one) + :one"},
          {"ConditionExpression", "attribute_exists(stackName)"},
          {"ExpressionAttributeNames", {{"#version", "version"}}},
          {"ExpressionAttributeValues",
           {{":none", dynamodb::number_value(0)},
            {":one", dynamodb::number_value(1)},
            {":raise", dynamodb::number_value(token_raise)}}}};
}

json::object raise_of_retired(const std::string& table, const Item& item) {
  return {{"TableName", table},
          {"Key", json::object{{"pk", item.at("pk")}, {"sk", item.at("sk")}}},
          {"UpdateExpression", "SET #token = #token + :raise"},
          {"ConditionExpression", "attribute_exists(#token)"},
          {"ExpressionAttributeNames", {{"#token", "token"}}},
          {"ExpressionAttributeValues", {{":raise", dynamodb::number_value(token_raise)}}}};
}

}  // namespace

// An addition is done once only if it is not sent again after a lost answer.
DynamoDbAdmin::Counted DynamoDbAdmin::raise_all(std::string_view operation, Json input,
                                                Raise raise) {
  std::int64_t count = 0;
  const std::string table = std::string(input.at("TableName").as_string());
  for (;;) {
    const auto page = client_->call(operation, input);
    if (!page) return std::unexpected("the table " + table + ": " + page.error().detail);
    for (const json::value& item : page->at("Items").as_array()) {
      const auto raised =
          client_->call("UpdateItem", raise(table, item.as_object()), aws::Repeatable::no);
      if (!raised && raised.error().trouble == aws::Trouble::condition_failed) continue;
      if (!raised)
        return std::unexpected("the table " + table + ", after " + std::to_string(count) +
                               " tokens, so do it again: " + raised.error().detail);
      ++count;
    }
    const json::value* last = page->if_contains("LastEvaluatedKey");
    if (last == nullptr) return count;
    input.insert_or_assign("ExclusiveStartKey", *last);
  }
}

DynamoDbAdmin::Steps DynamoDbAdmin::restored() {
  const auto stacks =
      raise_all("Scan", {{"TableName", table_}, {"ConsistentRead", true}}, raise_of_stack);
  if (!stacks) return std::unexpected(stacks.error());
  auto query =
      dynamodb::query_of(requests_table(), "pk = :pk", {{":pk", dynamodb::text_value("retired")}});
  query.emplace("ConsistentRead", true);
  const auto retired = raise_all("Query", std::move(query), raise_of_retired);
  if (!retired) return std::unexpected(retired.error());
  const std::string by = " by " + std::to_string(token_raise);
  return std::vector<std::string>{
      "raised the fencing tokens of " + std::to_string(*stacks) + " stacks" + by,
      "raised the last tokens of " + std::to_string(*retired) + " deleted names" + by};
}

}  // namespace bddlock::stores
