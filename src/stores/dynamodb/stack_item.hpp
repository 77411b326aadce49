// A stack as an item of the seed's table (DESIGN section 9). The original changes isAvailable and
// lastUsed, and knows nothing else; so each write of ours keeps a copy of the lastUsed that it
// wrote as `stamp`. While the two are the same, the original was not here since, and what else
// stands in the item counts. If they differ, the original was: the claim or hold in the item is
// over, and the stack is available or has a seed claim, as isAvailable says. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/event.hpp"
#include "core/stack.hpp"
#include "stores/dynamodb/attribute.hpp"

namespace bddlock::stores::dynamodb {

// What a decision was made on, beside the record's own version: a save asks that it is still so.
// Null: the attribute was not there.
struct AsRead {
  json::value version;
  json::value is_available;
  json::value last_used;
  friend bool operator==(const AsRead&, const AsRead&) = default;
};

struct StackItem {
  core::Stack stack;  // version 1 where the item has none: the original made it
  AsRead as_read;
  // The server by whose clock the time of the claim, offer or hold is; empty: nobody said.
  std::string lease_by = {};
  // The id of the newest event that was written together with it; 0: none was.
  std::int64_t last_event = 0;
  // The end of a claim or hold by the original, which the history does not have yet.
  std::optional<core::Event> unwritten = {};
  // `stack` is not what stands in the item, because the original was here: it ended a use that our
  // history tells of, or made a stack available that is disabled. To be written down.
  bool is_behind = false;
};

// Takes whatever stands in an item: what is missing or of another type is read as empty. A claim
// without a lastUsed that can be read was used at the end of time: nothing sweeps it, nor a stack
// whose claim somebody spoiled before that was over.
[[nodiscard]] StackItem read_stack(const Item& item);

// An UpdateExpression with its names and values, and the condition under which it may be done.
struct StackWrite {
  std::string update;  // empty: of a removal
  std::string condition;
  json::object names;
  json::object values;
};

// `as_read` null: the item must not be there. The version written is expected + 1. `lease_by` as
// in StackItem.
[[nodiscard]] StackWrite write_stack(const core::Stack& next, core::Version expected,
                                     const AsRead* as_read, const std::string& lease_by = {});
// As it is read once write_stack() is done.
[[nodiscard]] StackItem as_written(const core::Stack& next, core::Version expected,
                                   std::string lease_by);
[[nodiscard]] StackWrite remove_stack(const AsRead& as_read);

// When a claim, offer or hold of it is due; nothing where it has none.
[[nodiscard]] std::optional<core::Instant> due_at(const core::Stack& stack);

}  // namespace bddlock::stores::dynamodb
