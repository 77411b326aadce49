// The lock that keeps a second server off a data file: flock on FILE.lock, held until the object
// goes, and let go by the kernel however the process ends. The file itself stays: removing it would
// let two processes lock two files of one name. flock and not fcntl, so that it also holds within
// one process, and because closing any descriptor of a file drops the process's fcntl locks on it.
#pragma once

#include <expected>
#include <string>
#include <system_error>
#include <utility>

namespace bddlock::stores::sqlite {

struct LockRefused {
  bool held;              // by another process, or another table of this one
  std::string holder;     // its process id as it wrote it; empty: unknown
  std::error_code error;  // otherwise: why it could not be taken
};

class LockFile {
 public:
  // Does not wait.
  [[nodiscard]] static std::expected<LockFile, LockRefused> take(const std::string& path);

  LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace bddlock::stores::sqlite
