#include "cli/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "process/descriptor.hpp"

namespace bddlock::cli {

namespace {

std::unexpected<std::string> fault(const std::string& what, const std::string& path) {
  return std::unexpected(system_fault(what, path));
}

// A rename is on the disk only once its folder is.
void sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int file = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  fsync(file);
  close(file);
}

std::unexpected<std::string> untouched(const std::string& what, const std::string& path) {
  return std::unexpected(system_fault(what, path) + "; the file is as it was");
}

// Where a link leads, also one to a file that is not there yet; a ring of links ends somewhere.
std::string behind_links(const std::string& path) {
  constexpr int links_max = 40;
  std::filesystem::path file = path;
  std::error_code no_link;
  for (int i = 0; i < links_max; ++i) {
    const auto next = std::filesystem::read_symlink(file, no_link);
    if (no_link) break;
    file = file.parent_path() / next;
  }
  return file.string();
}

// What a rename would put out of the world: a device, a FIFO.
bool is_stream(const std::string& path) {
  struct stat found{};
  if (stat(path.c_str(), &found) != 0) return false;
  return !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
}

std::expected<void, std::string> write_into(const std::string& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return fault("write", path);
  const bool written = process::write_whole(file, text);
  const int write_errno = errno;
  close(file);
  errno = write_errno;
  if (!written) return fault("write", path);
  return {};
}

std::expected<void, std::string> rename_over(const std::string& path, std::string_view text) {
  const std::string draft = path + ".part-" + std::to_string(getpid());
  const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return untouched("write", draft);
  const bool written = process::write_whole(file, text) && fsync(file) == 0;
  const int write_errno = errno;
  close(file);
  errno = write_errno;
  if (!written || std::rename(draft.c_str(), path.c_str()) != 0) {
    auto error = untouched("write", path);
    unlink(draft.c_str());
    return error;
  }
  sync_folder_of(path);
  return {};
}

bool is_link(const std::string& path) {
  struct stat found{};
  return lstat(path.c_str(), &found) == 0 && S_ISLNK(found.st_mode);
}

}  // namespace

std::string system_fault(const std::string& what, const std::string& path) {
  return "cannot " + what + " " + path + ": " + std::strerror(errno);
}

std::expected<std::string, std::string> read_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fault("read", path);
  std::string text;
  std::array<char, 65'536> piece;
  ssize_t got = 0;
  while ((got = read(file, piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  const int read_errno = errno;
  close(file);
  errno = read_errno;
  if (got < 0) return fault("read", path);
  return text;
}

std::expected<void, std::string> replace_file(const std::string& path, std::string_view text) {
  return is_stream(path) ? write_into(path, text) : rename_over(behind_links(path), text);
}

std::expected<void, std::string> forget_file(const std::string& path) {
  struct stat found{};
  if (stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode)) return {};
  const bool link = is_link(path);
  const int done = link ? truncate(path.c_str(), 0) : unlink(path.c_str());
  if (done == 0 || errno == ENOENT) return {};
  return fault(link ? "empty" : "remove", path);
}

}  // namespace bddlock::cli
