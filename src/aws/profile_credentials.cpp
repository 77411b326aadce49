// The credentials of a profile, and of the profiles that it names.
#include <algorithm>

#include "aws/credential_sources.hpp"
#include "aws/program_credentials.hpp"
#include "aws/sso_credentials.hpp"
#include "aws/sts.hpp"
#include "aws/web_identity.hpp"

namespace bddlock::aws {
namespace {

using Visited = std::vector<std::string>;

std::unexpected<std::string> unusable_profile(const Profile& profile, const std::string& why) {
  return std::unexpected("the AWS profile " + profile.name + " " + why);
}

std::string named(const Profile& profile) { return "the AWS profile " + profile.name; }

Found keys_of(const Profile& profile) {
  Credentials keys{.access_key_id = profile.setting("aws_access_key_id"),
                   .secret_access_key = profile.setting("aws_secret_access_key"),
                   .session_token = profile.setting("aws_session_token"),
                   .source = named(profile)};
  if (keys.access_key_id.empty() && keys.secret_access_key.empty()) return std::nullopt;
  if (keys.access_key_id.empty() || keys.secret_access_key.empty())
    return unusable_profile(profile, "has only one of aws_access_key_id and aws_secret_access_key");
  return keys;
}

Found from_machine(const Surroundings& surroundings, const Profile& profile) {
  const std::string source = profile.setting("credential_source");
  Found found = std::nullopt;
  if (source == "Environment")
    found = from_environment(surroundings);
  else if (source == "EcsContainer")
    found = from_container(surroundings);
  else if (source == "Ec2InstanceMetadata")
    found = from_instance(surroundings);
  else
    return unusable_profile(profile,
                            "has a credential_source that is none of Environment, EcsContainer and "
                            "Ec2InstanceMetadata");
  if (found && !*found)
    return unusable_profile(profile, "takes its credentials from " + source + ", which has none");
  return found;
}

Found of_profile(const Surroundings& surroundings, const Profile& profile, Visited visited);

// Who assumes the role.
Found base_of(const Surroundings& surroundings, const Profile& profile, Visited visited) {
  const std::string name = profile.setting("source_profile");
  if (name.empty()) return from_machine(surroundings, profile);
  if (!profile.setting("credential_source").empty())
    return unusable_profile(profile, "has source_profile and credential_source; take one away");
  const Profile source = load_profile(surroundings, name);
  if (!source.is_there)
    return unusable_profile(profile, "names the source_profile " + name + ", which is in none of " +
                                         "the shared config and credentials files");
  const bool is_circle = std::ranges::find(visited, name) != visited.end();
  // A profile may take its own keys to assume its role.
  if (is_circle && (name != profile.name || source.setting("aws_access_key_id").empty()))
    return unusable_profile(profile, "and its source_profile lead back to " + name);
  auto found = of_profile(surroundings, source, std::move(visited));
  if (found && !*found) return unusable_profile(source, "has no credentials for " + profile.name);
  return found;
}

Found assumed(const Surroundings& surroundings, const Profile& profile, const Visited& visited) {
  if (!profile.setting("mfa_serial").empty())
    return unusable_profile(profile,
                            "needs a code of a device (mfa_serial), which a server cannot "
                            "ask for");
  const auto base = base_of(surroundings, profile, visited);
  if (!base) return base;
  const std::string session = profile.setting("role_session_name");
  return ask_sts(surroundings,
                 {.action = "AssumeRole",
                  .parameters = {{"RoleArn", profile.setting("role_arn")},
                                 {"RoleSessionName", session.empty() ? "bdd-lock" : session},
                                 {"ExternalId", profile.setting("external_id")},
                                 {"DurationSeconds", profile.setting("duration_seconds")}},
                  .from = named(profile)},
                 &**base);
}

// In the order of Amazon's tools.
Found of_profile(const Surroundings& surroundings, const Profile& profile, Visited visited) {
  const auto keys = keys_of(profile);
  const bool is_source = !visited.empty();
  if (!keys || (*keys && is_source)) return keys;
  visited.push_back(profile.name);
  const std::string role = profile.setting("role_arn");
  const bool has_base =
      !profile.setting("source_profile").empty() || !profile.setting("credential_source").empty();
  if (!role.empty() && has_base) return assumed(surroundings, profile, visited);
  if (const auto token_file = profile.setting("web_identity_token_file"); !token_file.empty())
    return assume_role_with_web_identity(surroundings,
                                         {.token_file = token_file,
                                          .role_arn = role,
                                          .session_name = profile.setting("role_session_name"),
                                          .duration_seconds = profile.setting("duration_seconds"),
                                          .from = named(profile)});
  if (*keys) return keys;
  if (const auto line = profile.setting("credential_process"); !line.empty())
    return from_program(surroundings, line, named(profile));
  if (!profile.setting("sso_session").empty() || !profile.setting("sso_start_url").empty())
    return from_sso(surroundings, profile);
  if (!role.empty())
    return unusable_profile(profile,
                            "has a role_arn, but no source_profile, credential_source or "
                            "web_identity_token_file to get it with");
  return std::nullopt;
}

}  // namespace

Found from_profile(const Surroundings& surroundings) {
  const Profile profile = load_profile(surroundings);
  if (!profile.is_there && profile.is_named)
    return unusable_profile(profile, "is in none of the shared config and credentials files");
  if (!profile.is_there) return std::nullopt;
  auto found = of_profile(surroundings, profile, {});
  if (found && !*found && profile.is_named)
    return unusable_profile(profile,
                            "has no credentials: no aws_access_key_id, no role_arn, no "
                            "credential_process, no sso_session and no web_identity_token_file");
  return found;
}

}  // namespace bddlock::aws
