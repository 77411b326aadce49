#include "stores/sqlite/wal.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace bddlock::stores::sqlite {

namespace {

// SQLite's own file layer takes no more than 128 KiB - 1 in one write: it masks the length.
constexpr sqlite3_int64 chunk_bytes = 1 << 16;

// A file as SQLite itself opens it, so that the rewriting goes through the same layer as all other
// writing.
class WalFile {
 public:
  WalFile(sqlite3_vfs* vfs, const std::string& path)
      : name_(sqlite3_create_filename(path.c_str(), "", (path + "-wal").c_str(), 0, nullptr)),
        storage_(static_cast<std::size_t>(vfs->szOsFile)) {
    int flags_got = 0;
    code_ = vfs->xOpen(vfs, sqlite3_filename_wal(name_), file(),
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, &flags_got);
  }
  ~WalFile() {
    if (file()->pMethods != nullptr) file()->pMethods->xClose(file());
    sqlite3_free_filename(name_);
  }
  WalFile(const WalFile&) = delete;
  WalFile& operator=(const WalFile&) = delete;

  // SQLite's result code.
  [[nodiscard]] int rewrite() {
    if (code_ != SQLITE_OK) return code_;
    sqlite3_int64 bytes = 0;
    int code = file()->pMethods->xFileSize(file(), &bytes);
    for (sqlite3_int64 at = 0; code == SQLITE_OK && at < bytes; at += chunk_bytes) {
      code = rewrite_chunk(at, static_cast<int>(std::min(chunk_bytes, bytes - at)));
    }
    if (code != SQLITE_OK || bytes == 0) return code;
    return file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL);
  }

 private:
  [[nodiscard]] int rewrite_chunk(sqlite3_int64 at, int bytes) {
    chunk_.resize(static_cast<std::size_t>(chunk_bytes));
    const int code = file()->pMethods->xRead(file(), chunk_.data(), bytes, at);
    return code != SQLITE_OK ? code : file()->pMethods->xWrite(file(), chunk_.data(), bytes, at);
  }
  [[nodiscard]] sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(storage_.data()); }

  sqlite3_filename name_;
  std::vector<char> storage_;  // from operator new, so aligned for any of SQLite's structs
  std::vector<char> chunk_;
  int code_ = SQLITE_OK;
};

}  // namespace

Outcome<void> make_wal_durable(const Location& location) {
  configure_library();
  sqlite3_vfs* vfs = sqlite3_vfs_find(location.vfs);
  if (vfs == nullptr) return std::unexpected(describe(nullptr, SQLITE_ERROR));
  int there = 0;
  const std::string wal = location.path + "-wal";
  const int code = vfs->xAccess(vfs, wal.c_str(), SQLITE_ACCESS_EXISTS, &there);
  if (code != SQLITE_OK) return std::unexpected(describe(nullptr, code));
  if (there == 0) return {};
  const int rewritten = WalFile(vfs, location.path).rewrite();
  if (rewritten != SQLITE_OK) return std::unexpected(describe(nullptr, rewritten));
  return {};
}

}  // namespace bddlock::stores::sqlite
