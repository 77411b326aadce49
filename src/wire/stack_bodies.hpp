// What clients of the API v1 send about stacks. Each is written by clients and read by the server;
// unknown fields are refused with the nearest known name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/decide.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::wire {

// POST /v1/stacks: {"stackName", "repoName", "labels"?, "attributes"?, "note"?}. Such a stack is
// available, and an admin's.
[[nodiscard]] std::string stack_to_add_body(const core::NewStack& wanted);
[[nodiscard]] Parsed<core::NewStack> parse_stack_to_add(std::string_view body);

// PATCH /v1/stacks/{stackName}: {"labels"?, "attributes"?, "note"?, "disabled"?}, one of them at
// least. Maps replace those that are there. `disabled` is {"reason", "when"?: "afterClaim" or
// "now"}, or null to enable.
struct StackPatch {
  std::optional<core::Describe> describe{};
  std::optional<std::variant<core::Disable, core::Enable>> disabled{};
};
[[nodiscard]] std::string to_text(const StackPatch& patch);
[[nodiscard]] Parsed<StackPatch> parse_stack_patch(std::string_view body);

// POST /v1/stacks/{stackName}/release, extend and hold, of admins. The fencing token says which
// claim is meant.
[[nodiscard]] std::string to_text(const core::AdminRelease& release);
[[nodiscard]] std::string to_text(const core::AdminExtend& extend);
[[nodiscard]] std::string to_text(const core::AdminHold& hold);
[[nodiscard]] Parsed<core::AdminRelease> parse_admin_release(std::string_view body);
[[nodiscard]] Parsed<core::AdminExtend> parse_admin_extend(
    std::string_view body);  // but claim_longest
[[nodiscard]] Parsed<core::AdminHold> parse_admin_hold(std::string_view body);

}  // namespace bddlock::wire
