#include "cli/job_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "cli/files.hpp"

namespace bddlock::cli {

namespace {

// Whoever held it before may have removed the file between our open and our lock.
bool is_still_there(int folder, const std::string& name, int file) {
  struct stat named{};
  struct stat held{};
  return fstatat(folder, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         fstat(file, &held) == 0 && named.st_dev == held.st_dev && named.st_ino == held.st_ino;
}

}  // namespace

std::expected<JobLock, LockFault> JobLock::take(const ClaimPlace& place) {
  auto folder = open_claim_folder(place, Missing::is_made);
  if (!folder) return std::unexpected(LockFault{folder.error().sentence});
  const std::string name = place.name + ".lock";
  const std::string what = "the lock file " + place.folder + "/" + name;
  for (;;) {
    process::Descriptor file(openat(folder->get(), name.c_str(),
                                    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    if (file.get() < 0) return std::unexpected(LockFault{system_fault("write", what)});
    if (auto fault = fault_in_owner(file.get(), place, what); !fault.empty())
      return std::unexpected(LockFault{std::move(fault)});
    if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return std::unexpected(LockFault{system_fault("lock", what)});
      return std::unexpected(LockFault{
          "another command is running under the same request id, and both would get one stack: "
          "wait until it has ended, give --request-id an id of its own, or leave it out",
          true});
    }
    if (is_still_there(folder->get(), name, file.get()))
      return JobLock(std::move(*folder), std::move(file), name);
  }
}

JobLock::~JobLock() {
  // While it is still locked: the next one then makes a new file, and does not find this one free.
  if (file_.get() >= 0) unlinkat(folder_.get(), name_.c_str(), 0);
}

}  // namespace bddlock::cli
