// What the tests of processes have in common: files that commands write, and conditions that are
// waited for, with a limit that only a hang reaches.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "process/table.hpp"

namespace bddlock::process::testing {

using std::chrono::milliseconds;

inline bool comes_true(const std::function<bool()>& condition) {
  constexpr std::chrono::seconds limit{60};
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

inline bool is_alive(pid_t pid) {
  const auto entry = process_entry(pid);
  return entry && entry->is_alive();
}

class Folder {
 public:
  Folder() : path_("/tmp/bdd-lock-process-XXXXXX") { EXPECT_NE(mkdtemp(path_.data()), nullptr); }
  ~Folder() {
    std::error_code gone;
    std::filesystem::remove_all(path_, gone);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

  [[nodiscard]] std::string text(const std::string& name) const {
    std::stringstream all;
    all << std::ifstream(file(name)).rdbuf();
    return all.str();
  }

  void put(const std::string& name, const std::string& text, int mode = 0644) const {
    std::ofstream(file(name)) << text;
    EXPECT_EQ(chmod(file(name).c_str(), static_cast<mode_t>(mode)), 0);
  }

  // Waits for the file to have a whole line in it, and takes that as a number.
  [[nodiscard]] pid_t number(const std::string& name) const {
    EXPECT_TRUE(comes_true([&] { return text(name).ends_with('\n'); })) << name;
    return static_cast<pid_t>(std::atoi(text(name).c_str()));
  }

 private:
  std::string path_;
};

// process_probe, with pipes where a test asks for them.
class Probe {
 public:
  struct Streams {
    int in = -1;
    int out = -1;
  };

  Probe(
      std::vector<std::string> options, const std::string& script, Streams streams = {0, 1},
      const std::function<void()>& in_child = [] {}) {
    std::vector<std::string> words = {PROCESS_PROBE};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "sh", "-c", script});
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    in_child();
    dup2(streams.in, 0);
    dup2(streams.out, 1);
    execv(argv[0], argv.data());
    _exit(99);
  }

  ~Probe() {
    if (!status_) {
      kill(pid_, SIGKILL);
      static_cast<void>(status());
    }
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const { EXPECT_EQ(kill(pid_, number), 0); }

  [[nodiscard]] int status() {
    if (!status_) {
      int status = 0;
      EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
      status_ = status;
    }
    return *status_;
  }

  [[nodiscard]] int exit_code() {
    EXPECT_TRUE(WIFEXITED(status())) << status();
    return WEXITSTATUS(status());
  }

 private:
  pid_t pid_ = 0;
  std::optional<int> status_;
};

}  // namespace bddlock::process::testing
