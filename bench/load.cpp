#include "load.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <random>

#include "names.hpp"
#include "socket.hpp"

namespace bddlock::bench {
namespace {

constexpr int silence_ms_max = 10'000;
constexpr std::size_t problems_max = 5;
constexpr std::size_t samples_expected = 1 << 20;

struct Connection {
  std::size_t number = 0;
  Socket socket;
  std::unique_ptr<Session> session;
  Call call = Call::claim;  // under way
  std::size_t repo = 0;
  std::size_t stack = 0;
  std::string name;  // of the stack, or of the repo that any stack is claimed of
  std::string received;
  Nanoseconds sent_at = 0;
};

class Load {
 public:
  Load(const LoadOptions& options, const MakeSession& make_session)
      : options_(options),
        make_session_(make_session),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        random_(options.seed),
        held_(options.stacks, false),
        tokens_(options.stacks, 0),
        contended_(options.wish == Wish::shared ||
                   (options.wish == Wish::any && options.stacks_in_repo() < options.connections)) {}

  LoadResult run() {
    if (open_all()) {
      begin();
      while (live_ > 0 && result_.problems.empty()) wait();
      if (options_.claims > 0)
        result_.seconds = static_cast<double>(now_ns() - measure_from_) / 1e9;
    }
    return std::move(result_);
  }

 private:
  bool open_all() {
    connections_.resize(options_.connections);
    for (std::size_t number = 0; number < connections_.size(); ++number) {
      connections_[number].number = number;
      if (!open(connections_[number])) return false;
    }
    return true;
  }

  // Blocking: what a server does to open a connection is no part of what is measured.
  bool open(Connection& connection) {
    connection.socket = connect_loopback(options_.port);
    if (!connection.socket) return fail("nobody answers at the port");
    connection.session = make_session_();
    const std::string_view opening = connection.session->opening();
    if (!opening.empty() && !exchange_opening(connection, opening)) return false;
    connection.socket.set_nonblocking();
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, connection.socket.fd(), &event);
    return true;
  }

  bool exchange_opening(Connection& connection, std::string_view opening) {
    if (!connection.socket.send(opening)) return fail("the opening could not be sent");
    Reply reply;
    while (reply.verdict == Verdict::incomplete) {
      if (!connection.socket.receive(connection.received)) return fail("closed at its opening");
      reply = connection.session->read(Call::open, {}, connection.received);
    }
    connection.received.clear();
    return reply.verdict == Verdict::done || fail(reply.problem);
  }

  void begin() {
    const auto seconds = [](double value) { return static_cast<Nanoseconds>(value * 1e9); };
    live_ = connections_.size();
    measure_from_ = now_ns() + seconds(options_.warm_up_seconds);
    measure_to_ = options_.claims > 0 ? std::numeric_limits<Nanoseconds>::max()
                                      : measure_from_ + seconds(options_.seconds);
    result_.seconds = options_.seconds;
    for (Connection& connection : connections_) claim(connection, now_ns());
  }

  void wait() {
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(epoll_.fd(), events.data(), events.size(), silence_ms_max);
    if (count == 0) fail("no answer within 10 s");
    for (int i = 0; i < count; ++i) {
      serve(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
  }

  void serve(Connection& connection) {
    if (!connection.socket.receive(connection.received)) {
      fail("the server closed a connection");
      live_ = 0;
      return;
    }
    const Reply reply =
        connection.session->read(connection.call, connection.name, connection.received);
    if (reply.verdict == Verdict::incomplete) return;
    if (reply.verdict == Verdict::wrong) {
      fail(reply.problem);
    } else if (reply.consumed != connection.received.size()) {
      fail("more than one answer to a request: " + connection.received.substr(0, 400));
    } else {
      answered(connection, reply);
    }
  }

  void answered(Connection& connection, const Reply& reply) {
    const Nanoseconds now = now_ns();
    const bool done = reply.verdict == Verdict::done;
    if (connection.call == Call::claim && done && !note_lent(connection, reply)) return;
    connection.received.clear();  // the reply has views into it
    if (done) ++result_.changes_in_all;
    const bool measured = now >= measure_from_ && now < measure_to_;
    if (connection.call == Call::release) {
      if (!done) return void(fail("the release of a held stack was refused: " + connection.name));
      if (measured) result_.releases.add(now - connection.sent_at);
    } else if (done) {
      if (measured) result_.claims.add(now - connection.sent_at);
      holders_.push_back(&connection);
      return release_some(now);
    } else {
      if (!contended_) return void(fail("a free stack was refused: " + connection.name));
      if (measured) ++result_.refusals;
    }
    if (!is_over(now)) {
      claim(connection, now);
    } else {
      --live_;
      release_some(now);
    }
  }

  // Which stack was lent, and that it was free to be.
  bool note_lent(Connection& connection, const Reply& reply) {
    if (options_.wish == Wish::any) {
      const auto stack = stack_number(reply.stack_name);
      if (!stack || *stack >= options_.stacks ||
          *stack / options_.stacks_in_repo() != connection.repo)
        return fail("a stack that is not of the repo: " + std::string(reply.stack_name));
      connection.stack = *stack;
      connection.name = reply.stack_name;
    }
    if (held_[connection.stack]) return fail("lent twice: " + connection.name);
    held_[connection.stack] = true;
    return options_.wish != Wish::any || note_token(connection, reply.fencing_token);
  }

  bool note_token(const Connection& connection, std::uint64_t token) {
    if (token <= tokens_[connection.stack])
      return fail("the fencing token did not rise: " + connection.name);
    tokens_[connection.stack] = token;
    return true;
  }

  // Where nobody is refused they are released at once. Where some are, a few stay held for a
  // while, or nobody could see that the server lends them twice; most connections go on, so that
  // the loop does.
  void release_some(Nanoseconds now) {
    const bool keep = contended_ && !is_over(now);
    const std::size_t keep_max = keep ? connections_.size() / 8 : 0;
    while (holders_.size() > keep_max) {
      release(*holders_.front(), now);
      holders_.pop_front();
    }
  }

  [[nodiscard]] bool is_over(Nanoseconds now) const {
    return options_.claims > 0 ? begun_ >= options_.claims : now >= measure_to_;
  }

  void claim(Connection& connection, Nanoseconds now) {
    if (options_.wish == Wish::any) {
      connection.repo = (options_.claims > 0 ? begun_ : random_()) % options_.repos;
      connection.name = repo_name(connection.repo);
    } else {
      connection.stack = draw(connection.number);
      connection.name = stack_name(connection.stack);
    }
    ++begun_;
    send(connection, Call::claim, now);
  }

  // Sending it ends the holding: from here on the server may lend the stack to another.
  void release(Connection& connection, Nanoseconds now) {
    held_[connection.stack] = false;
    send(connection, Call::release, now);
  }

  void send(Connection& connection, Call call, Nanoseconds now) {
    connection.call = call;
    connection.sent_at = now;
    if (!connection.socket.send(connection.session->request(call, connection.name))) {
      fail("a request could not be sent");
    }
  }

  std::size_t draw(std::size_t connection) {
    if (options_.wish == Wish::shared) return random_() % options_.stacks;
    const std::size_t first = connection * options_.stacks / options_.connections;
    const std::size_t last = (connection + 1) * options_.stacks / options_.connections;
    return first + random_() % (last - first);
  }

  bool fail(std::string problem) {
    if (result_.problems.size() < problems_max) result_.problems.push_back(std::move(problem));
    return false;
  }

  const LoadOptions& options_;
  const MakeSession& make_session_;
  Socket epoll_;
  std::mt19937_64 random_;
  std::vector<bool> held_;             // by stack
  std::vector<std::uint64_t> tokens_;  // by stack, the last one
  const bool contended_;               // not everybody gets a stack
  std::deque<Connection*> holders_;
  std::vector<Connection> connections_;
  std::size_t live_ = 0;
  std::size_t begun_ = 0;  // claims
  Nanoseconds measure_from_ = 0;
  Nanoseconds measure_to_ = 0;
  LoadResult result_{0, 0, Latencies(samples_expected), Latencies(samples_expected), 0, {}};
};

}  // namespace

LoadResult run_load(const LoadOptions& options, const MakeSession& make_session) {
  return Load(options, make_session).run();
}

}  // namespace bddlock::bench
