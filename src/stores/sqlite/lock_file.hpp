// The lock that keeps a second server off a data file: flock on FILE.lock, held until the object
// goes, and let go by the kernel however the process ends. The file itself stays: removing it would
// let two processes lock two files of one name. flock and not fcntl, so that it also holds within
// one process, and because closing any descriptor of a file drops the process's fcntl locks on it.
#pragma once

#include <sys/types.h>

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

  // False: the file was removed or replaced, so another server can lock the name too. One stat().
  [[nodiscard]] bool is_in_place() const;

  LockFile(LockFile&& other) noexcept
      : path_(std::move(other.path_)),
        device_(other.device_),
        inode_(other.inode_),
        descriptor_(std::exchange(other.descriptor_, -1)) {}
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  LockFile(std::string path, int descriptor);
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  int descriptor_;
};

}  // namespace bddlock::stores::sqlite
