#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "stores/dynamodb/dynamodb_admin.hpp"
#include "stores/dynamodb/odd_items.hpp"
#include "stores/dynamodb/schema.hpp"
#include "stores/dynamodb/table.hpp"

namespace bddlock::stores {
namespace {

using dynamodb::ShapeFault;
using Json = boost::json::object;

// An index of a large table takes its time.
constexpr int looks_max = 1200;
constexpr std::chrono::milliseconds look_interval{1'500};
constexpr std::size_t odd_shown_max = 50;

std::unexpected<std::string> in_vain(const std::string& table, const aws::Error& error) {
  return std::unexpected("the table " + table + ": " + error.detail);
}

std::string string_at(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// As JSON writes it: a name may be any text.
std::string name_in(const boost::json::object& item) {
  const auto name = dynamodb::text_in(item, "stackName").value_or("");
  return boost::json::serialize(boost::json::string(name));
}

bool is_active(const boost::json::object& described) {
  if (string_at(described, "TableStatus") != "ACTIVE") return false;
  const auto* indexes = described.if_contains("GlobalSecondaryIndexes");
  return indexes == nullptr ||
         std::ranges::all_of(indexes->as_array(), [](const boost::json::value& index) {
           return string_at(index.as_object(), "IndexStatus") == "ACTIVE";
         });
}

bool can_be_added(const ShapeFault& fault, const dynamodb::TableShape& shape) {
  const auto index = std::ranges::find(shape.indexes, fault.index, &dynamodb::IndexShape::name);
  return index != shape.indexes.end() && !index->local && fault.kind == ShapeFault::Kind::missing;
}

// DynamoDB makes a local index only together with its table.
std::string what_helps(const ShapeFault& fault, const dynamodb::TableShape& shape) {
  const std::string command = "`bdd-lock dynamodb upgrade` ";
  if (can_be_added(fault, shape)) return command + "adds it";
  if (fault.kind == ShapeFault::Kind::being_built) return command + "waits for it";
  if (&shape == &dynamodb::requests_shape())
    return "that cannot be changed: once no server runs and nobody waits, delete this table, which "
           "ends the history, and " +
           command + "makes it anew";
  return "that cannot be changed here";
}

std::expected<void, std::string> can_be_upgraded(const std::string& table, const Json& described,
                                                 const dynamodb::TableShape& shape) {
  for (const ShapeFault& fault : dynamodb::faults_in(described, shape))
    if (!can_be_added(fault, shape))
      return std::unexpected("the table " + table + " " + fault.detail + "; " +
                             what_helps(fault, shape));
  return {};
}

void sort_faults(const std::string& table, const std::vector<ShapeFault>& faults,
                 const dynamodb::TableShape& shape, DynamoDbCheck& check) {
  for (const ShapeFault& fault : faults) {
    std::string sentence = "the table " + table + " " + fault.detail;
    const bool is_dispensable = fault.index == dynamodb::repo_index_name;
    if (is_dispensable) sentence += ": stacks of a repo are found by reading the whole table";
    sentence += "; " + what_helps(fault, shape);
    (is_dispensable ? check.warnings : check.faults).push_back(std::move(sentence));
  }
}

}  // namespace

DynamoDbAdmin::Described DynamoDbAdmin::describe(const std::string& table) {
  auto output = client_->call("DescribeTable", {{"TableName", table}});
  if (!output) {
    if (output.error().trouble == aws::Trouble::missing) return Json{};
    return in_vain(table, output.error());
  }
  auto* described = output->if_contains("Table");
  if (described == nullptr || !described->is_object())
    return std::unexpected("the table " + table + ": DynamoDB's answer does not describe it");
  return std::move(described->get_object());
}

std::expected<void, std::string> DynamoDbAdmin::wait_until_active(const std::string& table) {
  for (int looks = 0; looks < looks_max; ++looks) {
    const auto described = describe(table);
    if (!described) return std::unexpected(described.error());
    if (is_active(*described)) return {};
    sleep_(look_interval);
  }
  return std::unexpected("the table " + table +
                         " is still being made; `bdd-lock dynamodb check` says when it is there");
}

// Where the answer got lost, the second try meets the table that the first one made.
bool DynamoDbAdmin::is_there_all_the_same(const std::string& table, const aws::Error& error) {
  if (error.trouble != aws::Trouble::outcome_unknown) return false;
  const auto described = describe(table);
  return described && !described->empty();
}

bool DynamoDbAdmin::has_index(const std::string& table, const dynamodb::TableShape& shape,
                              const std::string& index) {
  const auto described = describe(table);
  if (!described || described->empty()) return false;
  const auto faults = dynamodb::faults_in(*described, shape);
  return std::ranges::find(faults, index, &ShapeFault::index) == faults.end();
}

std::expected<void, std::string> DynamoDbAdmin::make(const Json& definition, Steps& steps) {
  const std::string name = string_at(definition, "TableName");
  const auto made = client_->call("CreateTable", definition);
  if (!made && !is_there_all_the_same(name, made.error())) return in_vain(name, made.error());
  const auto active = wait_until_active(name);
  if (!active) return active;
  steps->push_back("created the table " + name);
  protect(name, steps);
  return {};
}

// Not everything that speaks DynamoDB's protocol has it, and nothing depends on it.
void DynamoDbAdmin::protect(const std::string& table, Steps& steps) {
  const auto done = client_->call(
      "UpdateContinuousBackups",
      {{"TableName", table},
       {"PointInTimeRecoverySpecification", Json{{"PointInTimeRecoveryEnabled", true}}}});
  steps->push_back(done ? "switched point-in-time recovery of " + table + " on"
                        : "point-in-time recovery of " + table +
                              " could not be switched on: " + done.error().detail);
}

// Nothing where it cannot be asked for, as without the permission.
std::optional<bool> DynamoDbAdmin::has_ttl() {
  const auto output = client_->call("DescribeTimeToLive", {{"TableName", requests_table()}});
  if (!output) return std::nullopt;
  const auto* described = output->if_contains("TimeToLiveDescription");
  if (described == nullptr || !described->is_object()) return std::nullopt;
  return string_at(described->get_object(), "TimeToLiveStatus").starts_with("ENABL");
}

std::expected<void, std::string> DynamoDbAdmin::set_ttl(Steps& steps) {
  const auto done = client_->call(
      "UpdateTimeToLive", {{"TableName", requests_table()},
                           {"TimeToLiveSpecification",
                            Json{{"Enabled", true}, {"AttributeName", dynamodb::ttl_attribute}}}});
  const bool is_unknown = !done && done.error().trouble == aws::Trouble::outcome_unknown;
  if (!done && !(is_unknown && has_ttl().value_or(false)))
    return in_vain(requests_table(), done.error());
  steps->push_back("switched the time to live of " + requests_table() + " on");
  return {};
}

std::expected<void, std::string> DynamoDbAdmin::make_requests(Steps& steps) {
  const auto made =
      make(dynamodb::creation_of(requests_table(), dynamodb::requests_shape()), steps);
  if (!made) return made;
  return set_ttl(steps);
}

DynamoDbAdmin::Steps DynamoDbAdmin::create() {
  const auto present = describe(table_);
  if (!present) return std::unexpected(present.error());
  if (!present->empty())
    return std::unexpected("the table " + table_ +
                           " is there already; `bdd-lock dynamodb upgrade` adds what it lacks");
  Steps steps = std::vector<std::string>{};
  const auto made = make(dynamodb::creation_of(table_, dynamodb::stacks_shape()), steps);
  if (!made) return std::unexpected(made.error());
  const auto second = describe(requests_table());
  if (!second) return std::unexpected(second.error());
  if (!second->empty()) return steps;
  const auto requests = make_requests(steps);
  if (!requests) return std::unexpected(requests.error());
  return steps;
}

// What an earlier run, or somebody else, began is waited for: DynamoDB adds one index at a time.
DynamoDbAdmin::Described DynamoDbAdmin::describe_at_rest(const std::string& table) {
  auto described = describe(table);
  if (!described || described->empty() || is_active(*described)) return described;
  const auto active = wait_until_active(table);
  if (!active) return std::unexpected(active.error());
  return describe(table);
}

std::expected<void, std::string> DynamoDbAdmin::add_index(const std::string& table,
                                                          const Json& described,
                                                          const dynamodb::TableShape& shape,
                                                          const std::string& name) {
  const auto index = std::ranges::find(shape.indexes, name, &dynamodb::IndexShape::name);
  const auto added = client_->call("UpdateTable", dynamodb::addition_of(described, *index));
  const bool is_unknown = !added && added.error().trouble == aws::Trouble::outcome_unknown;
  if (!added && !is_unknown) return in_vain(table, added.error());
  const auto active = wait_until_active(table);
  if (!active) return active;
  if (is_unknown && !has_index(table, shape, name)) return in_vain(table, added.error());
  return {};
}

// A server works without an index that only spares reading, so that one may be missing.
std::expected<void, std::string> DynamoDbAdmin::add_indexes(const std::string& table,
                                                            const Json& described,
                                                            const dynamodb::TableShape& shape,
                                                            Steps& steps) {
  for (const ShapeFault& fault : dynamodb::faults_in(described, shape)) {
    const auto added = add_index(table, described, shape, fault.index);
    if (!added && fault.index != dynamodb::repo_index_name) return added;
    steps->push_back(added ? "added the index " + fault.index + " to the table " + table
                           : "the index " + fault.index + " could not be added (" + added.error() +
                                 "): stacks of a repo are found by reading the whole table");
  }
  return {};
}

// The second table first: nothing works without it, and everything without an index of the seed's.
DynamoDbAdmin::Steps DynamoDbAdmin::upgrade() {
  const auto described = describe_at_rest(table_);
  if (!described) return std::unexpected(described.error());
  if (described->empty())
    return std::unexpected("there is no table " + table_ + "; `bdd-lock dynamodb create` makes it");
  const auto can_be = can_be_upgraded(table_, *described, dynamodb::stacks_shape());
  if (!can_be) return std::unexpected(can_be.error());
  Steps steps = std::vector<std::string>{};
  const auto second = upgrade_requests(steps);
  if (!second) return std::unexpected(second.error());
  const auto added = add_indexes(table_, *described, dynamodb::stacks_shape(), steps);
  if (!added) return std::unexpected(added.error());
  if (!has_backups(table_).value_or(true)) protect(table_, steps);
  return steps;
}

std::expected<void, std::string> DynamoDbAdmin::upgrade_requests(Steps& steps) {
  const auto described = describe_at_rest(requests_table());
  if (!described) return std::unexpected(described.error());
  if (described->empty()) return make_requests(steps);
  const auto can_be = can_be_upgraded(requests_table(), *described, dynamodb::requests_shape());
  if (!can_be) return can_be;
  const auto added = add_indexes(requests_table(), *described, dynamodb::requests_shape(), steps);
  if (!added) return added;
  if (!has_backups(requests_table()).value_or(true)) protect(requests_table(), steps);
  if (has_ttl().value_or(true)) return {};
  return set_ttl(steps);
}

// Nothing where it cannot be asked for.
std::optional<bool> DynamoDbAdmin::has_backups(const std::string& table) {
  const auto output = client_->call("DescribeContinuousBackups", {{"TableName", table}});
  if (!output) return std::nullopt;
  boost::system::error_code absent;
  const boost::json::value document(*output);
  const auto* status = document.find_pointer(
      "/ContinuousBackupsDescription/PointInTimeRecoveryDescription/PointInTimeRecoveryStatus",
      absent);
  if (status == nullptr || !status->is_string()) return std::nullopt;
  return status->get_string() == "ENABLED";
}

void DynamoDbAdmin::look_at_running(const Json& described, DynamoDbCheck& check) {
  const std::string name = "the table " + string_at(described, "TableName");
  if (!has_backups(string_at(described, "TableName")).value_or(true))
    check.warnings.push_back(name +
                             " has no point-in-time recovery; `bdd-lock dynamodb upgrade` switches "
                             "it on");
  if (const auto provisioned = dynamodb::provisioned_in(described))
    check.warnings.push_back(
        name + " has provisioned capacity, " + std::to_string(provisioned->reads) + " reads and " +
        std::to_string(provisioned->writes) + " writes a second; what is more is throttled");
}

std::expected<std::vector<std::string>, std::string> DynamoDbAdmin::odd_stacks() {
  std::vector<std::string> found;
  std::size_t more = 0;
  const dynamodb::Table table(client_, {.stacks = table_});
  const auto read =
      table.each_page("Scan", {{"TableName", table_}}, [&](const boost::json::array& items) {
        for (const auto& item : items)
          for (const std::string& odd : dynamodb::oddities_of(item.as_object()))
            if (found.size() == odd_shown_max)
              ++more;
            else
              found.push_back("the stack " + name_in(item.as_object()) + " " + odd);
        return true;
      });
  if (!read) return std::unexpected("the table " + table_ + ": " + read.error().detail);
  if (more > 0) found.push_back("and " + std::to_string(more) + " more of the kind");
  return found;
}

std::expected<DynamoDbCheck, std::string> DynamoDbAdmin::check() {
  DynamoDbCheck check;
  const auto stacks = describe(table_);
  if (!stacks) return std::unexpected(stacks.error());
  const auto requests = describe(requests_table());
  if (!requests) return std::unexpected(requests.error());
  check.has_table = !stacks->empty();
  if (stacks->empty()) {
    check.faults.push_back("there is no table " + table_ +
                           "; `bdd-lock dynamodb create` makes it and its second one");
    return check;
  }
  const auto faults = dynamodb::faults_in(*stacks, dynamodb::stacks_shape());
  sort_faults(table_, faults, dynamodb::stacks_shape(), check);
  check.has_repo_index =
      std::ranges::find(faults, dynamodb::repo_index_name, &ShapeFault::index) == faults.end();
  if (requests->empty())
    check.faults.push_back("there is no table " + requests_table() +
                           "; `bdd-lock dynamodb upgrade` makes it");
  else
    sort_faults(requests_table(), dynamodb::faults_in(*requests, dynamodb::requests_shape()),
                dynamodb::requests_shape(), check);
  if (!requests->empty() && !has_ttl().value_or(true))
    check.warnings.push_back("the table " + requests_table() +
                             " has no time to live, so nothing old leaves it by itself; "
                             "`bdd-lock dynamodb upgrade` switches it on");
  look_at_running(*stacks, check);
  if (!requests->empty()) look_at_running(*requests, check);
  return check;
}

}  // namespace bddlock::stores
