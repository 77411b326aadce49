#include "cli/environment.hpp"

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
          .since_boot = boot_time,
          .wall_time = wall_clock,
          .sleep = [](milliseconds time) { std::this_thread::sleep_for(time); },
          .random = random_bits,
          .connect = connect_by_client,
          .begin_live = begin_live};
}

}  // namespace bddlock::cli
