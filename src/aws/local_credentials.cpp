// The sources of credential_sources.hpp that need no network of their own.
#include "aws/credential_sources.hpp"
#include "aws/web_identity.hpp"

namespace bddlock::aws {
namespace {

std::unexpected<std::string> unusable_profile(const Profile& profile, const std::string& why) {
  return std::unexpected("the AWS profile " + profile.name + " " + why);
}

// What of Amazon's tools this program does not do.
std::string unsupported_setting(const Profile& profile) {
  for (const char* key : {"source_profile", "credential_source", "credential_process",
                          "sso_session", "sso_start_url"})
    if (!profile.setting(key).empty()) return key;
  return {};
}

Found keys_of(const Profile& profile) {
  Credentials keys{.access_key_id = profile.setting("aws_access_key_id"),
                   .secret_access_key = profile.setting("aws_secret_access_key"),
                   .session_token = profile.setting("aws_session_token"),
                   .source = "the AWS profile " + profile.name};
  if (keys.access_key_id.empty() && keys.secret_access_key.empty()) return std::nullopt;
  if (keys.access_key_id.empty() || keys.secret_access_key.empty())
    return unusable_profile(profile, "has only one of aws_access_key_id and aws_secret_access_key");
  return keys;
}

}  // namespace

Found from_environment(const Surroundings& surroundings) {
  Credentials keys{.access_key_id = surroundings.text("AWS_ACCESS_KEY_ID"),
                   .secret_access_key = surroundings.text("AWS_SECRET_ACCESS_KEY"),
                   .session_token = surroundings.text("AWS_SESSION_TOKEN"),
                   .source = "AWS_ACCESS_KEY_ID"};
  if (keys.access_key_id.empty() && keys.secret_access_key.empty()) return std::nullopt;
  if (keys.access_key_id.empty() || keys.secret_access_key.empty())
    return std::unexpected(
        "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set; set both");
  return keys;
}

Found from_profile(const Surroundings& surroundings) {
  const Profile profile = load_profile(surroundings);
  if (!profile.is_there && profile.is_named)
    return unusable_profile(profile, "is in none of the shared config and credentials files");
  if (!profile.is_there) return std::nullopt;
  const std::string token_file = profile.setting("web_identity_token_file");
  if (!token_file.empty())
    return assume_role_with_web_identity(surroundings,
                                         {.token_file = token_file,
                                          .role_arn = profile.setting("role_arn"),
                                          .session_name = profile.setting("role_session_name"),
                                          .from = "the AWS profile " + profile.name});
  if (const std::string key = unsupported_setting(profile); !key.empty())
    return unusable_profile(profile, "uses " + key +
                                         ", which bdd-lock cannot do; give it keys, a web identity "
                                         "or a role of its machine instead");
  auto keys = keys_of(profile);
  if (keys && !*keys && profile.is_named)
    return unusable_profile(profile, "has no aws_access_key_id and no web_identity_token_file");
  return keys;
}

}  // namespace bddlock::aws
