// A layer between SQLite and the files that can fail a chosen call and knows what is on the disk
// and what is only in the kernel's memory. From that it makes the folder that a start would find
// after a kill (all that was written) or after a power loss (what was synced, and of the rest as
// much as chance wants).
//
// A failed sync behaves as on Linux: what was not synced by then is readable, but no later sync
// writes it (unless it is written again); whether it reached the disk is left to chance.
//
// Threads: any. One object a test; it must outlive the tables that use it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace bddlock::tests {

enum class FileCall { read = 1, write, truncate, sync };

// Which calls fail, and how.
struct FaultPlan {
  FileCall call;
  std::string file_suffix{};  // of the file's name: "-wal", ".db"; empty: any file
  int skip = 0;               // let so many such calls pass first
  int times = 1;              // then fail so many
  int code = 0;               // with this SQLite code
  bool done_first = false;    // the call does its work and fails nevertheless
  int bytes_first = 0;        // a write that fails has written so many bytes of it
};

class FaultyVfs {
 public:
  FaultyVfs();
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  [[nodiscard]] const char* name() const { return name_.c_str(); }

  void plan(FaultPlan plan);
  void clear();
  [[nodiscard]] int failed() const;  // calls that failed by the plan so far
  [[nodiscard]] int syncs() const;

  // Copies FILE and FILE-wal to another name, as a start would find them. What of them is durable
  // goes along with the first, so that the copy can be opened through this object and lose power in
  // its turn.
  void copy_after_kill(const std::string& file, const std::string& copy);
  // `reached_disk` is asked for each write that is not durable.
  void copy_after_power_loss(const std::string& file, const std::string& copy,
                             const std::function<bool()>& reached_disk);

 private:
  friend struct FaultyFile;
  friend struct FaultyCalls;

  enum class Durability { pending = 1, dropped, synced };
  struct Change {
    std::int64_t at;
    std::string bytes;  // empty: cut the file at `at`
    Durability durability = Durability::pending;
  };
  struct Disk {
    std::string base;
    std::vector<Change> changes;
  };

  // SQLite's code to fail with, or 0.
  [[nodiscard]] int fault_for(FileCall call, const std::string& path, bool& done_first);
  void note(const std::string& path, Change change);
  void synced(const std::string& path, bool well);
  [[nodiscard]] static std::string content(const Disk& disk,
                                           const std::function<bool()>& reached_disk);

  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  mutable std::mutex mutex_;
  std::map<std::string, Disk> disks_;
  FaultPlan plan_{};
  bool planned_ = false;
  int failed_ = 0;
  int syncs_ = 0;
};

}  // namespace bddlock::tests
