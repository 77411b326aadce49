// History as the API v1 shows it, and pages of it, newest first.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::wire {

// {"id", "at", "kind", "by", "stackName", "repoName", "requestId", "from", "to", "holder",
//  "fencingToken", "outcome", "note", "lastedSeconds", "heldUntil"}; what an event has not got is
// null, a holder empty. Never a claimId. lastedSeconds is how long the claim had lasted that ended.
[[nodiscard]] boost::json::object event_document(const core::Event& event);

struct EventList {
  std::vector<core::Event> items{};
  std::optional<std::string> next_cursor{};
};
[[nodiscard]] std::string to_text(const EventList& list);
// Kinds that this program does not know are a fault; seconds are all that is left of how long a
// claim lasted.
[[nodiscard]] Parsed<EventList> parse_event_list(std::string_view text);

}  // namespace bddlock::wire
