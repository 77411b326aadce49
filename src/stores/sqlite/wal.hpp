// What is done to a WAL that the last server left behind, before SQLite reads it.
#pragma once

#include "stores/sqlite/connections.hpp"

namespace bddlock::stores::sqlite {

// Writes the WAL's bytes again as they are, and syncs it. Call it before any connection is open,
// with the lock file held. Does nothing where there is no WAL.
//
// Why: after a failed fsync Linux keeps the pages in memory, where they read as written, but takes
// them for clean, so that no later fsync writes them. A server that was killed after such a failure
// leaves frames that its successor can read and that are not on the disk. It would take them for
// committed and append to them; at a power loss they would vanish, and all that was acknowledged
// behind them would be unreadable. What is written again is dirty again, and the fsync then says
// whether it is on the disk.
[[nodiscard]] Outcome<void> make_wal_durable(const Location& location);

}  // namespace bddlock::stores::sqlite
