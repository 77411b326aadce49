// Requests as the API v1 shows them: in a repo's list, and one with what it waits for.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::wire {

// A request and where it stands.
struct ShownRequest {
  core::Request request{};
  std::string status{};       // "waiting", "offered", "granted", "ended"
  std::int64_t position = 0;  // from 1; 0: it does not wait
  bool ready = false;  // a call of it is open, or was a moment ago: it would be given what is free
};

// {"requestId", "repoName", "status", "position", "ready", "arrivedAt", "endedAt", "priority",
//  "count", "stackName", "labels", "prefer", "createIfNone", "leaseSeconds", "holder",
//  "claims": [{"stackName", "fencingToken"}]}.
// Position, endedAt and stackName are null where there is none.
[[nodiscard]] boost::json::object request_document(const ShownRequest& shown);

struct RequestList {
  std::vector<ShownRequest> items{};
  std::optional<std::string> next_cursor{};
};
[[nodiscard]] std::string to_text(const RequestList& list);
[[nodiscard]] Parsed<RequestList> parse_request_list(std::string_view text);

// A stack that would do, and why it is not given to the request at this moment.
struct SuitableStack {
  core::Stack stack{};
  std::string why{};  // "claimed", "offered", "held", "disabled", "reserved", "free"
};
struct Explained {
  ShownRequest shown{};
  std::optional<core::seconds> estimated_wait{};
  bool open = false;    // a call of it is open
  std::string never{};  // why the pool, as it is, can never grant it; empty: it can
  std::vector<SuitableStack> suitable{};
  std::int64_t suitable_in_all = 0;
  std::vector<std::string> first{};  // what must happen first, for people
};
// The request's document with {"estimatedWaitSeconds", "explain": {"open", "never",
//  "suitableInAll", "suitable": [{the facts of a stack, "why"}], "first": [...]}}.
// `explain` is null for one that does not wait.
[[nodiscard]] std::string to_text(const Explained& explained);
[[nodiscard]] Parsed<Explained> parse_explained(std::string_view text);

}  // namespace bddlock::wire
