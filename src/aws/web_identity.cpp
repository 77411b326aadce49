#include "aws/web_identity.hpp"

#include "aws/sts.hpp"

namespace bddlock::aws {

// The request is not signed: its token says who asks.
Found assume_role_with_web_identity(const Surroundings& surroundings, const WebIdentity& identity) {
  if (identity.role_arn.empty()) return no_role(identity.from, "no role is named with the token");
  auto token = surroundings.read_file(identity.token_file);
  if (!token)
    return no_role(identity.from, "its token's file " + identity.token_file + " cannot be read");
  while (token->ends_with('\n') || token->ends_with('\r')) token->pop_back();
  const std::string name = identity.session_name.empty() ? "bdd-lock" : identity.session_name;
  return ask_sts(surroundings,
                 {.action = "AssumeRoleWithWebIdentity",
                  .parameters = {{"RoleArn", identity.role_arn},
                                 {"RoleSessionName", name},
                                 {"WebIdentityToken", *token},
                                 {"DurationSeconds", identity.duration_seconds}},
                  .from = identity.from},
                 nullptr);
}

Found from_web_identity(const Surroundings& surroundings) {
  const std::string token_file = surroundings.text("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (token_file.empty()) return std::nullopt;
  return assume_role_with_web_identity(surroundings,
                                       {.token_file = token_file,
                                        .role_arn = surroundings.text("AWS_ROLE_ARN"),
                                        .session_name = surroundings.text("AWS_ROLE_SESSION_NAME"),
                                        .from = "AWS_WEB_IDENTITY_TOKEN_FILE"});
}

}  // namespace bddlock::aws
