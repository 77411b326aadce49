#include "aws/ssm_error.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace bddlock::aws {
namespace {

struct SsmKind {
  std::string_view type;
  Trouble trouble;
  Next next = Next::give_up;
  std::string_view advice = {};
};

constexpr std::string_view look_at_name =
    "make it (aws ssm put-parameter --type SecureString), or mend its name or the region";
constexpr std::string_view look_at_keys =
    "give right credentials, and look at this machine's clock";

constexpr SsmKind ssm_kinds[] = {
    {"ParameterNotFound", Trouble::missing, Next::give_up, look_at_name},
    {"ParameterVersionNotFound", Trouble::missing, Next::give_up,
     "leave out what stands behind the colon, or name a version or label that there is"},
    // Also where the parameter may be read, but its key not be used.
    {"AccessDeniedException", Trouble::denied, Next::give_up,
     "allow ssm:GetParameter on the parameter, and kms:Decrypt with the key that it is encrypted "
     "with"},
    {"InvalidKeyId", Trouble::denied, Next::give_up,
     "the key that it is encrypted with must be there, enabled and allowed (kms:Decrypt)"},
    {"UnrecognizedClientException", Trouble::denied, Next::give_up, look_at_keys},
    {"InvalidClientTokenId", Trouble::denied, Next::give_up, look_at_keys},
    {"InvalidSignatureException", Trouble::denied, Next::give_up, look_at_keys},
    {"IncompleteSignature", Trouble::denied, Next::give_up, look_at_keys},
    {"MissingAuthenticationToken", Trouble::denied, Next::give_up, look_at_keys},
    {"ExpiredTokenException", Trouble::denied, Next::new_credentials, "renew the credentials"},
    {"ExpiredToken", Trouble::denied, Next::new_credentials, "renew the credentials"},
    {"RequestExpired", Trouble::denied, Next::new_credentials, "look at this machine's clock"},
    {"ThrottlingException", Trouble::throttled, Next::try_again},
    {"ThrottledException", Trouble::throttled, Next::try_again},
    {"TooManyRequestsException", Trouble::throttled, Next::try_again},
    {"RequestLimitExceeded", Trouble::throttled, Next::try_again},
};

std::string ssm_text(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// "com.amazonaws.ssm#ParameterNotFound", "ParameterNotFound" or "ParameterNotFound:http://…".
std::string ssm_type(const boost::json::object& object) {
  const std::string whole = ssm_text(object, "__type");
  const auto begin = whole.find('#');
  const std::string rest = begin == std::string::npos ? whole : whole.substr(begin + 1);
  return rest.substr(0, rest.find(':'));
}

std::string ssm_sentence(unsigned status, const std::string& type, const std::string& message) {
  std::string text = "SSM answers " + std::to_string(status);
  if (!type.empty()) text += " " + type;
  if (!message.empty()) text += ": " + message;
  while (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

FailedTry read_ssm_failure(unsigned status, std::string_view body) {
  boost::system::error_code no_json;
  const boost::json::value document = boost::json::parse(body, no_json);
  const auto object = document.is_object() ? document.get_object() : boost::json::object{};
  const std::string type = ssm_type(object);
  std::string message = ssm_text(object, "message");
  if (message.empty()) message = ssm_text(object, "Message");
  Error error{.detail = ssm_sentence(status, type, message)};
  const auto* kind = std::ranges::find(ssm_kinds, type, &SsmKind::type);
  if (kind != std::end(ssm_kinds)) {
    error.trouble = kind->trouble;
    if (!kind->advice.empty()) error.detail += "; " + std::string(kind->advice);
    return {std::move(error), kind->next};
  }
  const bool is_ours = status >= 400 && status < 500 && status != 408 && status != 429;
  error.trouble = is_ours ? Trouble::invalid : Trouble::unavailable;
  return {std::move(error), is_ours ? Next::give_up : Next::try_again};
}

}  // namespace bddlock::aws
