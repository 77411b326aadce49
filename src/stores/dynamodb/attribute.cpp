#include "stores/dynamodb/attribute.hpp"

#include <charconv>

namespace bddlock::stores::dynamodb {
namespace {

const json::string* typed(const Item& item, std::string_view name, std::string_view type) {
  const json::value* value = attribute(item, name);
  if (value == nullptr || !value->is_object()) return nullptr;
  const json::value* inner = value->get_object().if_contains(type);
  return inner != nullptr ? inner->if_string() : nullptr;
}

}  // namespace

json::value text_value(std::string_view text) { return {{"S", text}}; }
json::value digits_value(std::string_view digits) { return {{"N", digits}}; }
json::value number_value(std::int64_t number) { return digits_value(std::to_string(number)); }

const json::value* attribute(const Item& item, std::string_view name) {
  return item.if_contains(name);
}

std::optional<std::string_view> text_in(const Item& item, std::string_view name) {
  const json::string* text = typed(item, name, "S");
  if (text == nullptr) return std::nullopt;
  return std::string_view(*text);
}

std::optional<std::int64_t> number_in(const Item& item, std::string_view name) {
  const json::string* digits = typed(item, name, "N");
  if (digits == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const char* end = digits->data() + digits->size();
  const auto [stopped, error] = std::from_chars(digits->data(), end, number);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

}  // namespace bddlock::stores::dynamodb
