// One connection to a server, plain, by TLS or through a proxy, used synchronously: each call runs
// until it is done or a limit is reached. The errors are NetErrors that know whether something was
// sent. Called by client.cpp. Threads: one at a time.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/answer_parser.hpp"
#include "net/client.hpp"
#include "net/proxy.hpp"
#include "net/stream.hpp"
#include "net/trust.hpp"

namespace bddlock::net {

// All that it takes to get to a server.
struct Route {
  Endpoint endpoint;
  std::optional<Proxy> proxy;
  std::shared_ptr<ssl_ctx_st> tls;  // where anything of it speaks TLS
  std::string trusted;              // whose certificates that has, for sentences

  // Whether requests go to the proxy as they are, not through a tunnel.
  [[nodiscard]] bool by_proxy() const { return proxy && !endpoint.tls; }
};

class Connection {
 public:
  template <class T>
  using Result = std::expected<T, NetError>;

  // Connects to the proxy or the endpoint, and does all that comes before the first request. Every
  // error is not_sent.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const Route& route,
                                                                const Limits& limits);

  // Sends the bytes of a request and reads its answer.
  [[nodiscard]] Result<ClientResponse> exchange(std::string_view request, AnswerParser& answer,
                                                const Limits& limits);

  // Whether the other side has not ended it while nobody looked.
  [[nodiscard]] bool alive();
  // Whether it can take another request.
  [[nodiscard]] bool reusable() const { return reusable_; }
  // Whether any byte of an answer to the last request came.
  [[nodiscard]] bool answer_began() const { return answer_began_; }

 private:
  Connection(std::unique_ptr<Stream> stream, std::string peer);

  [[nodiscard]] Transfer send(std::string_view request, const Limits& limits);
  [[nodiscard]] Transfer receive(AnswerParser& answer, const Limits& limits);
  [[nodiscard]] NetError explain(const AnswerParser& answer, const Transfer& last) const;
  [[nodiscard]] NetError explain_not_http() const;

  std::unique_ptr<Stream> stream_;
  std::string peer_;  // for sentences
  std::size_t sent_bytes_ = 0;
  bool answer_began_ = false;
  bool met_tls_ = false;  // the answer to plain HTTP began as TLS does
  bool reusable_ = true;
};

}  // namespace bddlock::net
