// Ids that rise with the time at which they are made, so that a table which is ordered by them
// takes new ones side by side and not each on a page of its own. Time and chance are the caller's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/instant.hpp"

namespace bddlock::cli {

// 26 characters of [0-9a-z], as a ULID (github.com/ulid/spec) in lower case: ten for the
// milliseconds since 1970, then sixteen for 80 random bits, two numbers of `random`. The order of
// bytes is that of time, up to the year 10889; of one millisecond it is chance, which keeps ids
// apart that several machines make at once. Times before 1970 or after that year count as the
// nearest one inside.
[[nodiscard]] std::string rising_id(core::Instant now,
                                    const std::function<std::uint64_t()>& random);

}  // namespace bddlock::cli
