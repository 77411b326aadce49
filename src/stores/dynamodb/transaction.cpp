#include "stores/dynamodb/transaction.hpp"

#include <chrono>

#include "stores/dynamodb/documents.hpp"
#include "stores/dynamodb/schema.hpp"

namespace bddlock::stores::dynamodb {
namespace {

constexpr std::string_view version_is = "attribute_exists(pk) AND version = :expected";

// DynamoDB removes it then, in seconds since 1970, should no server do so: they forget one that is
// over a day after its end, and look at its end again before.
json::value time_to_live(const core::Request& ended) {
  const auto last = ended.ended_at + 2 * core::ended_request_kept;
  return number_value(std::chrono::ceil<std::chrono::seconds>(last.time_since_epoch()).count());
}

json::object with(json::object row, std::string_view name, json::value value) {
  row.insert_or_assign(name, std::move(value));
  return row;
}

}  // namespace

void Transaction::add_action(std::string_view kind, json::object action) {
  actions_.push_back(json::object{{kind, std::move(action)}});
}

void Transaction::put_row(json::object row) {
  add_action("Put", {{"TableName", requests_}, {"Item", std::move(row)}});
}

void Transaction::delete_row(std::string_view pk, std::string_view sk) {
  add_action("Delete", {{"TableName", requests_}, {"Key", row_key(pk, sk)}});
}

// What is not due any more stays: mostly the next claim of the stack puts its own in its place, and
// else Reads::due() takes it away. That is one write less for each release.
void Transaction::set_due(const core::Stack& stack, core::Version version) {
  const auto at = due_at(stack);
  if (!at) return;
  json::object row = row_key("due", stack.stack_name.text());
  row.emplace("line", number_value(at->time_since_epoch().count()));
  row.emplace("version", number_value(version));
  put_row(std::move(row));
}

void Transaction::put(const core::Stack& next, core::Version expected, const AsRead* as_read,
                      const std::string& lease_by) {
  StackWrite write = write_stack(next, expected, as_read, lease_by);
  add_action("Update", {{"TableName", stacks_},
                        {"Key", stack_key(next.stack_name)},
                        {"UpdateExpression", write.update},
                        {"ConditionExpression", write.condition},
                        {"ExpressionAttributeNames", std::move(write.names)},
                        {"ExpressionAttributeValues", std::move(write.values)}});
  set_due(next, expected + 1);
}

void Transaction::remove(const core::Stack& stack, const AsRead& as_read) {
  StackWrite write = remove_stack(as_read);
  json::object action{{"TableName", stacks_},
                      {"Key", stack_key(stack.stack_name)},
                      {"ConditionExpression", write.condition},
                      {"ExpressionAttributeNames", std::move(write.names)}};
  if (!write.values.empty()) action.emplace("ExpressionAttributeValues", std::move(write.values));
  add_action("Delete", std::move(action));
  delete_row("due", stack.stack_name.text());
  put_row(with(row_key("retired", stack.stack_name.text()), "token",
               number_value(stack.fencing_token)));
}

void Transaction::put(const core::Request& next, core::Version expected) {
  const bool waits = next.state == core::RequestState::waiting;
  json::object row = request_key(next.repo_name, next.request_id);
  row.emplace("body", text_value(request_text(next)));
  row.emplace("version", number_value(expected + 1));
  if (waits) row.emplace("line", digits_value(line_of({next.wish.priority, next.arrival})));
  if (next.state == core::RequestState::ended) row.emplace(ttl_attribute, time_to_live(next));
  json::object action{{"TableName", requests_}, {"Item", std::move(row)}};
  action.emplace("ConditionExpression", expected == 0 ? "attribute_not_exists(pk)" : version_is);
  if (expected != 0)
    action.emplace("ExpressionAttributeValues",
                   json::object{{":expected", number_value(expected)}});
  add_action("Put", std::move(action));
  const std::string ready = ready_of(next.repo_name, next.request_id);
  if (!waits && expected == 0) return;  // it was never in line
  if (!waits) return delete_row("ready", ready);
  put_row(with(row_key("ready", ready), "line",
               number_value(next.ready_until.time_since_epoch().count())));
}

void Transaction::remove(const core::Request& request, core::Version expected) {
  add_action("Delete", {{"TableName", requests_},
                        {"Key", request_key(request.repo_name, request.request_id)},
                        {"ConditionExpression", version_is},
                        {"ExpressionAttributeValues", {{":expected", number_value(expected)}}}});
  delete_row("ready", ready_of(request.repo_name, request.request_id));
}

// The stack keeps the id, so that the next event of it, which another replica may write whose clock
// is behind, gets a larger one.
void Transaction::keep_id(const core::Event& event) {
  for (json::value& action : actions_) {
    json::value* update = action.as_object().if_contains("Update");
    if (update == nullptr || update->at("Key") != stack_key(event.stack_name)) continue;
    auto& values = update->at("ExpressionAttributeValues").as_object();
    if (!values.contains(":lastEvent")) {
      auto& text = update->at("UpdateExpression").as_string();
      text.insert(std::string_view("SET ").size(), "lastEvent = :lastEvent, ");
    }
    values.insert_or_assign(":lastEvent", number_value(event.id));
  }
}

void Transaction::add(const core::Event& event) {
  keep_id(event);
  json::object row = row_key(events_of(event.stack_name), event_id_text(event.id));
  row.emplace("allEvents", text_value("all"));
  row.emplace("eventRepo", text_value("repo#" + event.repo_name.text()));
  row.emplace("body", text_value(event_text(event)));
  // Another replica may have an event of this stack at the same microsecond.
  add_action("Put", {{"TableName", requests_},
                     {"Item", std::move(row)},
                     {"ConditionExpression", "attribute_not_exists(pk)"}});
}

void Transaction::make_known(const core::RepoName& repo) {
  add_action("Update", {{"TableName", requests_},
                        {"Key", row_key("repos", repo.text())},
                        {"UpdateExpression", "SET lastArrival = if_not_exists(lastArrival, :none)"},
                        {"ExpressionAttributeValues", {{":none", number_value(0)}}}});
}

void Transaction::raise_arrival(const core::RepoName& repo, std::int64_t read,
                                std::int64_t arrival) {
  add_action("Update", {{"TableName", requests_},
                        {"Key", row_key("repos", repo.text())},
                        {"UpdateExpression", "SET lastArrival = :arrival"},
                        {"ConditionExpression", "attribute_not_exists(pk) OR lastArrival = :read"},
                        {"ExpressionAttributeValues",
                         {{":arrival", number_value(arrival)}, {":read", number_value(read)}}}});
}

json::object Transaction::take(const std::string& client_token) {
  return {{"TransactItems", std::move(actions_)}, {"ClientRequestToken", client_token}};
}

json::object Transaction::take() { return {{"TransactItems", std::move(actions_)}}; }

}  // namespace bddlock::stores::dynamodb
