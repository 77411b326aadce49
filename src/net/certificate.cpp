// Called by tls.cpp.
#include "net/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <time.h>

#include <array>
#include <memory>
#include <string_view>

namespace bddlock::net {
namespace {

constexpr std::size_t shown_bytes_max = 200;

// A stranger wrote it, and it may be shown on a terminal.
std::string printable(std::string_view text) {
  std::string clean(text.substr(0, shown_bytes_max));
  for (char& c : clean)
    if (c < ' ' || c > '~') c = '?';
  return text.size() > shown_bytes_max ? clean + "..." : clean;
}

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string("\"").append(printable({data, static_cast<std::size_t>(size)})) + "\"";
}

std::string time_text(const ASN1_TIME* time) {
  tm parts{};
  std::array<char, 32> text{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "a time that is none";
  strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text.data();
}

std::string string_text(const ASN1_STRING* string) {
  return printable({reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                    static_cast<std::size_t>(ASN1_STRING_length(string))});
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int size = ASN1_STRING_length(bytes);
  if (size != 4 && size != 16) return "?";
  inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(bytes), text.data(), text.size());
  return text.data();
}

// The names that the certificate is for, "a.example, *.b.example, 10.0.0.1".
std::string names_of(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::string all;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    const std::string separator = all.empty() ? "" : ", ";
    if (all.size() > shown_bytes_max) return all + separator + "and others";
    all += separator +
           (name->type == GEN_DNS ? string_text(name->d.dNSName) : address_of(name->d.iPAddress));
  }
  return all;
}

std::string wrong_name(const X509* certificate, const std::string& server,
                       const std::string& host) {
  const std::string names = names_of(certificate);
  if (names.empty())
    return "the certificate of " + server + " has no names in its subjectAltName (its subject " +
           name_text(X509_get_subject_name(certificate)) +
           " does not count), so it fits no host; make it anew for " + host;
  return "the certificate of " + server + " is for " + names + " and not for " + host +
         ". Is the endpoint right, and does the name lead to the right machine?";
}

// "the certificate of h:443", or of an authority above it.
std::string which(X509_STORE_CTX& checked, const X509* certificate, const std::string& server) {
  if (X509_STORE_CTX_get_error_depth(&checked) == 0) return "the certificate of " + server;
  return "the certificate of the authority " + name_text(X509_get_subject_name(certificate)) +
         ", by which " + server + " is certified,";
}

std::string unknown_authority(const X509* certificate, const std::string& server,
                              const std::string& trusted) {
  return "the certificate of " + server + " is signed by " +
         name_text(X509_get_issuer_name(certificate)) + ", which is not in " + trusted +
         ". If your organisation has an authority of its own, or a proxy that looks into TLS, put "
         "that authority's certificate into a file and name it in SSL_CERT_FILE; if not, the "
         "server "
         "may have left out its intermediate certificate";
}

}  // namespace

std::string explain_verification(X509_STORE_CTX& checked, const std::string& server,
                                 const std::string& host, const std::string& trusted) {
  const X509* certificate = X509_STORE_CTX_get_current_cert(&checked);
  const int error = X509_STORE_CTX_get_error(&checked);
  const std::string other =
      "the certificate of " + server + " is refused: " + X509_verify_cert_error_string(error);
  if (certificate == nullptr) return other;
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return which(checked, certificate, server) + " expired on " +
             time_text(X509_get0_notAfter(certificate)) +
             ": it must be renewed, unless this machine's clock is wrong";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return which(checked, certificate, server) + " is valid from " +
             time_text(X509_get0_notBefore(certificate)) + " only: is this machine's clock wrong?";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return wrong_name(certificate, server, host);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "the certificate of " + server + " is signed by itself and not in " + trusted +
             ". If it is meant to be, put it into a file and name that in SSL_CERT_FILE";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return unknown_authority(certificate, server, trusted);
    default:
      return other;
  }
}

}  // namespace bddlock::net
