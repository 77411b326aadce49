// Random numbers from the kernel, for names, tokens and orders. Any thread may call it.
#pragma once

#include <cstdint>

namespace bddlock::app {

[[nodiscard]] std::uint64_t random_number();

}  // namespace bddlock::app
