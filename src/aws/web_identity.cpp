#include "aws/web_identity.hpp"

#include "aws/credential_document.hpp"
#include "aws/place.hpp"
#include "aws/signature.hpp"
#include "net/client.hpp"

namespace bddlock::aws {
namespace {

std::unexpected<std::string> not_assumed(const WebIdentity& identity, const std::string& why) {
  return std::unexpected("the role of " + identity.from + " cannot be had: " + why);
}

std::string form_of(const WebIdentity& identity, std::string_view token) {
  while (token.ends_with('\n') || token.ends_with('\r')) token.remove_suffix(1);
  const std::string name = identity.session_name.empty() ? "bdd-lock" : identity.session_name;
  return "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" +
         percent_encoded(identity.role_arn) + "&RoleSessionName=" + percent_encoded(name) +
         "&WebIdentityToken=" + percent_encoded(token);
}

// The request is not signed: its token says who asks.
Found ask_sts(const Surroundings& surroundings, const WebIdentity& identity,
              const net::Endpoint& endpoint, const std::string& form) {
  net::Client sts(endpoint, surroundings.net);
  const auto answer = sts.call({.method = "POST",
                                .target = "/",
                                .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                .body = form,
                                .time_limit = std::chrono::seconds{10}});
  if (!answer) return not_assumed(identity, answer.error().detail);
  if (answer->status != 200)
    return not_assumed(identity, "STS answers " + std::to_string(answer->status) + " " +
                                     xml_text(answer->body, "Code") + ": " +
                                     xml_text(answer->body, "Message"));
  auto credentials = parse_credential_xml(answer->body);
  if (!credentials) return not_assumed(identity, "the answer of STS " + credentials.error());
  credentials->source = "the role of " + identity.from;
  return std::move(*credentials);
}

}  // namespace

Found assume_role_with_web_identity(const Surroundings& surroundings, const WebIdentity& identity) {
  if (identity.role_arn.empty()) return not_assumed(identity, "no role is named with the token");
  const auto token = surroundings.read_file(identity.token_file);
  if (!token)
    return not_assumed(identity, "its token's file " + identity.token_file + " cannot be read");
  const auto region = find_region(surroundings);
  if (!region) return not_assumed(identity, region.error());
  const auto endpoint = find_endpoint(surroundings, "sts", *region);
  if (!endpoint) return not_assumed(identity, endpoint.error());
  return ask_sts(surroundings, identity, *endpoint, form_of(identity, *token));
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
