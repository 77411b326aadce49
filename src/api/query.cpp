#include "api/query.hpp"

#include <algorithm>
#include <charconv>

#include "api/target.hpp"
#include "wire/nearest.hpp"

namespace bddlock::api {
namespace {

std::expected<std::string, std::string> decode(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  auto decoded = percent_decode(spaced);
  if (!decoded) return std::unexpected("the query " + decoded.error());
  return decoded;
}

}  // namespace

std::expected<Query, std::string> Query::parse(std::string_view text,
                                               std::span<const std::string_view> known) {
  Query query;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = decode(pair.substr(0, equals));
    if (!name) return std::unexpected(name.error());
    auto value = decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!value) return std::unexpected(value.error());
    if (std::ranges::find(known, *name) == known.end()) {
      return std::unexpected("the query parameter " + wire::unknown_name_sentence(*name, known));
    }
    if (query.value(*name))
      return std::unexpected("the query parameter " + *name + " is given twice");
    query.parameters_.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

std::optional<std::string> Query::value(std::string_view name) const {
  for (const auto& [known, value] : parameters_) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::expected<std::int64_t, std::string> Query::integer(std::string_view name,
                                                        std::int64_t at_least, std::int64_t at_most,
                                                        std::int64_t fallback) const {
  const auto text = value(name);
  if (!text) return fallback;
  std::int64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error == std::errc{} && stop == end && number >= at_least && number <= at_most) return number;
  return std::unexpected(std::string(name) + " must be a whole number from " +
                         std::to_string(at_least) + " to " + std::to_string(at_most) + ", not " +
                         wire::quoted(*text));
}

std::expected<bool, std::string> Query::boolean(std::string_view name, bool fallback) const {
  const auto text = value(name);
  if (!text) return fallback;
  if (*text == "true") return true;
  if (*text == "false") return false;
  return std::unexpected(std::string(name) + " must be true or false, not " + wire::quoted(*text));
}

}  // namespace bddlock::api
