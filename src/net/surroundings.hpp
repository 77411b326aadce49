// What a client takes from the process around it, as a plain struct, so that tests and programs
// without an environment set it themselves. Nothing else in this folder reads a variable.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace bddlock::net {

// A proxy's URL as somebody set it, unchecked. It may hold a password: it is never shown.
struct ProxySetting {
  std::string url;   // empty: no proxy
  std::string from;  // where it was set, "HTTPS_PROXY", for sentences
};

struct Surroundings {
  std::string ca_file;       // a file of trusted certificates in PEM form
  std::string ca_directory;  // else directories of them, with ":" between, as c_rehash makes them
  ProxySetting https_proxy;  // for https:// endpoints
  ProxySetting http_proxy;   // for http:// endpoints
  std::string no_proxy;      // whom to call directly (no_proxy.hpp)
};

// Asks `variable` for SSL_CERT_FILE, SSL_CERT_DIR, https_proxy, HTTPS_PROXY, http_proxy (not in
// capitals: a CGI program gets HTTP_PROXY from whoever calls it), all_proxy, ALL_PROXY, no_proxy
// and NO_PROXY. As in curl the small letters win; an empty variable counts as not set.
[[nodiscard]] Surroundings surroundings_from(
    const std::function<std::optional<std::string>(const std::string&)>& variable);

}  // namespace bddlock::net
