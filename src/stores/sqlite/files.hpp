// Files by name, as SQLite's own interface does not reach them. An empty error_code: done.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace bddlock::stores::sqlite {

// The files that SQLite keeps beside FILE and that hold changes of it; FILE-shm holds none.
inline constexpr const char* change_suffixes[] = {"-wal", "-journal"};

// Beside FILE, under its lock: a file that is being built, of which a crash may leave something;
// and a restored table on its way to FILE's name, beside which no server starts.
inline constexpr std::string_view unfinished_suffix = ".unfinished";
inline constexpr std::string_view restoring_suffix = ".restoring";

enum class FileKind {
  missing = 1,
  empty,
  ours,
  other_database,  // SQLite's, but another program's
  not_a_database,
};
struct Inspection {
  FileKind kind;
  std::error_code
      error;  // set: the file could not be read, or not be opened for writing; kind is no matter
};
// Reads the first 100 bytes. Closing the descriptor drops SQLite's locks on the file in this
// process, so the caller must hold the lock file, and no connection of this process may have the
// file open. `writable`: whether it must be possible to write to it.
[[nodiscard]] Inspection inspect(const std::string& path, bool writable);

[[nodiscard]] bool exists(const std::string& path);  // a dangling link exists too
[[nodiscard]] bool has_content(const std::string& path);
[[nodiscard]] bool is_same_file(const std::string& one, const std::string& other);
[[nodiscard]] std::string folder_of(const std::string& path);

// An empty file that only its owner may read. Refuses with file_exists if there is something.
[[nodiscard]] std::error_code make_file(const std::string& path);
// The same under a name that nobody has and that begins with `prefix`.
[[nodiscard]] std::error_code make_unique_file(const std::string& prefix, std::string& path);
// Gives `path` the owner and mode of `model`, as far as that is allowed.
void take_mode_from(const std::string& model, const std::string& path);

[[nodiscard]] std::error_code sync_file(const std::string& path);
// Makes new names in the folder durable.
[[nodiscard]] std::error_code sync_folder(const std::string& folder);

// Refuses with file_exists if there is something at `to`.
[[nodiscard]] std::error_code move_to_new_name(const std::string& from, const std::string& to);
[[nodiscard]] std::error_code replace(const std::string& from, const std::string& to);
// A second name for the file; where the file system has no hard links, the new name instead of the
// old.
[[nodiscard]] std::error_code keep_under(const std::string& from, const std::string& kept);
[[nodiscard]] std::error_code remove_if_there(const std::string& path);

// Removes a database file that is being built, and what SQLite left beside it, unless it was
// released.
class Scratch {
 public:
  explicit Scratch(std::string path) : path_(std::move(path)) {}
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  void release() { path_.clear(); }

 private:
  std::string path_;
};
void remove_database(const std::string& path) noexcept;

}  // namespace bddlock::stores::sqlite
