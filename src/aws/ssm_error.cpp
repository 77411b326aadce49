#include "aws/ssm_error.hpp"

#include <algorithm>
#include <string>
#include <utility>

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

// What to do stands behind it.
std::string without_full_stop(std::string text) {
  while (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

FailedTry read_ssm_failure(unsigned status, std::string_view body) {
  ServiceAnswer answer = read_service_answer("SSM", status, body);
  Error error{.detail = without_full_stop(std::move(answer.sentence))};
  const auto* kind = std::ranges::find(ssm_kinds, answer.type, &SsmKind::type);
  if (kind != std::end(ssm_kinds)) {
    error.trouble = kind->trouble;
    if (!kind->advice.empty()) error.detail += "; " + std::string(kind->advice);
    return {std::move(error), kind->next};
  }
  return failure_by_status(status, std::move(error), Trouble::unavailable);
}

}  // namespace bddlock::aws
