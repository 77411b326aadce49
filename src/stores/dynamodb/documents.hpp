// What is kept inside one text attribute, as a JSON object: readable in Amazon's console, and free
// of DynamoDB's rules for names and types. Fields that are empty are left out. What is read may
// have been edited by hand: a field that is missing or of another type is empty. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/event.hpp"
#include "core/request.hpp"
#include "core/stack.hpp"

namespace bddlock::stores::dynamodb {

[[nodiscard]] std::string claim_text(const core::Claim& claim);
// Nothing if it does not say when it ends.
[[nodiscard]] std::optional<core::Claim> parse_claim(std::string_view text);

[[nodiscard]] std::string map_text(const core::StringMap& map);
[[nodiscard]] core::StringMap parse_map(std::string_view text);

[[nodiscard]] std::string deployed_text(const core::Deployed& deployed);
[[nodiscard]] core::Deployed parse_deployed(std::string_view text);

[[nodiscard]] std::string last_end_text(const core::LastEnd& end);
[[nodiscard]] core::LastEnd parse_last_end(std::string_view text);

// All of a request but its version.
[[nodiscard]] std::string request_text(const core::Request& request);
[[nodiscard]] core::Request parse_request(std::string_view text);

// All of an event but its id.
[[nodiscard]] std::string event_text(const core::Event& event);
[[nodiscard]] core::Event parse_event(std::string_view text);

}  // namespace bddlock::stores::dynamodb
