#include "cli/background.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "cli/claim_folder.hpp"
#include "cli/files.hpp"
#include "process/table.hpp"

namespace bddlock::cli {

namespace {

constexpr milliseconds look_around_every{1'000};
constexpr milliseconds background_call_limit{10'000};
// After the lease's end by this client's clock, which is the earliest that it can be.
constexpr milliseconds surely_over_after{30'000};

// Process numbers are used again: with its start it is one for good.
struct Session {
  pid_t leader = 0;
  std::uint64_t started = 0;

  [[nodiscard]] bool is_alive() const {
    const auto entry = process::process_entry(leader);
    return entry && entry->started == started && entry->is_alive();
  }
};

Session own_session() {
  const pid_t leader = getsid(0);
  const auto entry = process::process_entry(leader);
  return entry ? Session{leader, entry->started} : Session{};
}

// Whoever reads a step's output to its end must not wait for this process.
void let_go_of_the_step(int channel) {
  setsid();
  const int nowhere = open("/dev/null", O_RDWR);
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nowhere, number);
  dup2(channel, STDERR_FILENO + 1);
  const int first = STDERR_FILENO + 2;
  if (syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
  for (int number = first; number < 1024; ++number) close(number);
}

void receive_signals_again() {
  sigset_t none;
  sigemptyset(&none);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void work(const Environment& env, const BackgroundJob& job, Lease lease,
                       const Session& session, int channel) {
  let_go_of_the_step(channel);
  receive_signals_again();
  char go = 0;
  if (read(STDERR_FILENO + 1, &go, 1) != 1) _exit(0);
  close(STDERR_FILENO + 1);
  std::ostringstream unheard;
  Environment quiet = env;
  quiet.err = &unheard;
  auto remote = open_remote(quiet, job.client);
  BackgroundWork task(quiet, job, std::move(lease));
  while (remote && task.goes_on(*remote, job.has_ci || session.leader == 0 || session.is_alive()))
    quiet.sleep(look_around_every);
  _exit(0);
}

}  // namespace

std::expected<Background, std::string> Background::start(const Environment& env,
                                                         const BackgroundJob& job, Lease lease) {
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return std::unexpected(system_fault("make", "a socket"));
  process::Descriptor ours(ends[0]);
  const process::Descriptor theirs(ends[1]);
  const Session session = own_session();
  const pid_t pid = fork();
  if (pid < 0) return std::unexpected(system_fault("start", "a process in the background"));
  if (pid == 0) {
    ours.reset();
    work(env, job, std::move(lease), session, theirs.get());
  }
  const auto entry = process::process_entry(pid);
  return Background({pid, entry ? entry->started : 0}, std::move(ours));
}

void Background::go() {
  const char go = 1;
  [[maybe_unused]] const auto sent = send(channel_.get(), &go, 1, MSG_NOSIGNAL);
  channel_.reset();
}

bool BackgroundWork::is_still_kept() const {
  const auto file = read_claim_file(job_.place, job_.job_key);
  return file && *file && std::ranges::any_of((*file)->claims, [this](const KeptClaim& claim) {
           return claim.claim_id == job_.claim_id;
         });
}

bool BackgroundWork::goes_on(Remote& remote, bool is_alive) {
  const milliseconds now = env_.since_boot();
  if (!is_alive || now >= end_ || !is_still_kept()) return false;
  if (now < lease_.due()) return true;
  const auto extension =
      extend_claim(remote, job_.claim_id, std::nullopt, {.whole = background_call_limit});
  if (extension) {
    lease_.extended(*extension);
  } else {
    lease_.failed(env_.since_boot());
  }
  if (extension) return true;
  return extension.error().exit != ExitCode::claim_lost &&
         env_.since_boot() < lease_.ends_at() + surely_over_after;
}

}  // namespace bddlock::cli
