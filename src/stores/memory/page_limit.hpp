// How long one page of a list may hold up a commit.
#pragma once

#include <cstddef>

namespace bddlock::stores::memory {

// How many records one page looks at before it is ended.
inline constexpr std::size_t page_looks_max = 4000;

}  // namespace bddlock::stores::memory
