// What may stand in the texts and maps of the API v1 (DESIGN section 6; the limits that it leaves
// open are in docs/api.md). Each function returns what is wrong, as the end of a sentence that
// begins with the field's name, or nothing. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/claim.hpp"

namespace bddlock::wire {

using Fault = std::optional<std::string>;

inline constexpr std::size_t text_bytes_max = 1024;  // note, reason, holder's fields, branch...
inline constexpr std::size_t labels_max = 32;
inline constexpr std::size_t label_bytes_max = 255;  // of a key or a value, of attributes' keys too
inline constexpr std::size_t attributes_bytes_max = 4096;  // keys and values together
inline constexpr std::size_t request_id_bytes_max = 128;

// One line: no control characters.
[[nodiscard]] Fault fault_in_line(std::string_view text);
// Several lines: of the control characters only line feed and tab.
[[nodiscard]] Fault fault_in_note(std::string_view text);
// Empty, or an absolute http or https URL.
[[nodiscard]] Fault fault_in_link(std::string_view text);
// 1 to 128 of [A-Za-z0-9._:-].
[[nodiscard]] Fault fault_in_request_id(std::string_view text);
// What created stacks' names begin with: 8 characters more must make a name.
[[nodiscard]] Fault fault_in_name_prefix(std::string_view text);
[[nodiscard]] Fault fault_in_labels(const core::StringMap& labels);
[[nodiscard]] Fault fault_in_attributes(const core::StringMap& attributes);

}  // namespace bddlock::wire
