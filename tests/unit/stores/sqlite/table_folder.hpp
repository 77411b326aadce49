// A folder for one test's files, gone at its end. In memory where the system has /dev/shm: these
// tests sync a lot, and what a power loss would leave is the business of faulty_vfs.hpp, not of a
// real disk.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace bddlock::tests {

class TableFolder {
 public:
  TableFolder() {
    const std::filesystem::path memory = "/dev/shm";
    const auto parent =
        std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
    std::string name = (parent / "bddlock-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TableFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TableFolder(const TableFolder&) = delete;
  TableFolder& operator=(const TableFolder&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] std::string file(const std::string& name = "table.db") const {
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace bddlock::tests
