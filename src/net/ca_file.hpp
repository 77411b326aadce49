// A file of trusted certificates that OpenSSL asks one by one. Decoding all 140 of a usual one
// takes OpenSSL 3.0 some 40 ms, which every single command would pay; a connection needs one or
// two.
#pragma once

#include <string>

struct x509_store_st;

namespace bddlock::net {

// Makes the certificates of the file (PEM, "CERTIFICATE" and "X509 CERTIFICATE") known to the
// store, undecoded; those that a verification looks for by their subject are decoded then. False:
// there is none in it, or a damaged one.
[[nodiscard]] bool add_ca_file(x509_store_st& store, const std::string& path);

}  // namespace bddlock::net
