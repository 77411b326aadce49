// kill -9 in the middle of commits: what was acknowledged is there at the next start.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "unit/stores/sqlite/table_steps.hpp"

namespace bddlock::tests {
namespace {

constexpr int rounds = 50;
constexpr int batch = 5;

std::string name_of(int round, int number, int place) {
  return std::to_string(round) + "-" + std::to_string(number) + "-" + std::to_string(place);
}

// Commits batches for ever and writes one byte for each that was acknowledged.
[[noreturn]] void commit_until_killed(const std::string& file, int round, int acknowledge) {
  auto table = stores::open_sqlite_table(file);
  if (!table) _exit(1);
  for (int number = 0;; ++number) {
    std::vector<std::string> names;
    for (int place = 0; place < batch; ++place) names.push_back(name_of(round, number, place));
    if (!commit_stacks(*table->store, names)) _exit(1);
    if (write(acknowledge, "x", 1) != 1) _exit(1);
  }
}

int count_until_end(int from) {
  int count = 0;
  char bytes[256];
  for (ssize_t got = 0; (got = read(from, bytes, sizeof bytes)) > 0;) {
    count += static_cast<int>(got);
  }
  return count;
}

// How many batches were acknowledged before the kill.
int run_and_kill(const std::string& file, int round, int wait_us) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    commit_until_killed(file, round, ends[1]);
  }
  close(ends[1]);
  char first = 0;
  EXPECT_EQ(read(ends[0], &first, 1), 1);
  usleep(static_cast<useconds_t>(wait_us));
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
  const int acknowledged = 1 + count_until_end(ends[0]);
  close(ends[0]);
  return acknowledged;
}

TEST(Kill, LosesNothingThatWasAcknowledgedAndHalvesNoBatch) {
  const TableFolder folder;
  std::mt19937 random(11);
  std::vector<int> acknowledged;
  for (int round = 0; round < rounds; ++round) {
    const int wait_us = std::uniform_int_distribution<int>(0, 30'000)(random);
    acknowledged.push_back(run_and_kill(folder.file(), round, wait_us));
    const auto table = open_or_fail(folder.file());
    const int last = acknowledged.back();
    for (int number = 0; number <= last; ++number) {  // the one behind may be there, but whole
      const bool there = has(*table.reader, name_of(round, number, 0));
      EXPECT_TRUE(there || number == last) << name_of(round, number, 0);
      for (int place = 1; place < batch; ++place) {
        EXPECT_EQ(has(*table.reader, name_of(round, number, place)), there);
      }
    }
  }
  const auto table = open_or_fail(folder.file());
  for (int round = 0; round < rounds; ++round) {
    const int last = acknowledged[static_cast<std::size_t>(round)] - 1;
    EXPECT_TRUE(has(*table.reader, name_of(round, last, batch - 1))) << round;
  }
  EXPECT_GT(*std::ranges::max_element(acknowledged), 1);
}

}  // namespace
}  // namespace bddlock::tests
