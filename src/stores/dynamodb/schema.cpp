#include "stores/dynamodb/schema.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <set>

namespace bddlock::stores::dynamodb {
namespace {

json::array schema_of(const KeyShape& key) {
  json::array schema{json::object{{"AttributeName", key.hash}, {"KeyType", "HASH"}}};
  if (!key.range.empty())
    schema.push_back(json::object{{"AttributeName", key.range}, {"KeyType", "RANGE"}});
  return schema;
}

json::object definition_of(const IndexShape& index) {
  return {
      {"IndexName", index.name},
      {"KeySchema", schema_of(index.key)},
      {"Projection", json::object{{"ProjectionType", index.whole_items ? "ALL" : "KEYS_ONLY"}}}};
}

void add_names(std::set<std::string>& names, const KeyShape& key) {
  names.insert(key.hash);
  if (!key.range.empty()) names.insert(key.range);
}

std::string_view type_of(std::string_view attribute) { return attribute == "line" ? "N" : "S"; }

json::array attributes_of(const std::set<std::string>& names) {
  json::array attributes;
  for (const std::string& name : names)
    attributes.push_back(json::object{{"AttributeName", name}, {"AttributeType", type_of(name)}});
  return attributes;
}

const json::array& list_in(const json::object& object, std::string_view name) {
  static const json::array none;
  const json::value* list = object.if_contains(name);
  return list != nullptr && list->is_array() ? list->get_array() : none;
}

KeyShape key_in(const json::object& described) {
  KeyShape key;
  for (const json::value& part : list_in(described, "KeySchema")) {
    const bool is_hash = part.at("KeyType").as_string() == "HASH";
    (is_hash ? key.hash : key.range) = part.at("AttributeName").as_string();
  }
  return key;
}

const json::object* index_in(const json::object& described, const IndexShape& index) {
  const auto& indexes =
      list_in(described, index.local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes");
  const auto found = std::ranges::find_if(indexes, [&](const json::value& each) {
    return each.at("IndexName").as_string() == index.name;
  });
  return found == indexes.end() ? nullptr : &found->as_object();
}

std::string text_of(const KeyShape& key) {
  return key.hash + (key.range.empty() ? "" : ", " + key.range);
}

// Of the attributes that keys are made of.
void look_at_types(const json::object& described, const TableShape& shape,
                   std::vector<ShapeFault>& faults) {
  std::set<std::string> names;
  add_names(names, shape.key);
  for (const IndexShape& index : shape.indexes) add_names(names, index.key);
  for (const json::value& defined : list_in(described, "AttributeDefinitions")) {
    const std::string name(defined.at("AttributeName").as_string());
    const std::string type(defined.at("AttributeType").as_string());
    if (names.contains(name) && type != type_of(name))
      faults.push_back({"", "has " + name + " of the type " + type + " and must have it of type " +
                                std::string(type_of(name))});
  }
}

bool has_whole_items(const json::object& index) {
  return index.at("Projection").at("ProjectionType").as_string() == "ALL";
}

bool is_being_built(const json::object& index) {
  const json::value* status = index.if_contains("IndexStatus");
  return status != nullptr && *status == "CREATING";
}

std::optional<ShapeFault> fault_of(const json::object& described, const IndexShape& index) {
  using Kind = ShapeFault::Kind;
  const json::object* found = index_in(described, index);
  if (found == nullptr) return ShapeFault{index.name, "has no index " + index.name, Kind::missing};
  if (key_in(*found) != index.key)
    return ShapeFault{index.name, "has the index " + index.name + " by (" +
                                      text_of(key_in(*found)) + ") and must have it by (" +
                                      text_of(index.key) + ")"};
  if (index.whole_items && !has_whole_items(*found))
    return ShapeFault{index.name,
                      "has the index " + index.name + " without all attributes (projection ALL)"};
  if (is_being_built(*found))
    return ShapeFault{index.name, "has the index " + index.name + " only when it has been built",
                      Kind::being_built};
  return std::nullopt;
}

std::int64_t capacity_in(const json::object& throughput, std::string_view name) {
  const json::value* number = throughput.if_contains(name);
  return number != nullptr && number->is_int64() ? number->get_int64() : 0;
}

}  // namespace

const TableShape& stacks_shape() {
  static const TableShape shape{
      .key = {"stackName", ""},
      .indexes = {{std::string(seed_index_name), {"repoName", "isAvailable"}, false},
                  {std::string(repo_index_name), {"repoName", "stackName"}}}};
  return shape;
}

const TableShape& requests_shape() {
  static const TableShape shape{.key = {"pk", "sk"},
                                .indexes = {{"byLine", {"pk", "line"}, true, true},
                                            {"eventsInOrder", {"allEvents", "sk"}},
                                            {"eventsByRepo", {"eventRepo", "sk"}}}};
  return shape;
}

json::object creation_of(const std::string& table, const TableShape& shape) {
  std::set<std::string> names;
  add_names(names, shape.key);
  json::array global;
  json::array local;
  for (const IndexShape& index : shape.indexes) {
    add_names(names, index.key);
    (index.local ? local : global).push_back(definition_of(index));
  }
  json::object input{{"TableName", table},
                     {"BillingMode", "PAY_PER_REQUEST"},
                     {"KeySchema", schema_of(shape.key)},
                     {"AttributeDefinitions", attributes_of(names)},
                     {"GlobalSecondaryIndexes", std::move(global)}};
  if (!local.empty()) input.emplace("LocalSecondaryIndexes", std::move(local));
  return input;
}

std::optional<Provisioned> provisioned_in(const json::object& described) {
  const json::value* throughput = described.if_contains("ProvisionedThroughput");
  if (throughput == nullptr || !throughput->is_object()) return std::nullopt;
  const Provisioned found{capacity_in(throughput->get_object(), "ReadCapacityUnits"),
                          capacity_in(throughput->get_object(), "WriteCapacityUnits")};
  if (found.reads == 0 && found.writes == 0) return std::nullopt;
  return found;
}

json::object addition_of(const json::object& described, const IndexShape& index) {
  std::set<std::string> names;
  add_names(names, index.key);
  json::object definition = definition_of(index);
  if (const auto provisioned = provisioned_in(described))
    definition.emplace("ProvisionedThroughput",
                       json::object{{"ReadCapacityUnits", provisioned->reads},
                                    {"WriteCapacityUnits", provisioned->writes}});
  return {{"TableName", described.at("TableName")},
          {"AttributeDefinitions", attributes_of(names)},
          {"GlobalSecondaryIndexUpdates",
           json::array{json::object{{"Create", std::move(definition)}}}}};
}

std::vector<ShapeFault> faults_in(const json::object& described, const TableShape& shape) {
  std::vector<ShapeFault> faults;
  if (const KeyShape key = key_in(described); key != shape.key)
    faults.push_back(
        {"", "has the key (" + text_of(key) + ") and must have (" + text_of(shape.key) + ")"});
  look_at_types(described, shape, faults);
  for (const IndexShape& index : shape.indexes)
    if (auto fault = fault_of(described, index)) faults.push_back(std::move(*fault));
  return faults;
}

}  // namespace bddlock::stores::dynamodb
