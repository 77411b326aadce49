// Called by connection.cpp; calls resolver.cpp.
#include "net/connect.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <vector>

#include "net/address.hpp"
#include "net/resolver.hpp"

namespace bddlock::net {
namespace {

std::string explain(int error, const std::string& peer) {
  if (error == ECONNREFUSED) return "connection refused by " + peer + ": no server listens there";
  if (error == ETIMEDOUT)
    return "timed out connecting to " + peer + ": it is down, or a firewall is between";
  return "cannot connect to " + peer + ": " + std::generic_category().message(error);
}

// One address, from its first packet on.
struct Attempt {
  std::string peer;
  std::unique_ptr<Socket> socket;
  std::optional<int> error;  // none while nothing is known, 0 when it is connected

  Attempt(const std::string& address, const std::string& port)
      : peer(host_and_port(address, port)) {
    std::uint16_t number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    const auto ip = parse_ip(address);
    if (!ip) {
      error = EINVAL;
      return;
    }
    const auto to = socket_address(*ip, number);
    socket = std::make_unique<Socket>(to.family());
    if (!socket->is_open() || connect(socket->descriptor(), to.get(), to.size) != 0) {
      if (errno != EINPROGRESS) error = errno;
    } else {
      error = 0;
    }
  }

  void look() {
    int found = 0;
    socklen_t size = sizeof found;
    getsockopt(socket->descriptor(), SOL_SOCKET, SO_ERROR, &found, &size);
    error = found;
  }
};

class Race {
 public:
  Race(std::vector<std::string> addresses, const std::string& port, const Limits& limits)
      : addresses_(std::move(addresses)), port_(port), limits_(limits) {}

  std::expected<Connected, NetError> run() {
    for (;;) {
      begin_due();
      if (auto* winner = first_connected())
        return Connected{std::move(winner->socket), std::move(winner->peer)};
      if (pending() == 0) return fail(attempts_.front());
      const Waited waited = wait_for(descriptors_, limits_, next_at_);
      if (waited == Waited::stopped)
        return std::unexpected(
            NetError{.detail = "stopped while connecting to " + attempts_.front().peer,
                     .step = Step::connect});
      if (waited == Waited::ready) look();
      if (waited == Waited::timed_out && SteadyClock::now() >= limits_.deadline) {
        for (auto& attempt : attempts_)
          if (!attempt.error) attempt.error = ETIMEDOUT;
        return fail(attempts_.front());
      }
    }
  }

 private:
  // Begins what is due: the next address when its time has come or all before it have failed.
  void begin_due() {
    while (attempts_.size() < addresses_.size() && first_connected() == nullptr &&
           (pending() == 0 || SteadyClock::now() >= next_at_)) {
      attempts_.emplace_back(addresses_[attempts_.size()], port_);
      next_at_ = attempts_.size() < addresses_.size() ? SteadyClock::now() + next_address_after
                                                      : SteadyClock::time_point::max();
    }
    descriptors_.clear();
    for (const auto& attempt : attempts_)
      descriptors_.push_back({attempt.error ? -1 : attempt.socket->descriptor(), POLLOUT, 0});
  }

  void look() {
    for (std::size_t i = 0; i < descriptors_.size(); ++i)
      if (descriptors_[i].revents != 0) attempts_[i].look();
  }

  [[nodiscard]] std::size_t pending() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(attempts_, [](const Attempt& one) { return !one.error; }));
  }

  [[nodiscard]] Attempt* first_connected() {
    const auto found = std::ranges::find(attempts_, 0, &Attempt::error);
    return found == attempts_.end() ? nullptr : &*found;
  }

  static std::unexpected<NetError> fail(const Attempt& attempt) {
    return std::unexpected(
        NetError{.detail = explain(*attempt.error, attempt.peer), .step = Step::connect});
  }

  std::vector<std::string> addresses_;
  const std::string& port_;
  const Limits& limits_;
  std::vector<Attempt> attempts_;
  std::vector<pollfd> descriptors_;
  SteadyClock::time_point next_at_ = SteadyClock::time_point::max();
};

}  // namespace

std::expected<Connected, NetError> connect_to(const std::string& host, const std::string& port,
                                              const Limits& limits) {
  auto addresses = resolve(host, limits);
  if (!addresses)
    return std::unexpected(NetError{.detail = std::move(addresses.error()), .step = Step::look_up});
  return Race(std::move(*addresses), port, limits).run();
}

}  // namespace bddlock::net
