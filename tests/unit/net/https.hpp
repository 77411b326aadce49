// What the tests of HTTPS share: an authority, servers that it certifies, and clients that trust
// it.
#pragma once

#include <gtest/gtest.h>

#include "certificates.hpp"
#include "fake_server.hpp"
#include "net/client.hpp"

namespace bddlock::net {

// Made once: keys take time.
struct Pki {
  Folder folder;
  Certificate authority = self_signed({.subject = "Test Authority", .is_authority = true});
  std::string ca_file = folder.file("ca.pem", authority.pem());
  Certificate good =
      signed_by(authority, {.subject = "good", .names = {"localhost", "127.0.0.1", "locks.test"}});
  ServerContext context = server_context(good);

  static const Pki& get() {
    static const Pki pki;
    return pki;
  }
};

inline Surroundings trusting(std::string ca_file = Pki::get().ca_file) {
  Surroundings surroundings;
  surroundings.ca_file = std::move(ca_file);
  return surroundings;
}

inline Client client_of(const FakeServer& server, Surroundings surroundings = trusting(),
                        std::string host = "localhost") {
  return Client({std::move(host), std::to_string(server.port), "", true}, std::move(surroundings));
}

inline ClientRequest get(std::string target) {
  return {.method = "GET", .target = std::move(target)};
}
inline ClientRequest put(std::string target) {
  return {.method = "PUT", .target = std::move(target)};
}

// A script that begins with the handshake.
inline std::function<void(Peer&, int)> by_tls(std::function<void(Peer&, int)> script,
                                              ServerContext context = Pki::get().context) {
  return [script = std::move(script), context = std::move(context)](Peer& peer, int nth) {
    if (peer.start_tls(*context))
      script(peer, nth);
    else
      peer.drain();
  };
}

inline void answer_all(Peer& peer, int) {
  while (!peer.read_request().empty()) peer.answer("hello");
}

using Answered = std::expected<ClientResponse, NetError>;

inline void expect_body(const Answered& result, std::string_view body) {
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(result->body, body);
}

inline void expect_failure(const Answered& result, Failure failure, std::string_view says) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, failure) << result.error().detail;
  EXPECT_NE(result.error().detail.find(says), std::string::npos) << result.error().detail;
}

// One that no repeat will mend.
inline void expect_mistake(const Answered& result, Step step, std::string_view says) {
  expect_failure(result, Failure::not_sent, says);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().step, step) << result.error().detail;
  EXPECT_TRUE(result.error().permanent) << result.error().detail;
}

}  // namespace bddlock::net
