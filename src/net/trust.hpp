// Whom a client trusts: where the certificates of authorities are, and the OpenSSL context with
// them. Any thread.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/surroundings.hpp"

struct ssl_ctx_st;

namespace bddlock::net {

// Debian and Alpine, Red Hat and Amazon Linux, SUSE, Red Hat's second, Alpine's and the BSDs'
// other.
[[nodiscard]] std::span<const std::string_view> usual_ca_files();

struct CaSource {
  std::string file;         // either this one
  std::string directories;  // or these
  std::string from = {};    // the variable that names it; empty: one of the usual places

  [[nodiscard]] std::string name() const;  // "/etc/ssl/cert.pem", "/x (SSL_CERT_FILE)"
};

// ca_file, else ca_directory, else the first of `places` that can be read. The error is a sentence:
// which were tried, and what to do.
[[nodiscard]] std::expected<CaSource, std::string> find_ca(
    const Surroundings& surroundings, std::span<const std::string_view> places = usual_ca_files());

// For TLS 1.2 and later, with the certificates of `source` and every check of the server on.
// Reading them takes tens of milliseconds, so Clients of one source share one, for as long as one
// of them lives. The error is a sentence.
[[nodiscard]] std::expected<std::shared_ptr<ssl_ctx_st>, std::string> tls_context(
    const CaSource& source);

}  // namespace bddlock::net
