#include <malloc.h>
#include <sys/resource.h>

#include <cstdio>
#include <fstream>

#include "raw_client.hpp"
#include "running_server.hpp"

namespace bddlock::http {
namespace {

std::size_t resident_bytes() {
  std::ifstream status("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  status >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// A figure to read, not to assert: it depends on the allocator and on sanitizers. Both ends of each
// connection are in this process; the client's is a file descriptor and 48 bytes.
TEST(IdleMemory, OfTenThousandConnectionsIsPrinted) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const std::size_t count = std::min<std::size_t>(10'000, (files.rlim_cur - 200) / 2);

  std::mutex mutex;
  std::vector<api::Respond> parked;
  RunningServer server(
      [&](api::Request request, api::Respond respond) {
        if (request.target == "/idle") return echo(std::move(request), std::move(respond));
        const std::lock_guard lock(mutex);
        parked.push_back(std::move(respond));
      },
      {.idle_time = std::chrono::minutes(5), .connections = 20'000});
  const auto parked_count = [&] {
    const std::lock_guard lock(mutex);
    return parked.size();
  };

  std::vector<RawClient> clients;
  clients.reserve(count);
  const auto before = resident_bytes();
  for (std::size_t i = 0; i < count; ++i) clients.emplace_back(server.port);
  for (auto& client : clients) client.send(get("/idle", "X: " + std::string(300, 'x') + "\r\n"));
  for (auto& client : clients) ASSERT_EQ(client.read_answer()->status, 200U);
  const auto idle = resident_bytes();
  for (auto& client : clients) client.send(get("/parked"));
  while (parked_count() < count) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto waiting = resident_bytes();
  std::printf("%zu connections: %zu bytes each idle, %zu each with a request that waits\n", count,
              (idle - before) / count, (waiting - before) / count);
  for (auto& respond : parked) respond(plain(200, ""));
  for (auto& client : clients) ASSERT_EQ(client.read_answer()->status, 200U);
}

}  // namespace
}  // namespace bddlock::http
