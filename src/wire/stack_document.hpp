// Stacks as the API v1 shows them, and lists of them. A client's reader ignores fields that it does
// not know: a newer server may have more, and those of an older one that are missing are empty.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decide.hpp"
#include "core/stack.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::wire {

// {"stackName", "repoName", "state", "usedAt", "fencingToken", "labels", "attributes", "note",
//  "claim", "heldUntil", "disabled", "deployed", "lastEnd"}; the last five are null where there is
// none.
// `claim` is whose it is, or was until it was kept aside: {"requestId", "holder", "claimedAt",
// "expiresAt", "leaseSeconds", "created", "offered"}; null for a seed claim. Never its claimId.
// `disabled` is {"reason", "when"}: "now" it is disabled, "afterClaim" it will be. The stack is
// shown as it stands in the record: whoever calls settles first what time has ended.
[[nodiscard]] boost::json::object stack_document(const core::Stack& stack);
[[nodiscard]] std::string to_text(const core::Stack& stack);
// What a refusal tells of the stack that is in the way: {"stackName", "repoName", "state",
// "usedAt", "fencingToken"}, and where there is one "holder", "claimedAt", "expiresAt",
// "heldUntil", "disabledReason".
[[nodiscard]] boost::json::object stack_facts(const core::Stack& stack);

[[nodiscard]] boost::json::value deployed_document(const std::optional<core::Deployed>& deployed);
[[nodiscard]] boost::json::value last_end_document(const std::optional<core::LastEnd>& end);
void append_last_end(std::string& out, const std::optional<core::LastEnd>& end);
[[nodiscard]] std::optional<core::Deployed> read_deployed(ObjectReader& outer);
[[nodiscard]] std::optional<core::LastEnd> read_last_end(ObjectReader& outer);

// The version and a claim's key are not in the document: they stay 0. Times have milliseconds only.
[[nodiscard]] Parsed<core::Stack> read_stack(const boost::json::object& document);
[[nodiscard]] Parsed<core::Stack> parse_stack(std::string_view text);

struct StackList {
  std::vector<core::Stack> items;
  std::optional<std::string> next_cursor;  // to go on with; nothing: this was the last page
};
// {"items": [...], "nextCursor": null}
[[nodiscard]] std::string to_text(const StackList& list);
[[nodiscard]] Parsed<StackList> parse_stack_list(std::string_view text);

// What POST /v1/sweep and POST /v1/import answer.
struct Swept {
  std::int64_t released = 0;  // seed claims
  std::int64_t expired = 0;   // leases, and offers that nobody collected
  std::int64_t holds_ended = 0;
  std::int64_t removed = 0;  // stacks that were unused for too long
};
[[nodiscard]] std::string to_text(const Swept& swept);
[[nodiscard]] Parsed<Swept> parse_swept(std::string_view text);

struct ImportCounts {
  std::int64_t created = 0;
  std::int64_t replaced = 0;
};
[[nodiscard]] std::string to_text(const ImportCounts& counts);
[[nodiscard]] Parsed<ImportCounts> parse_import_counts(std::string_view text);

}  // namespace bddlock::wire
