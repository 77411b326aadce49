// Stacks as the API v1 shows them, and lists of them. A client's reader ignores fields that it does
// not know: a newer server may have more.
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

// {"stackName", "repoName", "state", "usedAt", "fencingToken"}
[[nodiscard]] boost::json::object stack_document(const core::Stack& stack);
[[nodiscard]] std::string to_text(const core::Stack& stack);
// The version is not in the document: it stays 0. usedAt has milliseconds only.
[[nodiscard]] Parsed<core::Stack> read_stack(const boost::json::object& document);
[[nodiscard]] Parsed<core::Stack> parse_stack(std::string_view text);

struct StackList {
  std::vector<core::Stack> items;
  std::optional<std::string> next_cursor;  // to go on with; nothing: this was the last page
};
// {"items": [...], "nextCursor": null}
[[nodiscard]] std::string to_text(const StackList& list);
[[nodiscard]] Parsed<StackList> parse_stack_list(std::string_view text);

// The body of POST /v1/stacks: {"stackName", "repoName"}. Unknown fields are refused.
struct StackToAdd {
  core::StackName stack_name;
  core::RepoName repo_name;
};
[[nodiscard]] std::string to_text(const StackToAdd& wanted);
[[nodiscard]] Parsed<StackToAdd> parse_stack_to_add(std::string_view body);

// What POST /v1/sweep and POST /v1/import answer.
struct Swept {
  std::int64_t released = 0;
  std::int64_t removed = 0;
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
