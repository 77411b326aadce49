// What is wrong with a server's certificate, in sentences. Beside ca_file.cpp, trust.cpp and
// tls.cpp the only one that knows OpenSSL.
#pragma once

#include <string>

struct x509_store_ctx_st;

namespace bddlock::net {

// Of a verification that has just failed, `checked` as OpenSSL's verify callback gets it: what and
// why, and what to do. `server` is "host:port", `host` whose certificate it had to be, `trusted`
// the name of the CaSource.
[[nodiscard]] std::string explain_verification(x509_store_ctx_st& checked,
                                               const std::string& server, const std::string& host,
                                               const std::string& trusted);

}  // namespace bddlock::net
