#include "start_time.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "latencies.hpp"
#include "session.hpp"
#include "socket.hpp"

namespace bddlock::bench {
namespace {

constexpr Nanoseconds patience_ns = 10'000'000'000;
constexpr unsigned retry_us = 50;

pid_t spawn(const StartOptions& options) {
  std::vector<char*> arguments;
  for (const std::string& word : options.command) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = -1;
  if (posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
    child = -1;
  }
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

bool answers(std::uint16_t port) {
  const Socket socket = connect_loopback(port);
  const auto session = make_health_session();
  if (!socket || !socket.send(session->request(Call::claim, {}))) return false;
  std::string received;
  Reply reply;
  while (reply.verdict == Verdict::incomplete && socket.receive(received)) {
    reply = session->read(Call::claim, {}, received);
  }
  return reply.verdict == Verdict::done;
}

std::expected<Nanoseconds, std::string> start_once(const StartOptions& options) {
  const Nanoseconds began = now_ns();
  const pid_t child = spawn(options);
  if (child < 0) return std::unexpected("cannot start " + options.command[0]);
  bool up = false;
  while (!(up = answers(options.port)) && now_ns() - began < patience_ns) usleep(retry_us);
  const Nanoseconds took = now_ns() - began;
  kill(child, SIGTERM);
  int status = 0;
  waitpid(child, &status, 0);
  if (!up) return std::unexpected("no answer within 10 s of its start");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return std::unexpected("it did not exit with 0 on SIGTERM");
  }
  return took;
}

}  // namespace

std::expected<double, std::string> measure_start(const StartOptions& options) {
  Latencies times(options.runs);
  for (std::size_t run = 0; run < options.runs; ++run) {
    const auto took = start_once(options);
    if (!took) return std::unexpected(took.error());
    times.add(*took);
  }
  return times.quantile_us(0.5);
}

}  // namespace bddlock::bench
