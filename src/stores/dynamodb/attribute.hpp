// DynamoDB's attribute values in JSON: {"S": "text"}, {"N": "12"}. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bddlock::stores::dynamodb {

namespace json = boost::json;

using Item = json::object;

[[nodiscard]] json::value text_value(std::string_view text);
[[nodiscard]] json::value number_value(std::int64_t number);
// A number of any length, as its digits.
[[nodiscard]] json::value digits_value(std::string_view digits);

// The attribute of an item, or null. What other programs wrote may be of any type.
[[nodiscard]] const json::value* attribute(const Item& item, std::string_view name);
// Nothing if it is not there or of another type.
[[nodiscard]] std::optional<std::string_view> text_in(const Item& item, std::string_view name);
[[nodiscard]] std::optional<std::int64_t> number_in(const Item& item, std::string_view name);

}  // namespace bddlock::stores::dynamodb
