#include "aws/dynamodb_error.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

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

std::vector<std::string> reasons_in(const json::object& body) {
  std::vector<std::string> reasons;
  const json::value* list = body.if_contains("CancellationReasons");
  if (list == nullptr || !list->is_array()) return reasons;
  for (const json::value& reason : list->get_array())
    reasons.push_back(reason.is_object() ? text_member(reason.get_object(), "Code") : "");
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
  const ServiceAnswer answer = read_service_answer("DynamoDB", status, body);
  Error error{.detail = answer.sentence, .reasons = reasons_in(answer.body)};
  if (answer.type == "TransactionCanceledException") return cancelled(std::move(error));
  const auto* kind = std::ranges::find(kinds, answer.type, &Kind::type);
  if (kind != std::end(kinds)) {
    error.trouble = kind->trouble;
    error.detail += hint_for(kind->trouble, kind->next);
    return {std::move(error), kind->next};
  }
  return failure_by_status(status, std::move(error), Trouble::outcome_unknown);
}

}  // namespace bddlock::aws
