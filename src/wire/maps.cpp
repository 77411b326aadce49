#include "wire/maps.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

std::optional<std::string> any_map(const core::StringMap&) { return std::nullopt; }

std::optional<core::Instant> time_in(ObjectReader& reader, std::string_view key,
                                     std::string_view text) {
  const auto at = core::parse_seed_text(text);
  if (!at) reader.refuse(key, "is no RFC 3339 time in UTC");
  return at;
}

}  // namespace

json::object map_document(const core::StringMap& map) {
  json::object out;
  out.reserve(map.size());
  for (const auto& [key, value] : map) out.emplace(key, value);
  return out;
}

json::value time_document(const std::optional<core::Instant>& at) {
  return at ? json::value(core::to_rfc3339(*at)) : json::value(nullptr);
}

std::optional<core::Instant> read_time(ObjectReader& reader, std::string_view key) {
  const auto text = reader.optional_string(key);
  return text ? time_in(reader, key, *text) : std::nullopt;
}

core::Instant required_time(ObjectReader& reader, std::string_view key) {
  const std::string text = reader.required_string(key);
  if (text.empty()) return {};
  return time_in(reader, key, text).value_or(core::Instant{});
}

core::StringMap read_map(ObjectReader& reader, std::string_view key) {
  return reader.optional_map(key, any_map).value_or(core::StringMap{});
}

}  // namespace bddlock::wire
