// Called by connect.cpp.
#include "net/resolver.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

#include "net/address.hpp"

namespace bddlock::net {
namespace {

struct LookUp {
  int status = ARES_ETIMEOUT;
  bool done = false;
  std::vector<std::string> addresses;
};

std::string text_of(const ares_addrinfo_node& node) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* address =
      node.ai_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(node.ai_addr)->sin_addr)
          : &reinterpret_cast<const sockaddr_in6*>(node.ai_addr)->sin6_addr;
  inet_ntop(node.ai_family, address, text.data(), text.size());
  return text.data();
}

void on_result(void* argument, int status, int, ares_addrinfo* result) {
  auto& look_up = *static_cast<LookUp*>(argument);
  look_up.done = true;
  look_up.status = status;
  if (result == nullptr) return;
  for (const auto* node = result->nodes; node != nullptr; node = node->ai_next)
    if (node->ai_family == AF_INET || node->ai_family == AF_INET6)
      look_up.addresses.push_back(text_of(*node));
  ares_freeaddrinfo(result);
}

// Lets c-ares work once: waits for its sockets, its next time-out or a limit, whichever is first.
Waited work(ares_channel channel, const Limits& limits) {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const int wanted = ares_getsock(channel, sockets.data(), ARES_GETSOCK_MAXNUM);
  std::array<pollfd, ARES_GETSOCK_MAXNUM> polled{};
  std::size_t count = 0;
  for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
    const int events = (ARES_GETSOCK_READABLE(wanted, i) ? POLLIN : 0) |
                       (ARES_GETSOCK_WRITABLE(wanted, i) ? POLLOUT : 0);
    if (events != 0)
      polled[count++] = {sockets[static_cast<std::size_t>(i)], static_cast<short>(events), 0};
  }
  timeval next{};
  const timeval* wait = ares_timeout(channel, nullptr, &next);
  const auto until = wait == nullptr ? limits.deadline
                                     : SteadyClock::now() + std::chrono::seconds(wait->tv_sec) +
                                           std::chrono::microseconds(wait->tv_usec);
  const Waited waited = wait_for(std::span(polled).first(count), limits, until);
  for (std::size_t i = 0; i < count; ++i)
    ares_process_fd(channel, (polled[i].revents & ~POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD,
                    (polled[i].revents & POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD);
  ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  return waited;
}

std::string explain(const std::string& host, int status) {
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME)
    return "unknown host \"" + host + "\": no such name is known to /etc/hosts or the name servers";
  if (status == ARES_ETIMEOUT || status == ARES_EDESTRUCTION)
    return "timed out looking up the host \"" + host +
           "\": the name servers of /etc/resolv.conf are silent";
  return "cannot look up the host \"" + host + "\": " + ares_strerror(status);
}

}  // namespace

std::expected<std::vector<std::string>, std::string> resolve(const std::string& host,
                                                             const Limits& limits) {
  if (parse_ip(host)) return std::vector{host};
  if (is_localhost(host)) return std::vector<std::string>{"127.0.0.1", "::1"};
  static std::once_flag initialised;
  std::call_once(initialised, [] { ares_library_init(ARES_LIB_INIT_ALL); });

  ares_options options{};
  std::string lookups = "fb";  // the file /etc/hosts, then the name servers
  options.lookups = lookups.data();
  ares_channel raw = nullptr;
  if (const int status = ares_init_options(&raw, &options, ARES_OPT_LOOKUPS);
      status != ARES_SUCCESS)
    return std::unexpected(explain(host, status));
  // Ends what is still open with ARES_EDESTRUCTION, so it goes before the look-up that it reports
  // to.
  LookUp look_up;
  const std::unique_ptr<ares_channeldata, decltype(&ares_destroy)> channel(raw, ares_destroy);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(raw, host.c_str(), nullptr, &hints, on_result, &look_up);
  Waited waited = Waited::ready;
  while (!look_up.done && waited != Waited::stopped && SteadyClock::now() < limits.deadline)
    waited = work(raw, limits);
  if (waited == Waited::stopped && !look_up.done)
    return std::unexpected("stopped while looking up the host \"" + host + "\"");
  if (look_up.addresses.empty())
    return std::unexpected(
        explain(host, look_up.status == ARES_SUCCESS ? ARES_ENODATA : look_up.status));
  return std::move(look_up.addresses);
}

}  // namespace bddlock::net
