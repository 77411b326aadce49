// The body of POST /v1/import: one JSON object a line, as the export writes them. Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/stack.hpp"

namespace bddlock::api {

struct LineFault {
  std::size_t line;  // from 1
  std::string what;  // a sentence
};

// Empty lines are skipped. A name may be in it once only.
[[nodiscard]] std::expected<std::vector<core::Stack>, LineFault> parse_import(std::string_view body,
                                                                              core::Instant now);

}  // namespace bddlock::api
