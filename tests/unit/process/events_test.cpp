#include "process/events.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "probing.hpp"

namespace bddlock::process {
namespace {

using Kind = Event::Kind;

std::unique_ptr<Signals> open_signals() {
  auto signals = Signals::open();
  EXPECT_TRUE(signals) << signals.error();
  return std::move(*signals);
}

TEST(SignalsQueue, KeepsWhatComesBetweenTwoStages) {
  const auto signals = open_signals();
  EXPECT_EQ(signals->take(), std::nullopt);
  kill(getpid(), SIGTERM);
  kill(getpid(), SIGUSR1);
  std::vector<int> taken;
  while (const auto signal = signals->take()) taken.push_back(*signal);
  std::ranges::sort(taken);
  EXPECT_EQ(taken, (std::vector{SIGUSR1, SIGTERM}));
}

TEST(SignalsQueue, RemembersTheFirstStopSignal) {
  const auto signals = open_signals();
  kill(getpid(), SIGUSR1);
  EXPECT_EQ(signals->take(), SIGUSR1);
  EXPECT_EQ(signals->stopped_by(), std::nullopt);
  kill(getpid(), SIGHUP);
  EXPECT_EQ(signals->take(), SIGHUP);
  kill(getpid(), SIGTERM);
  EXPECT_EQ(signals->take(), SIGTERM);
  EXPECT_EQ(signals->stopped_by(), SIGHUP);
}

TEST(SignalsQueue, LeavesIgnoredWhatWasIgnored) {
  const auto before = signal(SIGHUP, SIG_IGN);
  {
    const auto signals = open_signals();
    kill(getpid(), SIGHUP);
    kill(getpid(), SIGINT);
    EXPECT_EQ(signals->take(), SIGINT);
    EXPECT_EQ(signals->take(), std::nullopt);
  }
  signal(SIGHUP, before);
}

TEST(SignalsQueue, LeavesTheMaskAsItWas) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  {
    const auto signals = open_signals();
  }
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (int number = 1; number < NSIG; ++number)
    EXPECT_EQ(sigismember(&before, number), sigismember(&after, number)) << number;
}

TEST(SignalsQueue, GetsWhatWasSentToAnyThread) {
  const auto signals = open_signals();
  std::atomic<bool> stop = false;
  std::thread other([&] { stop.wait(false); });
  kill(getpid(), SIGQUIT);
  EXPECT_EQ(signals->take(), SIGQUIT);
  stop = true;
  stop.notify_all();
  other.join();
}

TEST(SignalsQueue, HasNothingOfAReaderThatIsGone) {
  const auto signals = open_signals();
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  EXPECT_EQ(signals->take(), std::nullopt);
  close(ends[1]);
}

TEST(NextEvent, IsASignal) {
  const auto signals = open_signals();
  const Wakeup wakeup;
  kill(getpid(), SIGWINCH);
  EXPECT_EQ(next_event(*signals, wakeup, std::nullopt), (Event{Kind::signal, SIGWINCH}));
}

TEST(NextEvent, IsAPokeOfAnotherThread) {
  const auto signals = open_signals();
  const Wakeup wakeup;
  std::thread other([&] { wakeup.poke(); });
  EXPECT_EQ(next_event(*signals, wakeup, std::nullopt), (Event{Kind::poked}));
  other.join();
}

TEST(NextEvent, TakesManyPokesAsOne) {
  const auto signals = open_signals();
  const Wakeup wakeup;
  for (int i = 0; i < 1000; ++i) wakeup.poke();
  EXPECT_EQ(next_event(*signals, wakeup, std::nullopt), (Event{Kind::poked}));
  EXPECT_EQ(next_event(*signals, wakeup, boot_time()), (Event{Kind::time_up}));
}

TEST(NextEvent, IsTheTimeOnlyWhenItIsUp) {
  const auto signals = open_signals();
  const Wakeup wakeup;
  const milliseconds until = boot_time() + milliseconds(30);
  EXPECT_EQ(next_event(*signals, wakeup, until), (Event{Kind::time_up}));
  EXPECT_GE(boot_time(), until);
}

TEST(NextEvent, PutsSignalsFirst) {
  const auto signals = open_signals();
  const Wakeup wakeup;
  wakeup.poke();
  kill(getpid(), SIGINT);
  EXPECT_EQ(next_event(*signals, wakeup, boot_time()), (Event{Kind::signal, SIGINT}));
  EXPECT_EQ(next_event(*signals, wakeup, boot_time()), (Event{Kind::poked}));
}

TEST(NextEventAlone, DropsWhatWouldGoToACommand) {
  const auto signals = open_signals();
  const Wakeup wakeup;
  for (const int number : {SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD, SIGCONT}) kill(getpid(), number);
  EXPECT_EQ(next_event_alone(*signals, wakeup, boot_time()), (Event{Kind::time_up}));
  kill(getpid(), SIGTERM);
  EXPECT_EQ(next_event_alone(*signals, wakeup, std::nullopt), (Event{Kind::signal, SIGTERM}));
}

}  // namespace
}  // namespace bddlock::process
