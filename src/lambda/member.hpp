// Members of JSON documents that others wrote: nothing where they are missing or of another kind.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace bddlock::lambda {

using Json = boost::json::object;

[[nodiscard]] inline const Json* object_in(const Json& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

[[nodiscard]] inline std::optional<std::string> text_in(const Json& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

[[nodiscard]] inline bool is_true_in(const Json& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

}  // namespace bddlock::lambda
