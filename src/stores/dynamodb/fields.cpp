#include "stores/dynamodb/fields.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/base64url.hpp"

namespace bddlock::stores::dynamodb {
namespace {

using JsonObject = boost::json::object;

struct HolderField {
  std::string_view key;
  std::string core::Holder::* field;
};
constexpr HolderField holder_fields[] = {
    {"ci", &core::Holder::ci},          {"job", &core::Holder::job},
    {"jobUrl", &core::Holder::job_url}, {"repo", &core::Holder::repo},
    {"branch", &core::Holder::branch},  {"commit", &core::Holder::commit},
    {"actor", &core::Holder::actor}};

JsonObject object_of(const core::StringMap& map) {
  JsonObject out;
  for (const auto& [key, text] : map) out.emplace(key, text);
  return out;
}

JsonObject parse_or_empty(std::string_view text) {
  boost::system::error_code error;
  boost::json::value parsed = boost::json::parse(text, error);
  return !error && parsed.is_object() ? std::move(parsed.get_object()) : JsonObject{};
}

}  // namespace

Writer& Writer::value(std::string_view key, boost::json::value value) {
  object_.emplace(key, std::move(value));
  return *this;
}
Writer& Writer::text(std::string_view key, std::string_view text) {
  return text.empty() ? *this : value(key, boost::json::value(boost::json::string(text)));
}
Writer& Writer::number(std::string_view key, std::int64_t number) {
  return number == 0 ? *this : value(key, number);
}
Writer& Writer::flag(std::string_view key, bool flag) { return flag ? value(key, true) : *this; }
Writer& Writer::time(std::string_view key, core::Instant at) {
  return value(key, at.time_since_epoch().count());
}
Writer& Writer::map(std::string_view key, const core::StringMap& map) {
  return map.empty() ? *this : value(key, object_of(map));
}
Writer& Writer::key(std::string_view key, const core::ClaimKey& secret) {
  return text(key, core::to_base64url(
                       {reinterpret_cast<const char*>(secret.bytes.data()), secret.bytes.size()}));
}
Writer& Writer::holder(std::string_view key, const core::Holder& holder) {
  JsonObject out;
  for (const auto& [name, field] : holder_fields)
    if (!(holder.*field).empty()) out.emplace(name, holder.*field);
  return out.empty() ? *this : value(key, std::move(out));
}
std::string Writer::text() const { return boost::json::serialize(object_); }

Fields::Fields(std::string_view text) : object_(parse_or_empty(text)) {}
Fields::Fields(const boost::json::value& value)
    : object_(value.is_object() ? value.get_object() : JsonObject{}) {}

std::string Fields::text(std::string_view key) const {
  const auto* found = object_.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::int64_t Fields::number(std::string_view key) const {
  const auto* found = object_.if_contains(key);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

bool Fields::flag(std::string_view key) const {
  const auto* found = object_.if_contains(key);
  return found != nullptr && found->is_bool() && found->get_bool();
}

bool Fields::has_time(std::string_view key) const {
  const auto* found = object_.if_contains(key);
  return found != nullptr && found->is_int64();
}

core::Instant Fields::time(std::string_view key) const {
  return core::Instant{core::microseconds{number(key)}};
}

core::StringMap Fields::all_texts() const {
  core::StringMap map;
  for (const auto& [key, text] : object_)
    if (text.is_string()) map.emplace(key, text.get_string());
  return map;
}

Fields Fields::inner(std::string_view key) const {
  const auto* found = object_.if_contains(key);
  return Fields(found != nullptr ? *found : boost::json::value{});
}

core::StringMap Fields::map(std::string_view key) const { return inner(key).all_texts(); }

core::ClaimKey Fields::key(std::string_view key) const {
  core::ClaimKey secret;
  const auto bytes = core::parse_base64url(text(key));
  if (bytes && bytes->size() == secret.bytes.size())
    std::ranges::transform(*bytes, secret.bytes.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
  return secret;
}

core::Holder Fields::holder(std::string_view key) const {
  core::Holder holder;
  const Fields fields = inner(key);
  for (const auto& [name, field] : holder_fields) holder.*field = fields.text(name);
  return holder;
}

const boost::json::array& Fields::list(std::string_view key) const {
  static const boost::json::array none;
  const auto* found = object_.if_contains(key);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

}  // namespace bddlock::stores::dynamodb
