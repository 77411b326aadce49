#include "aws/sso_credentials.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "aws/credential_document.hpp"
#include "aws/place.hpp"
#include "aws/sha256.hpp"
#include "aws/signature.hpp"
#include "net/client.hpp"

namespace bddlock::aws {
namespace {

struct SsoPlace {
  std::string key;  // of the cache
  std::string region;
};

std::unexpected<std::string> no_sso(const Profile& profile, const std::string& why) {
  return std::unexpected("the log-in of the AWS profile " + profile.name +
                         " cannot be used: " + why);
}

std::string log_in_again(const Profile& profile) {
  return "; log in (aws sso login --profile " + profile.name + ")";
}

std::expected<SsoPlace, std::string> sso_place(const Surroundings& surroundings,
                                               const Profile& profile) {
  const std::string session = profile.setting("sso_session");
  if (session.empty())
    return SsoPlace{profile.setting("sso_start_url"), profile.setting("sso_region")};
  const ProfileSettings settings = load_config_section(surroundings, "sso-session " + session);
  const auto region = settings.find("sso_region");
  if (region == settings.end())
    return std::unexpected("the config file has no [sso-session " + session +
                           "] with an sso_region");
  return SsoPlace{session, region->second};
}

std::string sso_text(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::expected<std::string, std::string> log_in_token(const Surroundings& surroundings,
                                                     const std::string& key) {
  const std::string path = surroundings.text("HOME") + "/.aws/sso/cache/" + sso_cache_file(key);
  const auto text = surroundings.read_file(path);
  if (!text) return std::unexpected("there is no file " + path);
  boost::system::error_code no_json;
  const boost::json::value document = boost::json::parse(*text, no_json);
  const auto object = document.is_object() ? document.get_object() : boost::json::object{};
  std::string token = sso_text(object, "accessToken");
  const auto end = parse_expiration(sso_text(object, "expiresAt"));
  if (token.empty() || !end) return std::unexpected("the file " + path + " holds no log-in");
  if (surroundings.now() >= *end) return std::unexpected("it is over");
  return token;
}

Found ask_portal(const Surroundings& surroundings, const Profile& profile,
                 const net::Endpoint& endpoint, const std::string& token) {
  net::Client portal(endpoint, surroundings.net);
  const auto answer =
      portal.call({.method = "GET",
                   .target = "/federation/credentials?role_name=" +
                             percent_encoded(profile.setting("sso_role_name")) +
                             "&account_id=" + percent_encoded(profile.setting("sso_account_id")),
                   .headers = {{"x-amz-sso_bearer_token", token}},
                   .time_limit = std::chrono::seconds{10}});
  if (!answer) return no_sso(profile, answer.error().detail);
  if (answer->status == 401)
    return no_sso(profile, "the portal does not take it any more" + log_in_again(profile));
  if (answer->status != 200)
    return no_sso(profile, "the portal answers " + std::to_string(answer->status) +
                               "; look at sso_account_id and sso_role_name");
  auto credentials = parse_credential_portal(answer->body);
  if (!credentials) return no_sso(profile, "the portal's answer " + credentials.error());
  credentials->source = "the log-in of the AWS profile " + profile.name;
  return std::move(*credentials);
}

}  // namespace

std::string sso_cache_file(const std::string& key) { return to_hex(sha1(key)) + ".json"; }

Found from_sso(const Surroundings& surroundings, const Profile& profile) {
  for (const char* key : {"sso_account_id", "sso_role_name"})
    if (profile.setting(key).empty()) return no_sso(profile, std::string("it has no ") + key);
  const auto place = sso_place(surroundings, profile);
  if (!place) return no_sso(profile, place.error());
  if (!is_region(place->region)) return no_sso(profile, "sso_region must be a region");
  const auto token = log_in_token(surroundings, place->key);
  if (!token) return no_sso(profile, token.error() + log_in_again(profile));
  const auto endpoint = find_endpoint(surroundings, "sso", place->region);
  if (!endpoint) return no_sso(profile, endpoint.error());
  return ask_portal(surroundings, profile, *endpoint, *token);
}

}  // namespace bddlock::aws
