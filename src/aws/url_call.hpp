// One call of a URL inside or outside the machine, for credentials. Private to aws.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "net/client.hpp"

namespace bddlock::aws {

struct UrlCall {
  std::string method = "GET";
  std::string url;  // a query included
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds time_limit{5'000};
};

// The error is a sentence; `wrong_url` says that nothing was called.
struct UrlError {
  std::string detail;
  bool wrong_url = false;
};
[[nodiscard]] std::expected<net::ClientResponse, UrlError> call_url(
    const UrlCall& call, const net::Surroundings& surroundings);

// Inside the machine: never through a proxy.
[[nodiscard]] net::Surroundings without_proxies(const net::Surroundings& surroundings);

}  // namespace bddlock::aws
