// The bodies of the seed's API (DESIGN section 5), byte for byte as the original writes them, and
// read by its rules: unknown fields are ignored.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/decide.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::wire {

inline constexpr std::string_view seed_created = R"({"info": "Successfully created stack entry"})";
inline constexpr std::string_view seed_claimed = R"({"info": "Successfully claimed stack"})";
inline constexpr std::string_view seed_released = R"({"info": "Successfully releaseed stack"})";
inline constexpr std::string_view seed_cancelled = R"({"error": "Transaction Cancelled"})";
inline constexpr std::string_view seed_exists = R"({"error": "Stack Name already exists"})";
// These two come from API Gateway in the original's case, hence the other form.
inline constexpr std::string_view seed_unauthorized = R"({"message":"Unauthorized"})";
inline constexpr std::string_view seed_forbidden =
    R"({"Message":"User is not authorized to access this resource with an explicit deny"})";

[[nodiscard]] std::string seed_error(std::string_view sentence);

// The body of POST /create-stack. All three fields are needed, as by the original.
[[nodiscard]] Parsed<core::NewStack> parse_create_stack(std::string_view body);
[[nodiscard]] std::string create_stack_body(const core::NewStack& wanted);

// The answer of GET /get-available/{repoName}, in the order given.
[[nodiscard]] std::string available_stacks(const core::RepoName& repo,
                                           std::span<const core::StackName> names);
[[nodiscard]] Parsed<std::vector<core::StackName>> parse_available_stacks(std::string_view body);

}  // namespace bddlock::wire
