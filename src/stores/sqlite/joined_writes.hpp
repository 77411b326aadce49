// A layer between SQLite and its files that brings a commit to the WAL in one piece. SQLite writes
// each page of a commit in two calls, the page and 24 bytes before it; a batch of claims is some
// twenty calls, which cost more than what they write. Here they are collected until SQLite syncs
// the WAL, or does anything else with it.
//
// No more can be lost by that than before: nothing of a commit counts before its sync, which writes
// first what was collected, and reports it if that fails. No other connection looks at it either:
// the WAL's index names a frame only after the sync. REQUIRES: PRAGMA synchronous = FULL, with
// which SQLite syncs at each commit, and a file system that does not tear a neighbour when it
// writes a part of a sector (SQLITE_IOCAP_POWERSAFE_OVERWRITE, which SQLite takes for granted on
// Unix): otherwise SQLite writes behind its sync.
//
// Threads: one connection's. It must outlive the connections that are opened by its name.
#pragma once

#include <memory>
#include <string>

struct sqlite3_vfs;

namespace bddlock::stores::sqlite {

class JoinedWrites {
 public:
  // Over the VFS of this name; null: over the system's files.
  explicit JoinedWrites(const char* base);
  ~JoinedWrites();
  JoinedWrites(const JoinedWrites&) = delete;
  JoinedWrites& operator=(const JoinedWrites&) = delete;

  // Of the VFS to open a connection with.
  [[nodiscard]] const char* name() const { return name_.c_str(); }

 private:
  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace bddlock::stores::sqlite
