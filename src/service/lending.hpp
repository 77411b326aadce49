// The use cases on one store, synchronous: load, decide, save if unchanged, try again a few times
// if not. They run on the write lane (service.hpp); tests call them directly. They keep no state,
// so that any number of servers may run them on one table.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/decide.hpp"
#include "service/store.hpp"

namespace bddlock::service {

// How often load-decide-save is tried when another writer was faster, before it is
// store_unavailable.
inline constexpr int tries_max = 16;

// Done, or refused with stack_exists and the stack that is there.
[[nodiscard]] core::Result<core::Reply> create(Store& store, const core::NewStack& wanted,
                                               core::Instant now);

// Loads the stack, decides and saves. stack_unknown if it is not in the table.
[[nodiscard]] core::Result<core::Reply> apply(Store& store, const core::StackName& name,
                                              const core::Command& command, core::Instant now);

// What a sweep ends, and when. remove_unused_for unset: nothing is ever removed.
struct SweepRules {
  core::seconds expiry{7200};
  std::optional<core::seconds> remove_unused_for;
};

struct SweepCounts {
  std::int64_t released = 0;                   // seed claims
  std::int64_t removed = 0;                    // stacks that were unused for too long
  std::vector<core::StackName> removed_names;  // for the log: the real stacks are still there
};

// One slice of a sweep: looks at up to `limit` stacks behind `after`, decides on each from its
// record as it is then, and says where to go on (nothing: the table's end was reached).
struct SweepSlice {
  SweepCounts counts;
  std::optional<core::StackName> next_after;
};
[[nodiscard]] core::Result<SweepSlice> sweep_slice(Store& store, const SweepRules& rules,
                                                   std::optional<core::StackName> after,
                                                   std::size_t limit, core::Instant now);

// Imports records, all or none. Without `replace` any name that is in the table refuses the whole
// slice with these names. A stack that is in use keeps its state whatever the import says: an
// import never takes a stack from its user.
struct Imported {
  std::int64_t created = 0;
  std::int64_t replaced = 0;
};
struct NamesExist {
  std::vector<core::StackName> names;
  // How many stacks earlier slices had imported when this one was refused: 0, unless somebody else
  // created one of the names meanwhile.
  std::int64_t imported_before = 0;
};
[[nodiscard]] core::Result<std::variant<Imported, NamesExist>> import_slice(
    Store& store, const std::vector<core::Stack>& records, bool replace);

}  // namespace bddlock::service
