#include "process/helper.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <thread>

#include "process/descriptor.hpp"

extern char** environ;

namespace bddlock::process {

namespace {

constexpr milliseconds ask_every{10};

std::string fault_of(const std::vector<std::string>& words, int why) {
  return "cannot run " + words[0] + ": " +
         (why == ENOENT ? "there is no such command in PATH" : std::strerror(why));
}

// A file of no name, which can hold any amount before anybody reads.
Descriptor file_with(std::string_view text) {
  Descriptor file(memfd_create("input", MFD_CLOEXEC));
  if (file && !write_whole(file.get(), text)) return Descriptor();
  if (file) lseek(file.get(), 0, SEEK_SET);
  return file;
}

// With the signals as a program expects them, whatever this one has blocked.
int spawn(pid_t& pid, std::vector<std::string>& words, int input) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_t how;
  posix_spawnattr_init(&how);
  posix_spawnattr_setsigmask(&how, &none);
  posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  const int fault = posix_spawnp(&pid, argv[0], &files, &how, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&how);
  return fault;
}

std::optional<int> status_until(pid_t pid, milliseconds until) {
  for (;;) {
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) == pid) return status;
    if (boot_time() >= until) return std::nullopt;
    std::this_thread::sleep_for(ask_every);
  }
}

}  // namespace

std::expected<int, std::string> run_helper(std::vector<std::string> words, const std::string& input,
                                           milliseconds limit) {
  const Descriptor file = file_with(input);
  if (!file) return std::unexpected(fault_of(words, errno));
  pid_t pid = 0;
  if (const int why = spawn(pid, words, file.get()); why != 0)
    return std::unexpected(fault_of(words, why));
  const auto status = status_until(pid, boot_time() + limit);
  if (!status) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return std::unexpected(words[0] + " did not end within " +
                           std::to_string(limit.count() / 1000) + " s and was killed");
  }
  return WIFSIGNALED(*status) ? 128 + WTERMSIG(*status) : WEXITSTATUS(*status);
}

}  // namespace bddlock::process
