// The times that the documents of these tests bear.
#pragma once

#include "core/instant.hpp"

namespace bddlock::wire {

inline constexpr core::Instant at{core::seconds{1'600'000'000}};
inline constexpr core::Instant now = at;

}  // namespace bddlock::wire
