#include "process/launch.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "process/after_fork.hpp"
#include "process/watcher.hpp"

extern char** environ;

namespace bddlock::process {

namespace {

// Other threads may open files between the look and the fork.
constexpr int number_margin = 256;

struct Channel {
  Descriptor ours;
  Descriptor theirs;
};

std::expected<Channel, StartFault> open_channel(int type) {
  std::array<int, 2> ends{-1, -1};
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return std::unexpected(
        StartFault{126, std::string("cannot open a socket: ") + std::strerror(errno)});
  }
  return Channel{Descriptor(ends[0]), Descriptor(ends[1])};
}

// This process's variables but those in `variables`, and then these.
std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& variables) {
  std::vector<std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    const bool is_replaced = std::ranges::any_of(
        variables, [name](const auto& variable) { return variable.first == name; });
    if (!is_replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : variables) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

int highest_number() {
  const auto open = open_descriptors();
  return (open.empty() ? 2 : open.back()) + number_margin;
}

bool is_file(const std::string& path) {
  struct stat found{};
  return stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

bool is_folder(const std::string& path) {
  struct stat found{};
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

bool is_in_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return is_file(name);
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/bin:/usr/bin" : path;
  for (;;) {
    const auto end = rest.find(':');
    const std::string folder(rest.substr(0, end));
    if (is_file((folder.empty() ? "." : folder) + "/" + name)) return true;
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + 1);
  }
}

StartFault fault_of(const std::string& name, int why) {
  const std::string begin = "cannot run " + name + ": ";
  const bool is_plain = name.find('/') == std::string::npos;
  if (why == ENOENT && is_in_path(name))
    return {126, begin + "the interpreter that its first line names is not there"};
  if (why == ENOENT && is_plain && !name.empty() && is_file(name))
    return {127, begin + "there is no such command in PATH; did you mean ./" + name + "?"};
  if (why == ENOENT && is_plain) return {127, begin + "there is no such command in PATH"};
  if (why == ENOENT) return {127, begin + "there is no such file"};
  if (why == EACCES && is_folder(name)) return {126, begin + "it is a folder"};
  if (why == EACCES)
    return {126, begin + "it may not be executed (chmod +x, or a noexec file system?)"};
  if (why == E2BIG) return {126, begin + "its words and the environment are too long together"};
  return {126, begin + std::strerror(why)};
}

void end_unstarted(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

// 0: it became the command. Else errno of why not.
int told_to_go(int channel) {
  const char go = 1;
  if (send(channel, &go, 1, MSG_NOSIGNAL) != 1) return ESRCH;
  int why = 0;
  ssize_t got = 0;
  do {
    got = read(channel, &why, sizeof why);
  } while (got < 0 && errno == EINTR);
  return got == sizeof why ? why : 0;
}

StartFault no_process() {
  return {126, std::string("cannot start a process: ") + std::strerror(errno)};
}

std::expected<pid_t, StartFault> fork_command(const Command& command, const Inherited& inherited,
                                              int channel) {
  auto words = command.words;
  auto environment = environment_with(command.variables);
  const auto word_pointers = pointers_to(words);
  const auto environment_pointers = pointers_to(environment);
  auto kept = inherited.descriptors;
  kept.push_back(channel);
  std::ranges::sort(kept);
  const Prepared prepared{.words = word_pointers.data(),
                          .environment = environment_pointers.data(),
                          .kept = kept.data(),
                          .kept_count = kept.size(),
                          .highest = highest_number(),
                          .inherited = &inherited,
                          .parent = getpid(),
                          .channel = channel};
  const pid_t pid = fork();
  if (pid < 0) return std::unexpected(no_process());
  if (pid == 0) become_command(prepared);
  setpgid(pid, pid);  // also here: whichever of the two is first
  return pid;
}

std::expected<pid_t, StartFault> fork_watcher(int channel, pid_t group) {
  const int highest = highest_number();
  const pid_t pid = fork();
  if (pid < 0) return std::unexpected(no_process());
  if (pid == 0) watch(channel, group, highest);
  return pid;
}

}  // namespace

// The watcher is there before the command is: at no moment could the command outlive this process.
std::expected<Launched, StartFault> launch(const Command& command, const Inherited& inherited,
                                           const Terminal& terminal) {
  auto start = open_channel(SOCK_STREAM);
  if (!start) return std::unexpected(start.error());
  const auto pid = fork_command(command, inherited, start->theirs.get());
  if (!pid) return std::unexpected(pid.error());
  start->theirs.reset();
  auto watch_channel = open_channel(SOCK_SEQPACKET);
  const auto watcher = watch_channel ? fork_watcher(watch_channel->theirs.get(), *pid)
                                     : std::unexpected(watch_channel.error());
  if (!watcher) {
    end_unstarted(*pid);
    return std::unexpected(watcher.error());
  }
  watch_channel->theirs.reset();
  if (command.deadline) order_deadline(watch_channel->ours.get(), command.deadline);
  if (terminal.is_ours() && Terminal::is_conversation()) terminal.give_to(*pid);
  if (const int why = told_to_go(start->ours.get()); why != 0) {
    if (terminal.is_of(*pid)) terminal.take_back();
    end_unstarted(*pid);
    end_unstarted(*watcher);
    return std::unexpected(fault_of(command.words[0], why));
  }
  return Launched{*pid, *watcher, std::move(watch_channel->ours)};
}

}  // namespace bddlock::process
