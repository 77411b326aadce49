// The query parameters of the API v1: those that the route knows, each at most once. Pure.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bddlock::api {

class Query {
 public:
  // `text` as sent behind the "?"; "+" is a space, as in forms. The error is a sentence: a
  // parameter that is unknown (with the nearest known one), given twice, or cannot be decoded.
  [[nodiscard]] static std::expected<Query, std::string> parse(
      std::string_view text, std::span<const std::string_view> known);

  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;

  // The fallback where it is absent; the error is a sentence.
  [[nodiscard]] std::expected<std::int64_t, std::string> integer(std::string_view name,
                                                                 std::int64_t at_least,
                                                                 std::int64_t at_most,
                                                                 std::int64_t fallback) const;
  [[nodiscard]] std::expected<bool, std::string> boolean(std::string_view name,
                                                         bool fallback) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace bddlock::api
