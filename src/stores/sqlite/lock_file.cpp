#include "stores/sqlite/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>

namespace bddlock::stores::sqlite {

namespace {

std::error_code last_error() { return {errno, std::system_category()}; }

std::string read_holder(int descriptor) {
  std::array<char, 16> text{};
  const ssize_t bytes = pread(descriptor, text.data(), text.size(), 0);
  std::string holder(text.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  if (const auto end = holder.find('\n'); end != std::string::npos) holder.resize(end);
  const bool is_number =
      std::ranges::all_of(holder, [](unsigned char c) { return std::isdigit(c); });
  return is_number ? holder : std::string();
}

// Only a help for the reader of an error message: a failure changes nothing about the lock.
void write_holder(int descriptor) {
  const std::string text = std::to_string(getpid()) + "\n";
  if (ftruncate(descriptor, 0) != 0) return;
  [[maybe_unused]] const ssize_t bytes = pwrite(descriptor, text.data(), text.size(), 0);
}

// Whoever can open the file can hold its lock. An older one was 0644.
constexpr mode_t mode = 0600;

void close_to_others(int descriptor) {
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || status.st_uid != geteuid()) return;
  if ((status.st_mode & 07777) == mode) return;
  [[maybe_unused]] const int moded = fchmod(descriptor, mode);
}

}  // namespace

LockFile::LockFile(std::string path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {
  struct stat status{};
  if (fstat(descriptor, &status) != 0) return;
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

bool LockFile::is_in_place() const {
  struct stat status{};
  return lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
}

std::expected<LockFile, LockRefused> LockFile::take(const std::string& path) {
  // NOFOLLOW: a link planted under this name must not lead us to write into another file.
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
  if (descriptor < 0) return std::unexpected(LockRefused{false, {}, last_error()});
  LockFile lock(path, descriptor);
  close_to_others(descriptor);
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    const auto error = last_error();
    const bool held = error.value() == EWOULDBLOCK;
    return std::unexpected(LockRefused{held, held ? read_holder(descriptor) : "", error});
  }
  write_holder(descriptor);
  return lock;
}

LockFile::~LockFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace bddlock::stores::sqlite
