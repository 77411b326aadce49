#include "stores/sqlite/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "stores/sqlite/schema.hpp"

namespace bddlock::stores::sqlite {

namespace {

std::error_code last_error() { return {errno, std::system_category()}; }
std::error_code result_of(int code) { return code == 0 ? std::error_code() : last_error(); }

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : value_(open(path.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int value() const { return value_; }
  [[nodiscard]] bool is_open() const { return value_ >= 0; }

 private:
  int value_;
};

// The file format, https://www.sqlite.org/fileformat2.html section 1.3.
constexpr std::size_t header_bytes = 100;
constexpr std::size_t application_id_offset = 68;
constexpr std::string_view magic{"SQLite format 3\0", 16};

FileKind kind_of_header(const std::array<unsigned char, header_bytes>& header) {
  if (std::memcmp(header.data(), magic.data(), magic.size()) != 0) return FileKind::not_a_database;
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = (id << 8) | header[application_id_offset + i];
  return id == application_id ? FileKind::ours : FileKind::other_database;
}

}  // namespace

Inspection inspect(const std::string& path, bool writable) {
  if (!exists(path)) return {FileKind::missing, {}};
  const Descriptor file(path, writable ? O_RDWR : O_RDONLY);
  if (!file.is_open()) return {FileKind::missing, last_error()};
  std::array<unsigned char, header_bytes> header{};
  const ssize_t bytes = pread(file.value(), header.data(), header.size(), 0);
  if (bytes < 0) return {FileKind::missing, last_error()};
  if (bytes == 0) return {FileKind::empty, {}};
  if (static_cast<std::size_t>(bytes) < header.size()) return {FileKind::not_a_database, {}};
  return {kind_of_header(header), {}};
}

bool exists(const std::string& path) {
  struct stat status{};
  return lstat(path.c_str(), &status) == 0;
}

bool has_content(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat a{};
  struct stat b{};
  return stat(one.c_str(), &a) == 0 && stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::error_code make_file(const std::string& path) {
  constexpr mode_t mode = 0600;
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) return last_error();
  close(descriptor);
  return {};
}

std::error_code make_unique_file(const std::string& prefix, std::string& path) {
  path = prefix + "XXXXXX";
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return last_error();
  close(descriptor);
  return {};
}

void take_mode_from(const std::string& model, const std::string& path) {
  struct stat status{};
  if (stat(model.c_str(), &status) != 0) return;
  [[maybe_unused]] const int owned = chown(path.c_str(), status.st_uid, status.st_gid);
  [[maybe_unused]] const int moded = chmod(path.c_str(), status.st_mode & 07777);
}

std::error_code sync_file(const std::string& path) {
  const Descriptor file(path, O_RDONLY);
  if (!file.is_open()) return last_error();
  return result_of(fsync(file.value()));
}

std::error_code sync_folder(const std::string& folder) {
  const Descriptor directory(folder, O_RDONLY | O_DIRECTORY);
  if (!directory.is_open()) return last_error();
  const std::error_code error = result_of(fsync(directory.value()));
  // Some file systems cannot sync a folder and say so; there is nothing more that we could do.
  return error.value() == EINVAL ? std::error_code() : error;
}

std::error_code move_to_new_name(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return last_error();
  // A file system without RENAME_NOREPLACE (NFS): a link refuses an existing name as well.
  if (link(from.c_str(), to.c_str()) != 0) return last_error();
  return remove_if_there(from);
}

std::error_code replace(const std::string& from, const std::string& to) {
  return result_of(rename(from.c_str(), to.c_str()));
}

std::error_code keep_under(const std::string& from, const std::string& kept) {
  if (!exists(from) || link(from.c_str(), kept.c_str()) == 0) return {};
  if (errno == EEXIST) return last_error();
  return move_to_new_name(from, kept);
}

std::error_code remove_if_there(const std::string& path) {
  return unlink(path.c_str()) == 0 || errno == ENOENT ? std::error_code() : last_error();
}

void remove_database(const std::string& path) noexcept {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) unlink((path + suffix).c_str());
}

Scratch::~Scratch() {
  if (!path_.empty()) remove_database(path_);
}

}  // namespace bddlock::stores::sqlite
