// The query parameters that lists have in common: limit and cursor. Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "api/query.hpp"

namespace bddlock::api {

inline constexpr std::int64_t limit_default = 100;
inline constexpr std::int64_t limit_max = 1000;

template <class Cursor>
struct Paging {
  std::size_t limit = 0;
  std::optional<Cursor> after{};  // none: from the start
};

// `parse` reads a cursor (cursor.hpp). The error is a sentence.
template <class Cursor>
[[nodiscard]] std::expected<Paging<Cursor>, std::string> read_paging(
    const Query& query, std::optional<Cursor> (*parse)(std::string_view)) {
  Paging<Cursor> paging;
  const auto limit = query.integer("limit", 1, limit_max, limit_default);
  if (!limit) return std::unexpected(limit.error());
  paging.limit = static_cast<std::size_t>(*limit);
  const auto text = query.value("cursor");
  if (!text) return paging;
  paging.after = parse(*text);
  if (paging.after) return paging;
  return std::unexpected("cursor is none that this server gave; take it from nextCursor as it is");
}

}  // namespace bddlock::api
