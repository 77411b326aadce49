#include "unit/stores/sqlite/faulty_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "stores/sqlite/database.hpp"

namespace bddlock::tests {

struct FaultyFile {
  sqlite3_file base;  // first, as SQLite wants it
  FaultyVfs* owner;
  std::string* path;
  sqlite3_file* inner;  // behind this struct
};

namespace {

FaultyFile& faulty(sqlite3_file* file) { return *reinterpret_cast<FaultyFile*>(file); }
sqlite3_file* inner(sqlite3_file* file) { return faulty(file).inner; }
sqlite3_vfs* system_vfs() { return sqlite3_vfs_find("unix"); }
FaultyVfs& owner_of(sqlite3_vfs* vfs) { return *static_cast<FaultyVfs*>(vfs->pAppData); }

void apply(std::string& content, std::int64_t at, const std::string& bytes) {
  const auto offset = static_cast<std::size_t>(at);
  if (bytes.empty()) {
    content.resize(offset);
    return;
  }
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
  content.replace(offset, bytes.size(), bytes);
}

std::string read_whole(sqlite3_file* file) {
  sqlite3_int64 bytes = 0;
  file->pMethods->xFileSize(file, &bytes);
  std::string content(static_cast<std::size_t>(bytes), '\0');
  if (bytes > 0) file->pMethods->xRead(file, content.data(), static_cast<int>(bytes), 0);
  return content;
}

void write_whole(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace

// What SQLite calls.
struct FaultyCalls {
  static int close(sqlite3_file* file) {
    const int code =
        inner(file)->pMethods != nullptr ? inner(file)->pMethods->xClose(inner(file)) : SQLITE_OK;
    delete faulty(file).path;
    return code;
  }
  static int read(sqlite3_file* file, void* into, int bytes, sqlite3_int64 at) {
    bool done_first = false;
    const int fault = faulty(file).owner->fault_for(FileCall::read, *faulty(file).path, done_first);
    return fault != 0 ? fault : inner(file)->pMethods->xRead(inner(file), into, bytes, at);
  }
  static int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
    auto& [base, owner, path, inside] = faulty(file);
    bool done_first = false;
    const int fault = owner->fault_for(FileCall::write, *path, done_first);
    if (fault != 0 && !done_first) bytes = std::min(bytes, owner->plan_.bytes_first);
    if (bytes == 0) return fault;
    const int code = inside->pMethods->xWrite(inside, from, bytes, at);
    if (code == SQLITE_OK) {
      owner->note(*path, {at, std::string(static_cast<const char*>(from),
                                          static_cast<std::size_t>(bytes))});
    }
    return fault != 0 ? fault : code;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 bytes) {
    auto& [base, owner, path, inside] = faulty(file);
    bool done_first = false;
    const int fault = owner->fault_for(FileCall::truncate, *path, done_first);
    if (fault != 0 && !done_first) return fault;
    const int code = inside->pMethods->xTruncate(inside, bytes);
    if (code == SQLITE_OK) owner->note(*path, {bytes, ""});
    return fault != 0 ? fault : code;
  }
  static int sync(sqlite3_file* file, int flags) {
    auto& [base, owner, path, inside] = faulty(file);
    bool done_first = false;
    const int fault = owner->fault_for(FileCall::sync, *path, done_first);
    if (fault != 0 && !done_first) {
      owner->synced(*path, false);
      return fault;
    }
    const int code = inside->pMethods->xSync(inside, flags);
    owner->synced(*path, code == SQLITE_OK);
    return fault != 0 ? fault : code;
  }
  static int file_size(sqlite3_file* file, sqlite3_int64* bytes) {
    return inner(file)->pMethods->xFileSize(inner(file), bytes);
  }
  static int lock(sqlite3_file* file, int level) {
    return inner(file)->pMethods->xLock(inner(file), level);
  }
  static int unlock(sqlite3_file* file, int level) {
    return inner(file)->pMethods->xUnlock(inner(file), level);
  }
  static int check_reserved(sqlite3_file* file, int* reserved) {
    return inner(file)->pMethods->xCheckReservedLock(inner(file), reserved);
  }
  static int control(sqlite3_file* file, int what, void* with) {
    return inner(file)->pMethods->xFileControl(inner(file), what, with);
  }
  static int sector_size(sqlite3_file* file) {
    return inner(file)->pMethods->xSectorSize(inner(file));
  }
  static int characteristics(sqlite3_file* file) {
    return inner(file)->pMethods->xDeviceCharacteristics(inner(file));
  }
  static int shm_map(sqlite3_file* file, int page, int bytes, int extend, void volatile** at) {
    return inner(file)->pMethods->xShmMap(inner(file), page, bytes, extend, at);
  }
  static int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    return inner(file)->pMethods->xShmLock(inner(file), offset, count, flags);
  }
  static void shm_barrier(sqlite3_file* file) { inner(file)->pMethods->xShmBarrier(inner(file)); }
  static int shm_unmap(sqlite3_file* file, int remove) {
    return inner(file)->pMethods->xShmUnmap(inner(file), remove);
  }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* got);
  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    FaultyVfs& owner = owner_of(vfs);
    const std::scoped_lock guard(owner.mutex_);
    owner.disks_.erase(path);
    return system_vfs()->xDelete(system_vfs(), path, sync_folder);
  }
};

namespace {

const sqlite3_io_methods file_methods = {2,
                                         FaultyCalls::close,
                                         FaultyCalls::read,
                                         FaultyCalls::write,
                                         FaultyCalls::truncate,
                                         FaultyCalls::sync,
                                         FaultyCalls::file_size,
                                         FaultyCalls::lock,
                                         FaultyCalls::unlock,
                                         FaultyCalls::check_reserved,
                                         FaultyCalls::control,
                                         FaultyCalls::sector_size,
                                         FaultyCalls::characteristics,
                                         FaultyCalls::shm_map,
                                         FaultyCalls::shm_lock,
                                         FaultyCalls::shm_barrier,
                                         FaultyCalls::shm_unmap,
                                         nullptr,
                                         nullptr};

}  // namespace

int FaultyCalls::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* got) {
  FaultyFile& opened = faulty(file);
  opened.inner = reinterpret_cast<sqlite3_file*>(&opened + 1);
  opened.inner->pMethods = nullptr;
  const int code = system_vfs()->xOpen(system_vfs(), path, opened.inner, flags, got);
  if (code != SQLITE_OK) {
    opened.base.pMethods = nullptr;
    return code;
  }
  opened.owner = &owner_of(vfs);
  opened.path = new std::string(path != nullptr ? path : "");
  opened.base.pMethods = &file_methods;
  const std::scoped_lock guard(opened.owner->mutex_);
  // What is there when a file is first seen is taken for durable.
  auto& disks = opened.owner->disks_;
  if (!disks.contains(*opened.path)) disks[*opened.path].base = read_whole(opened.inner);
  return SQLITE_OK;
}

FaultyVfs::FaultyVfs() : vfs_(std::make_unique<sqlite3_vfs>()) {
  static std::atomic<int> count{0};
  stores::sqlite::configure_library();
  name_ = "faulty-" + std::to_string(++count);
  *vfs_ = *system_vfs();
  vfs_->szOsFile += static_cast<int>(sizeof(FaultyFile));
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = FaultyCalls::open;
  vfs_->xDelete = FaultyCalls::remove;
  // The rest takes the system's own object, as SQLite's system calls look for theirs in it.
  vfs_->xAccess = [](sqlite3_vfs*, const char* path, int flags, int* result) {
    return system_vfs()->xAccess(system_vfs(), path, flags, result);
  };
  vfs_->xFullPathname = [](sqlite3_vfs*, const char* path, int bytes, char* into) {
    return system_vfs()->xFullPathname(system_vfs(), path, bytes, into);
  };
  sqlite3_vfs_register(vfs_.get(), 0);
}

FaultyVfs::~FaultyVfs() { sqlite3_vfs_unregister(vfs_.get()); }

void FaultyVfs::plan(FaultPlan plan) {
  const std::scoped_lock guard(mutex_);
  plan_ = std::move(plan);
  planned_ = true;
  failed_ = 0;
}

void FaultyVfs::clear() {
  const std::scoped_lock guard(mutex_);
  planned_ = false;
}

int FaultyVfs::failed() const {
  const std::scoped_lock guard(mutex_);
  return failed_;
}

int FaultyVfs::syncs() const {
  const std::scoped_lock guard(mutex_);
  return syncs_;
}

int FaultyVfs::fault_for(FileCall call, const std::string& path, bool& done_first) {
  const std::scoped_lock guard(mutex_);
  if (!planned_ || call != plan_.call || !path.ends_with(plan_.file_suffix)) return 0;
  if (plan_.skip > 0) {
    --plan_.skip;
    return 0;
  }
  if (plan_.times == 0) return 0;
  --plan_.times;
  ++failed_;
  done_first = plan_.done_first;
  return plan_.code;
}

void FaultyVfs::note(const std::string& path, Change change) {
  const std::scoped_lock guard(mutex_);
  disks_[path].changes.push_back(std::move(change));
}

void FaultyVfs::synced(const std::string& path, bool well) {
  const std::scoped_lock guard(mutex_);
  ++syncs_;
  Disk& disk = disks_[path];
  bool all_durable = true;
  for (Change& change : disk.changes) {
    if (change.durability == Durability::pending) {
      change.durability = well ? Durability::synced : Durability::dropped;
    }
    all_durable = all_durable && change.durability == Durability::synced;
  }
  if (!all_durable) return;
  for (const Change& change : disk.changes) apply(disk.base, change.at, change.bytes);
  disk.changes.clear();
}

std::string FaultyVfs::content(const Disk& disk, const std::function<bool()>& reached_disk) {
  std::string content = disk.base;
  for (const Change& change : disk.changes) {
    const bool there = change.durability == Durability::synced || reached_disk();
    if (there) apply(content, change.at, change.bytes);
  }
  return content;
}

void FaultyVfs::copy_after_kill(const std::string& file, const std::string& copy) {
  const std::scoped_lock guard(mutex_);
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::remove(copy + suffix);
    if (!std::filesystem::exists(file + suffix)) continue;
    std::filesystem::copy_file(file + suffix, copy + suffix);
    disks_[copy + suffix] = disks_[file + suffix];
  }
}

void FaultyVfs::copy_after_power_loss(const std::string& file, const std::string& copy,
                                      const std::function<bool()>& reached_disk) {
  const std::scoped_lock guard(mutex_);
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::remove(copy + suffix);
    disks_.erase(copy + suffix);
    const auto disk = disks_.find(file + suffix);
    if (disk == disks_.end() || !std::filesystem::exists(file + suffix)) continue;
    write_whole(copy + suffix, content(disk->second, reached_disk));
  }
}

}  // namespace bddlock::tests
