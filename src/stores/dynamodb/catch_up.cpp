// What the original did to a stack is seen by whoever reads it next, and is written down at once:
// the end of a claim or hold into the history, where its owner's next call looks for it, and the
// mark of a stack that is disabled, which the original's clients would go on claiming.
#include <algorithm>

#include "stores/dynamodb/reads.hpp"
#include "stores/dynamodb/transaction.hpp"

namespace bddlock::stores::dynamodb {
namespace {

// Whoever is faster than we are has written it down.
constexpr int catch_ups_max = 8;

}  // namespace

core::Result<StackItem> Reads::caught_up(StackItem read) const {
  for (int tries = 0; read.is_behind && tries < catch_ups_max; ++tries) {
    const auto written = write_down(read);
    // The next change of the stack would hide from everybody that something is missing.
    if (!written) return std::unexpected(written.error());
    const auto item = table_.get(table_.names().stacks, stack_key(read.stack.stack_name));
    if (!item) return std::unexpected(item.error());
    if (!*item) {
      read.is_behind = false;  // nobody has it any more
      return read;
    }
    read = read_stack(**item);
  }
  if (!read.is_behind) return read;
  return std::unexpected(core::Error{core::Errc::store_unavailable,
                                     "the stack was changed by others at each try to write down "
                                     "what the original did to it"});
}

// Asks that the stack is still as it was read, so the end is told once, by whatever number of
// servers. Its event comes behind all that are there, whatever the original's clock says.
core::Result<bool> Reads::write_down(const StackItem& read) const {
  Transaction transaction(table_.names());
  transaction.put(read.stack, read.stack.version, &read.as_read, read.lease_by);
  if (read.unwritten) {
    core::Event event = *read.unwritten;
    event.id = std::max(event.at.time_since_epoch().count(), read.last_event + 1);
    transaction.add(event);
  }
  const auto done = table_.client().call("TransactWriteItems", transaction.take());
  if (done) return true;
  if (done.error().trouble == aws::Trouble::condition_failed ||
      done.error().trouble == aws::Trouble::conflict)
    return false;
  return std::unexpected(to_core(done.error()));
}

}  // namespace bddlock::stores::dynamodb
