#include "stores/dynamodb/table.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <limits>
#include <map>

namespace bddlock::stores::dynamodb {
namespace {

constexpr std::size_t batch_get_max = 100;  // Amazon's limit
constexpr int batch_tries_max = 8;
constexpr std::size_t key_bytes_max = 2048;  // of a partition key, also of an index
constexpr std::size_t sort_key_bytes_max = 1024;

// Nothing is under a name that no key can be; DynamoDB would call it a fault to ask.
bool can_be_key(const json::object& key) {
  return std::ranges::all_of(key, [&](const auto& part) {
    const std::size_t size = text_in(key, part.key()).value_or("").size();
    return size > 0 && size <= (part.key() == "sk" ? sort_key_bytes_max : key_bytes_max);
  });
}

bool can_find_any(const json::object& query) {
  const json::value* values = query.if_contains("ExpressionAttributeValues");
  if (values == nullptr || !query.contains("KeyConditionExpression")) return true;
  return std::ranges::all_of(values->as_object(), [&](const auto& value) {
    return text_in(values->as_object(), value.key()).value_or("").size() <= key_bytes_max;
  });
}

std::string padded(std::string digits, std::size_t width) {
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

// The order of int64 as that of unsigned numbers.
std::uint64_t unsigned_order(std::int64_t number) {
  return static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63);
}

const json::array& items_of(const json::object& output) {
  static const json::array none;
  const json::value* items = output.if_contains("Items");
  return items != nullptr && items->is_array() ? items->get_array() : none;
}

void sort_into(std::map<std::string, Item>& found, const json::object& output,
               const std::string& table, std::string_view key_name) {
  const json::value* responses = output.if_contains("Responses");
  if (responses == nullptr || !responses->is_object()) return;
  const json::value* items = responses->get_object().if_contains(table);
  if (items == nullptr || !items->is_array()) return;
  for (const json::value& item : items->get_array())
    found.insert_or_assign(std::string(text_in(item.as_object(), key_name).value_or("")),
                           item.as_object());
}

}  // namespace

core::Error to_core(const aws::Error& error) {
  const bool unknown = error.trouble == aws::Trouble::outcome_unknown;
  return {unknown ? core::Errc::outcome_unknown : core::Errc::store_unavailable, error.detail};
}

// A read has no outcome.
static core::Error unread(const aws::Error& error) {
  return {core::Errc::store_unavailable, error.detail};
}

core::Result<std::optional<Item>> Table::get(const std::string& table, json::object key) const {
  if (!can_be_key(key)) return std::nullopt;
  auto output = client_->call(
      "GetItem", {{"TableName", table}, {"Key", std::move(key)}, {"ConsistentRead", true}});
  if (!output) return std::unexpected(unread(output.error()));
  json::value* item = output->if_contains("Item");
  if (item == nullptr || !item->is_object()) return std::nullopt;
  return std::move(item->get_object());
}

core::Result<std::vector<Item>> Table::get_all(const std::string& table,
                                               const std::vector<json::object>& keys,
                                               std::string_view key_name) const {
  std::map<std::string, Item> found;
  for (std::size_t at = 0; at < keys.size(); at += batch_get_max) {
    json::array wanted;
    for (std::size_t i = at; i < std::min(at + batch_get_max, keys.size()); ++i)
      wanted.push_back(keys[i]);
    json::object left{{table, {{"Keys", std::move(wanted)}, {"ConsistentRead", true}}}};
    for (int tries = 0; !left.empty(); ++tries) {
      if (tries == batch_tries_max)
        return std::unexpected(core::Error{core::Errc::store_unavailable,
                                           "DynamoDB goes on leaving out items of a batch"});
      auto output = client_->call("BatchGetItem", {{"RequestItems", std::move(left)}});
      if (!output) return std::unexpected(unread(output.error()));
      sort_into(found, *output, table, key_name);
      const json::value* rest = output->if_contains("UnprocessedKeys");
      left = rest != nullptr && rest->is_object() ? rest->get_object() : json::object{};
      if (!left.empty()) client_->wait_for_rest(tries + 1);
    }
  }
  std::vector<Item> items;
  for (const json::object& key : keys) {
    const auto at = found.find(std::string(text_in(key, key_name).value_or("")));
    if (at != found.end()) items.push_back(at->second);
  }
  return items;
}

core::Result<void> Table::each_page(
    std::string_view operation, json::object input,
    const std::function<bool(const json::array& items)>& take) const {
  if (!can_find_any(input)) return {};
  for (;;) {
    auto output = client_->call(operation, input);
    if (!output) return std::unexpected(unread(output.error()));
    if (!take(items_of(*output))) return {};
    const json::value* last = output->if_contains("LastEvaluatedKey");
    if (last == nullptr || !last->is_object() || last->get_object().empty()) return {};
    input.insert_or_assign("ExclusiveStartKey", *last);
  }
}

core::Result<std::int64_t> Table::count(json::object input) const {
  input.insert_or_assign("Select", "COUNT");
  std::int64_t total = 0;
  if (!can_find_any(input)) return total;
  for (;;) {
    auto output = client_->call("Query", input);
    if (!output) return std::unexpected(unread(output.error()));
    const json::value* count = output->if_contains("Count");
    if (count != nullptr && count->is_int64()) total += count->get_int64();
    const json::value* last = output->if_contains("LastEvaluatedKey");
    if (last == nullptr || !last->is_object() || last->get_object().empty()) return total;
    input.insert_or_assign("ExclusiveStartKey", *last);
  }
}

json::object stack_key(const core::StackName& name) {
  return {{"stackName", text_value(name.text())}};
}
json::object row_key(std::string_view pk, std::string_view sk) {
  return {{"pk", text_value(pk)}, {"sk", text_value(sk)}};
}
json::object request_key(const core::RepoName& repo, const core::RequestId& id) {
  return row_key(requests_of(repo), id.text());
}
std::string requests_of(const core::RepoName& repo) { return "request#" + repo.text(); }
// No repo's name has a line break in it.
std::string ready_of(const core::RepoName& repo, const core::RequestId& id) {
  return repo.text() + "\n" + id.text();
}
std::string events_of(const core::StackName& name) { return "event#" + name.text(); }
std::string event_id_text(std::int64_t id) {
  return padded(std::to_string(std::max<std::int64_t>(id, 0)), 20);
}

std::string line_of(const service::QueuePlace& place) {
  const std::int64_t turn = std::int64_t{std::numeric_limits<int>::max()} - place.priority;
  return std::to_string(turn + 1) + padded(std::to_string(unsigned_order(place.arrival)), 20);
}

json::object query_of(const std::string& table, std::string_view condition, json::object values) {
  return {{"TableName", table},
          {"KeyConditionExpression", condition},
          {"ExpressionAttributeValues", std::move(values)}};
}

}  // namespace bddlock::stores::dynamodb
