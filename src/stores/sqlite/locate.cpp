#include "stores/sqlite/locate.hpp"

#include <cerrno>
#include <filesystem>

#include "stores/sqlite/files.hpp"
#include "stores/sqlite/schema.hpp"

namespace bddlock::stores::sqlite {

namespace {

constexpr std::string_view another_path = "give another path, or move the file aside";

std::string quoted(const std::string& path) { return "\"" + path + "\""; }

}  // namespace

OrSentence<std::string> locate(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (path.empty()) return std::unexpected("the data file's path is empty: give one");
  const fs::path real = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) return std::unexpected(sentence(path, "found", error));
  const std::string folder = folder_of(real.string());
  const auto folder_status = fs::status(folder, error);
  if (!fs::exists(folder_status)) {
    return std::unexpected("there is no folder " + quoted(folder) + ": create it (mkdir -p " +
                           folder + ")");
  }
  if (!fs::is_directory(folder_status)) {
    return std::unexpected(quoted(folder) + " is not a folder: give another path");
  }
  const auto status = fs::status(real, error);
  if (fs::is_directory(status)) {
    return std::unexpected(quoted(path) + " is a folder: give the path of a file in it, such as " +
                           quoted((real / "bdd-lock.db").string()));
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    return std::unexpected(quoted(path) + " is no regular file: " + std::string(another_path));
  }
  return real.string();
}

OrSentence<LockFile> lock(const std::string& path) {
  const std::string name = path + ".lock";
  auto taken = LockFile::take(name);
  if (taken) return std::move(*taken);
  const LockRefused& refused = taken.error();
  if (!refused.held) return std::unexpected(sentence(name, "opened", refused.error));
  const std::string who = refused.holder.empty() ? "" : " (process " + refused.holder + ")";
  return std::unexpected(quoted(path) + " is held by another bdd-lock" + who +
                         ": stop that one, or use another file");
}

std::string sentence(const std::string& path, std::string_view doing, std::error_code error) {
  const std::string folder = quoted(folder_of(path));
  switch (error.value()) {
    case EACCES:
    case EPERM:
      return quoted(path) + " cannot be " + std::string(doing) +
             ": this user must be able to read and write the file and its folder " + folder +
             " (SQLite keeps files beside it); change their owner or mode, or run as another user";
    case EROFS:
      return quoted(path) + " cannot be " + std::string(doing) +
             ": the file system is read-only; give a path on a writable one";
    case ENOSPC:
    case EDQUOT:
      return quoted(path) + " cannot be " + std::string(doing) +
             ": there is no room left on the disk of " + folder + "; make room and start again";
    default:
      return quoted(path) + " cannot be " + std::string(doing) + ": " + error.message();
  }
}

std::string sentence(const std::string& path, std::string_view doing, const Fault& fault) {
  const std::string detail = " (" + fault.detail + ")";
  switch (fault.kind) {
    case FaultKind::not_a_database:
      return sentence_not_a_database(path);
    case FaultKind::damaged:
      return quoted(path) + " is damaged: restore a back-up (bdd-lock restore)" + detail;
    case FaultKind::read_only:
    case FaultKind::cannot_open:
      return sentence(path, doing, std::make_error_code(std::errc::permission_denied)) + detail;
    case FaultKind::full:
      return sentence(path, doing, std::make_error_code(std::errc::no_space_on_device)) + detail;
    case FaultKind::busy:
      return quoted(path) + " is being written by another program: close that one" + detail;
    case FaultKind::other:
      break;
  }
  return quoted(path) + " cannot be " + std::string(doing) + detail;
}

std::string sentence_newer(const std::string& path, std::int64_t version) {
  return quoted(path) + " was written by a newer bdd-lock (schema " + std::to_string(version) +
         "; this one knows " + std::to_string(schema_version()) +
         "): use that version or a later one";
}

std::string sentence_not_ours(const std::string& path) {
  return quoted(path) +
         " is a database of another program; it was not touched: " + std::string(another_path);
}

std::string sentence_not_a_database(const std::string& path) {
  return quoted(path) + " is not a database; it was not touched: " + std::string(another_path);
}

}  // namespace bddlock::stores::sqlite
