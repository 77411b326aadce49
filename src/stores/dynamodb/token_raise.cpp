#include "stores/dynamodb/token_raise.hpp"

#include <boost/json/array.hpp>
#include <limits>
#include <utility>
#include <vector>

#include "stores/dynamodb/documents.hpp"
#include "stores/dynamodb/table.hpp"

namespace bddlock::stores {
namespace dynamodb {
namespace {

// Beyond it a raised token would be no number that is read back.
constexpr std::int64_t token_most = std::numeric_limits<std::int64_t>::max() - dynamodb_token_raise;

class TokenRaise {
 public:
  using Done = std::expected<void, std::string>;

  explicit TokenRaise(Table table) : table_(std::move(table)) {}

  Done run(RaisedTokens& raised) {
    auto stacks = each(table_.names().stacks, [&](const Item& item) -> Done {
      ++raised.stacks;
      return raise_stack(item);
    });
    if (!stacks) return stacks;
    return each(table_.names().requests(), [&](const Item& row) -> Done {
      const std::string_view pk = text_in(row, "pk").value_or("");
      if (pk == "retired") {
        ++raised.deleted_names;
        return raise_retired(row);
      }
      return pk.starts_with(requests_of(core::RepoName{})) ? raise_request(row) : Done{};
    });
  }

 private:
  // Page by page, so that a large table is never held as a whole.
  template <class Change>
  Done each(const std::string& table, Change change) {
    Done done;
    const auto read = table_.each_page("Scan", {{"TableName", table}, {"ConsistentRead", true}},
                                       [&](const json::array& items) {
                                         for (const json::value& item : items)
                                           if (done = change(item.as_object()); !done) return false;
                                         return true;
                                       });
    if (!read) return std::unexpected("the table " + table + ": " + read.error().detail);
    return done;
  }

  // The version moves too: a server that read the stack before decides again. A stack without a
  // token may have got its first one after the back-up was made.
  Done raise_stack(const Item& item) {
    const auto name = text_in(item, "stackName");
    if (!name) return {};
    return update(table_.names().stacks, {{"stackName", text_value(*name)}},
                  "ADD fencingToken :raise, version :one",
                  "attribute_exists(stackName) AND (attribute_not_exists(fencingToken) OR "
                  "fencingToken <= :most)",
                  {{":one", number_value(1)}}, "the stack " + std::string(*name));
  }

  Done raise_retired(const Item& row) {
    const std::string name(text_in(row, "sk").value_or(""));
    return update(table_.names().requests(), row_key("retired", name), "ADD #token :raise",
                  "attribute_exists(pk) AND #token <= :most", {}, "the deleted stack " + name,
                  {{"#token", "token"}});
  }

  Done update(const std::string& table, json::object key, std::string_view change,
              std::string_view condition, json::object values, const std::string& what,
              json::object names = {}) {
    values.emplace(":raise", number_value(dynamodb_token_raise));
    values.emplace(":most", number_value(token_most));
    json::object input{{"TableName", table},
                       {"Key", std::move(key)},
                       {"UpdateExpression", change},
                       {"ConditionExpression", condition},
                       {"ExpressionAttributeValues", std::move(values)}};
    if (!names.empty()) input.emplace("ExpressionAttributeNames", std::move(names));
    const auto done = table_.client().call("UpdateItem", input);
    if (done) return {};
    if (done.error().trouble == aws::Trouble::condition_failed)
      return std::unexpected(what +
                             " was deleted meanwhile, or its fencing token is no number that "
                             "can be raised: look at it, and run the command again");
    return std::unexpected(what + ": " + done.error().detail);
  }

  // A granted request remembers the tokens of its claims: it is to name them as they are now. One
  // that changed meanwhile was granted or ended by a server, which had read the raised tokens.
  Done raise_request(const Item& row) {
    core::Request request = parse_request(text_in(row, "body").value_or(""));
    if (request.claims.empty()) return {};
    for (core::GrantedClaim& claim : request.claims) claim.fencing_token += dynamodb_token_raise;
    const std::int64_t version = number_in(row, "version").value_or(1);
    const auto done = table_.client().call(
        "UpdateItem",
        {{"TableName", table_.names().requests()},
         {"Key", request_key(request.repo_name, request.request_id)},
         {"UpdateExpression", "SET body = :body, version = :next"},
         {"ConditionExpression", "version = :version"},
         {"ExpressionAttributeValues", json::object{{":body", text_value(request_text(request))},
                                                    {":version", number_value(version)},
                                                    {":next", number_value(version + 1)}}}});
    if (done || done.error().trouble == aws::Trouble::condition_failed) return {};
    return std::unexpected("the request " + request.request_id.text() + ": " + done.error().detail);
  }

  const Table table_;
};

}  // namespace
}  // namespace dynamodb

std::expected<RaisedTokens, std::string> raise_fencing_tokens(std::shared_ptr<aws::DynamoDb> client,
                                                              const std::string& table) {
  RaisedTokens raised;
  const auto done =
      dynamodb::TokenRaise(dynamodb::Table(std::move(client), {.stacks = table})).run(raised);
  if (!done) return std::unexpected(done.error());
  return raised;
}

}  // namespace bddlock::stores
