// Load, decide, save if unchanged: tried again when another writer was faster. Private to service.
#pragma once

#include <optional>
#include <string>

#include "core/error.hpp"

namespace bddlock::service {

// How often, before it is store_unavailable.
inline constexpr int tries_max = 16;

[[nodiscard]] inline core::Error kept_changing() {
  return {core::Errc::store_unavailable,
          "the records were changed by others at each of " + std::to_string(tries_max) + " tries"};
}

// Runs `once` until it has an answer; nothing means that another writer was faster.
template <class T, class Once>
[[nodiscard]] core::Result<T> with_retries(Once once) {
  for (int i = 0; i < tries_max; ++i) {
    core::Result<std::optional<T>> answer = once();
    if (!answer) return std::unexpected(std::move(answer.error()));
    if (*answer) return std::move(**answer);
  }
  return std::unexpected(kept_changing());
}

}  // namespace bddlock::service
