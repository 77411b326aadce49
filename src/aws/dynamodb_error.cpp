#include "aws/dynamodb_error.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace bddlock::aws {
namespace {

namespace json = boost::json;

struct Kind {
  std::string_view type;
  Trouble trouble;
  Next next;
};

constexpr Kind kinds[] = {
    {"ConditionalCheckFailedException", Trouble::condition_failed, Next::give_up},
    {"TransactionConflictException", Trouble::conflict, Next::try_again},
    // The same transaction, sent again while its first try still runs.
    {"TransactionInProgressException", Trouble::outcome_unknown, Next::try_again},
    {"ProvisionedThroughputExceededException", Trouble::throttled, Next::try_again},
    {"ThrottlingException", Trouble::throttled, Next::try_again},
    {"RequestLimitExceeded", Trouble::throttled, Next::try_again},
    {"LimitExceededException", Trouble::throttled, Next::give_up},
    {"ResourceNotFoundException", Trouble::missing, Next::give_up},
    {"TableNotFoundException", Trouble::missing, Next::give_up},
    {"ResourceInUseException", Trouble::in_use, Next::give_up},
    {"TableAlreadyExistsException", Trouble::in_use, Next::give_up},
    {"TableInUseException", Trouble::in_use, Next::give_up},
    {"ExpiredTokenException", Trouble::denied, Next::new_credentials},
    {"RequestExpired", Trouble::denied, Next::new_credentials},
    {"AccessDeniedException", Trouble::denied, Next::give_up},
    {"UnrecognizedClientException", Trouble::denied, Next::give_up},
    {"InvalidSignatureException", Trouble::denied, Next::give_up},
    {"IncompleteSignatureException", Trouble::denied, Next::give_up},
    {"MissingAuthenticationTokenException", Trouble::denied, Next::give_up},
    {"InternalServerError", Trouble::outcome_unknown, Next::try_again},
    {"InternalFailure", Trouble::outcome_unknown, Next::try_again},
    {"ServiceUnavailable", Trouble::outcome_unknown, Next::try_again},
};

// What whoever runs the server can do about it.
std::string_view hint_for(Trouble trouble, Next next) {
  if (next == Next::new_credentials)
    return "; no newer credentials were found where these are from";
  if (trouble == Trouble::missing) return "; `bdd-lock dynamodb check` says what there must be";
  if (trouble == Trouble::denied) return "; look at the credentials and at what they allow";
  return "";
}

// Of the reasons of a cancelled transaction, those that decide first.
constexpr Kind reason_kinds[] = {
    {"ConditionalCheckFailed", Trouble::condition_failed, Next::give_up},
    {"ValidationError", Trouble::invalid, Next::give_up},
    {"ItemCollectionSizeLimitExceeded", Trouble::invalid, Next::give_up},
    {"AccessDenied", Trouble::denied, Next::give_up},
    {"TransactionConflict", Trouble::conflict, Next::try_again},
    {"ProvisionedThroughputExceeded", Trouble::throttled, Next::try_again},
    {"ThrottlingError", Trouble::throttled, Next::try_again},
    {"DuplicateItem", Trouble::conflict, Next::try_again},
};

std::string string_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// "com.amazonaws.dynamodb.v20120810#ThrottlingException" without its name space, and without an
// address behind a colon, as some services add.
std::string short_type(const std::string& type) {
  const auto begin = type.find('#');
  std::string rest = begin == std::string::npos ? type : type.substr(begin + 1);
  return rest.substr(0, rest.find(':'));
}

std::vector<std::string> reasons_in(const json::object& body) {
  std::vector<std::string> reasons;
  const json::value* list = body.if_contains("CancellationReasons");
  if (list == nullptr || !list->is_array()) return reasons;
  for (const json::value& reason : list->get_array())
    reasons.push_back(reason.is_object() ? string_in(reason.get_object(), "Code") : "");
  return reasons;
}

FailedTry cancelled(Error error) {
  for (const Kind& kind : reason_kinds)
    if (std::ranges::find(error.reasons, kind.type) != error.reasons.end()) {
      error.trouble = kind.trouble;
      return {std::move(error), kind.next};
    }
  error.trouble = Trouble::invalid;
  return {std::move(error)};
}

}  // namespace

FailedTry read_failure(unsigned status, std::string_view body) {
  boost::system::error_code no_json;
  const json::value document = json::parse(body, no_json);
  const json::object object = document.is_object() ? document.get_object() : json::object{};
  const std::string type = short_type(string_in(object, "__type"));
  std::string message = string_in(object, "message");
  if (message.empty()) message = string_in(object, "Message");
  Error error{.detail = "DynamoDB answers " + std::to_string(status) +
                        (type.empty() ? "" : " " + type) + (message.empty() ? "" : ": " + message),
              .reasons = reasons_in(object)};
  if (type == "TransactionCanceledException") return cancelled(std::move(error));
  const auto* kind = std::ranges::find(kinds, type, &Kind::type);
  if (kind != std::end(kinds)) {
    error.trouble = kind->trouble;
    error.detail += hint_for(kind->trouble, kind->next);
    return {std::move(error), kind->next};
  }
  const bool is_ours = status >= 400 && status < 500 && status != 408 && status != 429;
  error.trouble = is_ours ? Trouble::invalid : Trouble::outcome_unknown;
  return {std::move(error), is_ours ? Next::give_up : Next::try_again};
}

}  // namespace bddlock::aws
