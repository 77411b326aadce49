// A stand-in of Amazon's services for credentials, and what a source's answer must be.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "aws/credential_sources.hpp"
#include "unit/aws/fake_surroundings.hpp"
#include "unit/net/fake_server.hpp"

namespace bddlock::aws {

// Answers each request by its first line; what is not known is 404. Keeps what it was sent.
class StandIn {
 public:
  explicit StandIn(Texts answers)
      : answers_(std::move(answers)), server_([this](net::Peer& peer, int) {
          for (std::string request = peer.read_request(); !request.empty();
               request = peer.read_request()) {
            const std::string line = request.substr(0, request.find(" HTTP/1.1"));
            seen.push_back(request);
            const auto found = answers_.find(line);
            if (found == answers_.end())
              peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            else
              peer.answer(found->second);
          }
        }) {}
  [[nodiscard]] std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(server_.port) + path;
  }

  std::vector<std::string> seen;  // read it only when the calls are over

 private:
  Texts answers_;
  net::FakeServer server_;
};

inline void expect_trouble(const Found& found, std::string_view says) {
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().find(says), std::string::npos) << found.error();
}

inline void expect_none(const Found& found) {
  ASSERT_TRUE(found) << found.error();
  EXPECT_FALSE(*found);
}

}  // namespace bddlock::aws
