#include "cli/claim_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "cli/files.hpp"

namespace bddlock::cli {

namespace {

constexpr const char* elsewhere = "; remove it, or name another file with --claim-file";

struct Base {
  std::string folder;
  std::string name;
};

bool is_usable(const std::string& folder) {
  struct stat found{};
  return folder.starts_with('/') && stat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
         access(folder.c_str(), W_OK | X_OK) == 0;
}

// A shell that became root by sudo still has the user's.
bool is_usable_by_owner(const std::string& folder, uid_t owner) {
  struct stat found{};
  return is_usable(folder) && stat(folder.c_str(), &found) == 0 && found.st_uid == owner;
}

Base base_for(const ci::Lookup& lookup, uid_t owner) {
  const ci::Variables variables(lookup);
  const std::string shared_name = "bdd-lock-" + std::to_string(owner);
  if (const auto runtime = variables["XDG_RUNTIME_DIR"]; is_usable_by_owner(runtime, owner))
    return {runtime, "bdd-lock"};
  if (const auto temporary = variables["TMPDIR"]; is_usable(temporary))
    return {temporary, shared_name};
  if (const auto home = variables["HOME"]; is_usable_by_owner(home, owner))
    return {home + "/.cache", "bdd-lock"};
  return {"/tmp", shared_name};
}

ClaimPlace named_place(const std::string& named, uid_t owner) {
  const auto slash = named.rfind('/');
  if (slash == std::string::npos) return {".", named, false, owner};
  return {slash == 0 ? "/" : named.substr(0, slash), named.substr(slash + 1), false, owner};
}

void make_own_folder(const std::string& folder) {
  // ~/.cache may be missing too. Whether it worked shows when it is opened.
  mkdir(folder.substr(0, folder.rfind('/')).c_str(), 0700);
  mkdir(folder.c_str(), 0700);
}

}  // namespace

std::string fault_in_owner(int descriptor, const ClaimPlace& place, const std::string& what) {
  struct stat found{};
  if (fstat(descriptor, &found) != 0) return system_fault("look at", what);
  if (found.st_uid != place.owner) {
    return what + " belongs to another user (number " + std::to_string(found.st_uid) +
           ") and is not used" + elsewhere;
  }
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return what + " can be written by other users and is not used" + elsewhere;
  return {};
}

ClaimPlace claim_place(const ci::Lookup& lookup, uid_t owner, const std::string& job_key,
                       const std::string& named) {
  if (!named.empty()) return named_place(named, owner);
  const Base base = base_for(lookup, owner);
  return {base.folder + "/" + base.name, job_key + ".json", true, owner};
}

std::expected<process::Descriptor, FolderFault> open_claim_folder(const ClaimPlace& place,
                                                                  Missing missing) {
  if (missing == Missing::is_made && place.is_own_folder) make_own_folder(place.folder);
  const int no_follow = place.is_own_folder ? O_NOFOLLOW : 0;
  process::Descriptor folder(
      open(place.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | no_follow));
  if (folder.get() < 0) {
    const bool is_missing = errno == ENOENT;
    return std::unexpected(FolderFault{system_fault("open the folder", place.folder), is_missing});
  }
  if (!place.is_own_folder) return folder;
  const std::string fault = fault_in_owner(folder.get(), place, "the folder " + place.folder);
  if (!fault.empty()) return std::unexpected(FolderFault{fault});
  return folder;
}

}  // namespace bddlock::cli
