#include "aws/credential_document.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace bddlock::aws {
namespace {

namespace json = boost::json;

std::expected<Credentials, std::string> complete(Credentials credentials,
                                                 const std::string& expiration) {
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    return std::unexpected("has no access key in it");
  if (expiration.empty()) return credentials;
  credentials.expires_at = parse_expiration(expiration);
  if (!credentials.expires_at) return std::unexpected("has an expiration that is no time");
  return credentials;
}

std::string string_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::expected<json::object, std::string> object_in(std::string_view text) {
  boost::system::error_code error;
  json::value document = json::parse(text, error);
  if (error || !document.is_object()) return std::unexpected("is no JSON object");
  return std::move(document.get_object());
}

std::expected<Credentials, std::string> of_object(const json::object& object,
                                                  std::string_view token_key) {
  return complete({.access_key_id = string_at(object, "AccessKeyId"),
                   .secret_access_key = string_at(object, "SecretAccessKey"),
                   .session_token = string_at(object, token_key)},
                  string_at(object, "Expiration"));
}

std::string without_entities(std::string text) {
  constexpr std::pair<std::string_view, char> entities[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}};
  for (const auto& [entity, c] : entities)
    for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1))
      text.replace(at, entity.size(), 1, c);
  return text;
}

}  // namespace

std::expected<Credentials, std::string> parse_credential_json(std::string_view text) {
  const auto object = object_in(text);
  if (!object) return std::unexpected(object.error());
  return of_object(*object, "Token");
}

std::expected<Credentials, std::string> parse_credential_program(std::string_view text) {
  const auto object = object_in(text);
  if (!object) return std::unexpected(object.error());
  const json::value* version = object->if_contains("Version");
  if (version == nullptr || *version != 1) return std::unexpected("has no \"Version\": 1");
  return of_object(*object, "SessionToken");
}

std::expected<Credentials, std::string> parse_credential_portal(std::string_view text) {
  const auto object = object_in(text);
  if (!object) return std::unexpected(object.error());
  const json::value* inner = object->if_contains("roleCredentials");
  if (inner == nullptr || !inner->is_object()) return std::unexpected("has no roleCredentials");
  const json::object& keys = inner->get_object();
  auto credentials = complete({.access_key_id = string_at(keys, "accessKeyId"),
                               .secret_access_key = string_at(keys, "secretAccessKey"),
                               .session_token = string_at(keys, "sessionToken")},
                              "");
  const json::value* expiration = keys.if_contains("expiration");
  if (credentials && expiration != nullptr && expiration->is_int64())
    credentials->expires_at = Instant{std::chrono::milliseconds{expiration->get_int64()}};
  return credentials;
}

std::string xml_text(std::string_view text, std::string_view tag) {
  const std::string open = "<" + std::string(tag) + ">";
  const auto begin = text.find(open);
  const auto end = text.find("</" + std::string(tag) + ">", begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  const auto from = begin + open.size();
  return without_entities(std::string(text.substr(from, end - from)));
}

std::expected<Credentials, std::string> parse_credential_xml(std::string_view text) {
  return complete({.access_key_id = xml_text(text, "AccessKeyId"),
                   .secret_access_key = xml_text(text, "SecretAccessKey"),
                   .session_token = xml_text(text, "SessionToken")},
                  xml_text(text, "Expiration"));
}

}  // namespace bddlock::aws
