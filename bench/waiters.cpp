#include "waiters.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <fstream>
#include <optional>
#include <utility>

#include "http_answer.hpp"
#include "names.hpp"
#include "session.hpp"
#include "socket.hpp"
#include "v1_request.hpp"

namespace bddlock::bench {
namespace {

constexpr int poll_ms = 1000;

double resident_bytes(pid_t process) {
  std::ifstream pages("/proc/" + std::to_string(process) + "/statm");
  double all = 0;
  double resident = 0;
  pages >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

enum class Waits { for_nothing = 1, for_stack, for_release };

struct Client {
  Socket socket;
  Waits waits = Waits::for_nothing;
  std::string request_id;
  std::string claim_id;
  std::uint64_t fencing_token = 0;
  std::string received;
};

class Line {
 public:
  explicit Line(const WaitersOptions& options)
      : options_(options),
        requests_(options.token),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        give_up_at_(now_ns() + static_cast<Nanoseconds>(options.patience_seconds * 1e9)),
        clients_(options.waiters + 1) {}

  WaitersResult run() {
    if (begin() && park_all() && sample() && serve_all()) check_end();
    return std::move(result_);
  }

 private:
  // The one who has the stack while the others come.
  bool begin() {
    control_ = connect_loopback(options_.port);
    if (!control_) return fail("nobody answers at the port");
    if (!enqueue(clients_.front())) return false;
    return pump_until([this] { return holder_ == &clients_.front(); });
  }

  bool park_all() {
    const double before = resident_bytes(options_.server);
    for (std::size_t i = 1; i < clients_.size(); ++i) {
      if (!enqueue(clients_[i]) || !await_waiting(line_.size())) return false;
    }
    const double parked = resident_bytes(options_.server) - before;
    result_.parked_bytes = parked / static_cast<double>(options_.waiters);
    return true;
  }

  // Whoever has had the stack waits again, so that the line stays as long as it is.
  bool sample() {
    for (std::size_t i = 0; i < options_.samples; ++i) {
      Client& before = *holder_;
      const auto took = hand_on();
      if (!took) return false;
      result_.grants.add(*took);
      if (!enqueue(before) || !await_waiting(line_.size())) return false;
    }
    return true;
  }

  bool serve_all() {
    const Nanoseconds began = now_ns();
    const std::size_t before_all = result_.in_order;
    while (!line_.empty()) {
      Client& before = *holder_;
      if (!hand_on()) return false;
      before.socket = {};
    }
    result_.served_in_order = result_.in_order - before_all;
    result_.served_seconds = static_cast<double>(now_ns() - began) / 1e9;
    return true;
  }

  void check_end() {
    const Client& last = *holder_;
    if (!release()) return;
    if (!pump_until([&] { return last.waits == Waits::for_nothing; }) || !await_waiting(0)) return;
    if (json_count(repo_, "available") != 1)
      fail("the stack is not available in the end: " + repo_);
  }

  // Releases, and how long it took until the next one had the stack. Whatever comes first, the
  // next one's answer or the release's own, both are awaited.
  std::optional<Nanoseconds> hand_on() {
    Client& before = *holder_;
    const Nanoseconds began = now_ns();
    if (!release()) return std::nullopt;
    const bool came = pump_until([&] { return holder_ != &before; }) &&
                      pump_until([&] { return before.waits == Waits::for_nothing; });
    if (!came) return std::nullopt;
    return granted_at_ - began;
  }

  bool release() {
    Client& client = *holder_;
    client.waits = Waits::for_release;
    is_lent_ = false;  // from here on another may have it
    return client.socket.send(requests_.release(client.claim_id)) ||
           fail("a release could not be sent");
  }

  bool enqueue(Client& client) {
    if (!client.socket && !open(client)) return false;
    client.request_id = "wait-" + std::to_string(++last_id_);
    line_.push_back(&client);
    return call(client);
  }

  bool open(Client& client) {
    client.socket = connect_loopback(options_.port);
    if (!client.socket) return fail("no further connection is taken");
    client.socket.set_nonblocking();
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &client}};
    epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, client.socket.fd(), &event);
    return true;
  }

  bool call(Client& client) {
    client.waits = Waits::for_stack;
    return client.socket.send(
               requests_.claim(repo_name(0), client.request_id, options_.wait_seconds)) ||
           fail("a request could not be sent");
  }

  // Until the server counts so many. Calls that end meanwhile are repeated.
  bool await_waiting(std::size_t count) {
    for (;;) {
      if (!show_repo()) return false;
      if (json_count(repo_, "waiting") == count) return true;
      if (now_ns() > give_up_at_) return fail("not so many wait: " + repo_);
      if (!pump(0)) return false;
    }
  }

  bool show_repo() {
    if (!control_.send(requests_.show_repo(repo_name(0)))) return fail("a look could not be sent");
    std::string received;
    HttpAnswer answer;
    while (answer.bytes == 0) {
      if (!control_.receive(received)) return fail("the server closed a connection");
      answer = parse_http_answer(received);
    }
    repo_ = answer.body;
    return answer.status == 200 || fail("the repo is not shown: " + received.substr(0, 400));
  }

  template <class Condition>
  bool pump_until(const Condition& is_met) {
    while (!is_met()) {
      if (now_ns() > give_up_at_) return fail("the line does not move any more");
      if (!pump(poll_ms)) return false;
    }
    return true;
  }

  bool pump(int timeout_ms) {
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(epoll_.fd(), events.data(), events.size(), timeout_ms);
    for (int i = 0; i < count; ++i) {
      if (!serve(*static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr))) return false;
    }
    return true;
  }

  bool serve(Client& client) {
    if (!client.socket.receive(client.received)) return fail("the server closed a connection");
    const HttpAnswer answer = parse_http_answer(client.received);
    if (answer.bytes == 0) return true;
    if (answer.bytes != client.received.size())
      return fail("more than one answer: " + client.received.substr(0, 400));
    const std::string received = std::exchange(client.received, {});
    if (client.waits == Waits::for_stack) return answered(client, parse_http_answer(received));
    if (client.waits == Waits::for_release) return released(client, parse_http_answer(received));
    return fail("an answer to nothing: " + received.substr(0, 400));
  }

  bool answered(Client& client, const HttpAnswer& answer) {
    if (answer.status == 202 && json_string(answer.body, "requestId") == client.request_id) {
      ++result_.repeats;
      return call(client);
    }
    const auto claim = read_claim(answer.body, client.request_id, repo_name(0));
    if (answer.status != 200 || !claim || claim->stack_name != stack_name(0))
      return fail("neither a claim nor a place: " + std::string(answer.body.substr(0, 400)));
    granted_at_ = now_ns();
    client.waits = Waits::for_nothing;
    client.claim_id = claim->claim_id;
    client.fencing_token = claim->fencing_token;
    return note_turn(client);
  }

  bool note_turn(Client& client) {
    if (is_lent_)
      return fail("lent twice: to " + holder_->request_id + " and to " + client.request_id);
    if (line_.front() != &client)
      return fail("out of order: " + client.request_id + " before " + line_.front()->request_id);
    if (client.fencing_token <= last_token_) return fail("the fencing token did not rise");
    line_.pop_front();
    last_token_ = client.fencing_token;
    holder_ = &client;
    is_lent_ = true;
    ++result_.in_order;
    return true;
  }

  bool released(Client& client, const HttpAnswer& answer) {
    const bool done = is_release_of(answer.body, stack_name(0), client.fencing_token);
    if (answer.status != 200 || !done)
      return fail("no release of this claim: " + std::string(answer.body.substr(0, 400)));
    client.waits = Waits::for_nothing;
    return true;
  }

  bool fail(std::string problem) {
    result_.problems.push_back(std::move(problem));
    return false;
  }

  const WaitersOptions& options_;
  const V1Requests requests_;
  Socket epoll_;
  Socket control_;
  const Nanoseconds give_up_at_;
  std::vector<Client> clients_;
  std::deque<Client*> line_;  // who waits, in the order of coming
  Client* holder_ = nullptr;  // who was granted last
  bool is_lent_ = false;      // and has not begun to release
  std::uint64_t last_token_ = 0;
  Nanoseconds granted_at_ = 0;
  std::size_t last_id_ = 0;
  std::string repo_;  // as it was shown last
  WaitersResult result_{Latencies(1 << 14), 0, 0, 0, 0, 0, {}};
};

}  // namespace

WaitersResult measure_waiters(const WaitersOptions& options) { return Line(options).run(); }

}  // namespace bddlock::bench
