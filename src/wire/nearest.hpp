// Help for whoever mistyped a name. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bddlock::wire {

// The known name that is closest to what was given, by edits and without regard to case, or that
// begins with it; nothing if none is within a third of the length (and two edits for short ones).
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view given,
                                                      std::span<const std::string_view> known);

// `stackname is unknown; did you mean stackName?`, or, if nothing is near, what there is. `given`
// comes from outside: control characters are left out and a long one is cut.
[[nodiscard]] std::string unknown_name_sentence(std::string_view given,
                                                std::span<const std::string_view> known);

// What came from outside, fit to be shown in a sentence: in quotes, at most 64 bytes of it, valid
// UTF-8, without control characters.
[[nodiscard]] std::string quoted(std::string_view given);

}  // namespace bddlock::wire
