#include "cli/environment.hpp"

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <thread>

namespace bddlock::cli {

namespace {

milliseconds boot_time() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return seconds(now.tv_sec) +
         std::chrono::duration_cast<milliseconds>(std::chrono::nanoseconds(now.tv_nsec));
}

core::Instant wall_clock() {
  return std::chrono::time_point_cast<core::microseconds>(std::chrono::system_clock::now());
}

std::uint64_t random_bits() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

std::optional<std::string> process_variable(const std::string& name) {
  const char* text = std::getenv(name.c_str());
  if (text == nullptr) return std::nullopt;
  return std::string(text);
}

// CI systems that give a job a terminal keep what is written to it, as a log.
bool is_screen(int descriptor) {
  const std::string kind = process_variable("TERM").value_or("dumb");
  return isatty(descriptor) == 1 && !kind.empty() && kind != "dumb" &&
         process_variable("CI").value_or("").empty();
}

std::size_t columns_of_err() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

Call connect_by_client(const net::Endpoint& endpoint) {
  auto client = std::make_shared<net::Client>(endpoint, net::surroundings_from(process_variable));
  return [client](const net::ClientRequest& request) { return client->call(request); };
}

}  // namespace

Environment process_environment(std::string version) {
  return {.version = std::move(version),
          .variable = process_variable,
          .in = &std::cin,
          .out = &std::cout,
          .err = &std::cerr,
          .out_is_terminal = isatty(STDOUT_FILENO) == 1,
          .err_is_terminal = is_screen(STDERR_FILENO),
          .err_columns = columns_of_err,
          .since_boot = boot_time,
          .wall_time = wall_clock,
          .sleep = [](milliseconds time) { std::this_thread::sleep_for(time); },
          .random = random_bits,
          .connect = connect_by_client,
          .begin_live = begin_live};
}

}  // namespace bddlock::cli
