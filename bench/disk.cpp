#include "disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "latencies.hpp"
#include "socket.hpp"

namespace bddlock::bench {
namespace {

constexpr std::size_t block_bytes = 4096;

// Two passes over the same blocks: the first one appends, the second one overwrites.
std::expected<double, std::string> pass(int fd, std::size_t writes, char fill) {
  std::array<char, block_bytes> block;
  block.fill(fill);
  Latencies times(writes);
  for (std::size_t i = 0; i < writes; ++i) {
    const Nanoseconds began = now_ns();
    const auto at = static_cast<off_t>(i * block_bytes);
    if (pwrite(fd, block.data(), block.size(), at) != static_cast<ssize_t>(block.size()) ||
        fdatasync(fd) != 0) {
      return std::unexpected("cannot write to the disk");
    }
    times.add(now_ns() - began);
  }
  return times.quantile_us(0.5);
}

}  // namespace

std::expected<DiskTimes, std::string> measure_disk(const std::string& path, std::size_t writes) {
  const Socket file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return std::unexpected("cannot create " + path);
  const auto append = pass(file.fd(), writes, 'a');
  if (!append) return std::unexpected(append.error());
  const auto overwrite = pass(file.fd(), writes, 'b');
  if (!overwrite) return std::unexpected(overwrite.error());
  return DiskTimes{*append, *overwrite};
}

}  // namespace bddlock::bench
