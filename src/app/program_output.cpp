#include "app/program_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

extern char** environ;

namespace bddlock::app {
namespace {

constexpr std::size_t output_bytes_max = 64 * 1024;

using Steady = std::chrono::steady_clock;

// A program and the end of the pipe that it prints to.
struct Running {
  pid_t pid = 0;
  int output = -1;
};

// The threads of the server block signals that a program must be able to end by. A group of its own
// can be killed with all that it has started.
void set_signals(posix_spawnattr_t& attributes) {
  sigset_t none;
  sigemptyset(&none);
  sigset_t usual;
  sigemptyset(&usual);
  for (const int number : {SIGPIPE, SIGXFSZ}) sigaddset(&usual, number);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

int spawn(const std::vector<std::string>& words, int output, pid_t& pid) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  set_signals(attributes);
  const int error =
      posix_spawnp(&pid, arguments[0], &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

std::expected<Running, std::string> start_program(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return std::unexpected(std::string("cannot be started: ") + std::strerror(errno));
  Running running{.output = ends[0]};
  const int error = spawn(words, ends[1], running.pid);
  close(ends[1]);
  if (error == 0) return running;
  close(ends[0]);
  return std::unexpected(std::string("cannot be started: ") + std::strerror(error));
}

// Until the pipe ends. The error: why the program is to be killed.
std::expected<std::string, std::string> read_output(int output, Steady::time_point until) {
  std::string text;
  std::array<char, 4096> piece;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
    pollfd readable{.fd = output, .events = POLLIN, .revents = 0};
    const int ready = left > 0 ? poll(&readable, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::unexpected("does not end");
    const ssize_t got = ::read(output, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > output_bytes_max) return std::unexpected("prints more than 64 KiB");
  }
}

// Its status as wait gives it. It is killed if it has not ended in time.
int status_at_end(pid_t pid, Steady::time_point until) {
  int status = 0;
  for (;;) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid || (ended < 0 && errno != EINTR)) return status;
    if (Steady::now() >= until) kill(-pid, SIGKILL);
    poll(nullptr, 0, 5);
  }
}

}  // namespace

std::expected<std::string, std::string> program_output(const std::vector<std::string>& words,
                                                       std::chrono::milliseconds time_limit) {
  const auto running = start_program(words);
  if (!running) return std::unexpected(running.error());
  const auto until = Steady::now() + time_limit;
  auto text = read_output(running->output, until);
  close(running->output);
  const int status = status_at_end(running->pid, text ? until : Steady::now());
  if (!text || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return text;
  if (WIFEXITED(status)) return std::unexpected("ends with " + std::to_string(WEXITSTATUS(status)));
  return std::unexpected("is ended by signal " + std::to_string(WTERMSIG(status)));
}

}  // namespace bddlock::app
