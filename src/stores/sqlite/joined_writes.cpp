#include "stores/sqlite/joined_writes.hpp"

#include <sqlite3.h>

#include <atomic>
#include <string_view>
#include <utility>

namespace bddlock::stores::sqlite {

namespace {

// SQLite's own file layer takes no more than 128 KiB - 1 in one write: it masks the length.
constexpr std::size_t joined_bytes_max = 120'000;

// What was written to a WAL and is not in the file yet.
struct Collected {
  std::string bytes{};
  sqlite3_int64 at = 0;  // where in the file

  [[nodiscard]] bool goes_on_at(sqlite3_int64 place) const {
    return bytes.empty() || place == at + static_cast<sqlite3_int64>(bytes.size());
  }
};

struct JoinedFile {
  sqlite3_file base;  // first, as SQLite wants it
  Collected* collected;
  sqlite3_file* inner;  // behind this struct
};

JoinedFile& joined(sqlite3_file* file) { return *reinterpret_cast<JoinedFile*>(file); }
sqlite3_file* inner_of(sqlite3_file* file) { return joined(file).inner; }
sqlite3_vfs* base_of(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

// What could not be written is given up: whoever asked is told, and SQLite writes it anew or not at
// all.
int bring_to_file(sqlite3_file* file) {
  Collected& collected = *joined(file).collected;
  if (collected.bytes.empty()) return SQLITE_OK;
  sqlite3_file* inner = inner_of(file);
  const int code = inner->pMethods->xWrite(inner, collected.bytes.data(),
                                           static_cast<int>(collected.bytes.size()), collected.at);
  collected.bytes.clear();
  return code;
}

int write_joined(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  Collected& collected = *joined(file).collected;
  const std::string_view more(static_cast<const char*>(from), static_cast<std::size_t>(bytes));
  if (!collected.goes_on_at(at) || collected.bytes.size() + more.size() > joined_bytes_max)
    if (const int code = bring_to_file(file); code != SQLITE_OK) return code;
  if (collected.bytes.empty()) collected.at = at;
  collected.bytes += more;
  return SQLITE_OK;
}

int close_joined(sqlite3_file* file) {
  const int written = bring_to_file(file);
  const int closed = inner_of(file)->pMethods->xClose(inner_of(file));
  delete joined(file).collected;
  return written != SQLITE_OK ? written : closed;
}

// A call of the file below, for which it must be as SQLite believes it is.
template <auto Call, class... Arguments>
int call_inner(sqlite3_file* file, Arguments... arguments) {
  if (const int code = bring_to_file(file); code != SQLITE_OK) return code;
  return (inner_of(file)->pMethods->*Call)(inner_of(file), arguments...);
}

template <auto Call>
int ask_inner(sqlite3_file* file) {
  return (inner_of(file)->pMethods->*Call)(inner_of(file));
}

using Methods = sqlite3_io_methods;
constexpr Methods wal_methods = {1,
                                 close_joined,
                                 call_inner<&Methods::xRead>,
                                 write_joined,
                                 call_inner<&Methods::xTruncate>,
                                 call_inner<&Methods::xSync>,
                                 call_inner<&Methods::xFileSize>,
                                 call_inner<&Methods::xLock>,
                                 call_inner<&Methods::xUnlock>,
                                 call_inner<&Methods::xCheckReservedLock>,
                                 call_inner<&Methods::xFileControl>,
                                 ask_inner<&Methods::xSectorSize>,
                                 ask_inner<&Methods::xDeviceCharacteristics>,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 nullptr};

// All files but a WAL are the base's own.
int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* got) {
  sqlite3_vfs* base = base_of(vfs);
  if ((flags & SQLITE_OPEN_WAL) == 0) return base->xOpen(base, path, file, flags, got);
  JoinedFile& opened = joined(file);
  opened.base.pMethods = nullptr;
  opened.inner = reinterpret_cast<sqlite3_file*>(&opened + 1);
  const int code = base->xOpen(base, path, opened.inner, flags, got);
  if (code != SQLITE_OK) return code;
  opened.collected = new Collected;
  opened.base.pMethods = &wal_methods;
  return SQLITE_OK;
}

// The base looks for its own object in each of these.
template <auto Call, class Return, class... Arguments>
Return call_base(sqlite3_vfs* vfs, Arguments... arguments) {
  return (base_of(vfs)->*Call)(base_of(vfs), arguments...);
}

template <auto Call, class Return, class... Arguments>
void pass_on(Return (*&call)(sqlite3_vfs*, Arguments...)) {
  if (call != nullptr) call = call_base<Call, Return, Arguments...>;
}

}  // namespace

JoinedWrites::JoinedWrites(const char* base) : vfs_(std::make_unique<sqlite3_vfs>()) {
  static std::atomic<int> count{0};
  name_ = "joined-writes-" + std::to_string(++count);
  sqlite3_vfs* below = sqlite3_vfs_find(base);
  *vfs_ = *below;
  vfs_->szOsFile += static_cast<int>(sizeof(JoinedFile));
  vfs_->zName = name_.c_str();
  vfs_->pAppData = below;
  vfs_->xOpen = open_file;
  pass_on<&sqlite3_vfs::xDelete>(vfs_->xDelete);
  pass_on<&sqlite3_vfs::xAccess>(vfs_->xAccess);
  pass_on<&sqlite3_vfs::xFullPathname>(vfs_->xFullPathname);
  pass_on<&sqlite3_vfs::xRandomness>(vfs_->xRandomness);
  pass_on<&sqlite3_vfs::xSleep>(vfs_->xSleep);
  pass_on<&sqlite3_vfs::xCurrentTime>(vfs_->xCurrentTime);
  pass_on<&sqlite3_vfs::xGetLastError>(vfs_->xGetLastError);
  pass_on<&sqlite3_vfs::xCurrentTimeInt64>(vfs_->xCurrentTimeInt64);
  sqlite3_vfs_register(vfs_.get(), 0);
}

JoinedWrites::~JoinedWrites() { sqlite3_vfs_unregister(vfs_.get()); }

}  // namespace bddlock::stores::sqlite
