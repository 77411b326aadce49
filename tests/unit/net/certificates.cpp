#include "certificates.hpp"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace bddlock::net {
namespace {

// A test with a certificate that could not be made would test something else.
void require(bool done) {
  if (!done) std::abort();
}

void add_extension(X509* x509, const X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, const_cast<X509*>(issuer), x509, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  require(extension != nullptr && X509_add_ext(x509, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) {
    const bool is_ip = name.find_first_not_of("0123456789.") == std::string::npos ||
                       name.find(':') != std::string::npos;
    all += (all.empty() ? "" : ",") + std::string(is_ip ? "IP:" : "DNS:") + name;
  }
  return all;
}

Certificate unsigned_one(const CertificateWishes& wishes) {
  const std::shared_ptr<X509> x509(X509_new(), X509_free);
  const std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  require(x509 && key);
  X509_set_version(x509.get(), X509_VERSION_3);
  std::array<unsigned char, 8> serial{};
  RAND_bytes(serial.data(), serial.size());
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 1);
  BIGNUM* number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509.get()));
  BN_free(number);
  constexpr long day = 24L * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), wishes.from_days * day);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), wishes.to_days * day);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wishes.subject.c_str()), -1, -1,
                             0);
  X509_set_pubkey(x509.get(), key.get());
  return {x509, key};
}

void sign(const Certificate& one, const Certificate& issuer, const CertificateWishes& wishes) {
  X509* x509 = one.x509.get();
  X509_set_issuer_name(x509, X509_get_subject_name(issuer.x509.get()));
  add_extension(x509, issuer.x509.get(), NID_basic_constraints,
                wishes.is_authority ? "critical,CA:TRUE" : "CA:FALSE");
  add_extension(x509, issuer.x509.get(), NID_subject_key_identifier, "hash");
  add_extension(x509, issuer.x509.get(), NID_authority_key_identifier, "keyid:always");
  if (!wishes.names.empty())
    add_extension(x509, issuer.x509.get(), NID_subject_alt_name, alternative_names(wishes.names));
  require(X509_sign(x509, issuer.key.get(), EVP_sha256()) > 0);
}

}  // namespace

Certificate self_signed(const CertificateWishes& wishes) {
  auto one = unsigned_one(wishes);
  sign(one, one, wishes);
  return one;
}

Certificate signed_by(const Certificate& issuer, const CertificateWishes& wishes) {
  auto one = unsigned_one(wishes);
  sign(one, issuer, wishes);
  if (X509_self_signed(issuer.x509.get(), 0) == 1) return one;
  one.above = issuer.above;
  one.above.insert(one.above.begin(), issuer.x509);
  return one;
}

std::string Certificate::pem() const {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  require(PEM_write_bio_X509(out.get(), x509.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

ServerContext server_context(const Certificate& certificate) {
  ServerContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  require(SSL_CTX_use_certificate(context.get(), certificate.x509.get()) == 1);
  require(SSL_CTX_use_PrivateKey(context.get(), certificate.key.get()) == 1);
  for (const auto& one : certificate.above)
    require(SSL_CTX_add1_chain_cert(context.get(), one.get()) == 1);
  return context;
}

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "bdd-lock-net-XXXXXX").string();
  require(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Folder::file(const std::string& name, const std::string& text) const {
  std::ofstream(path_ / name) << text;
  return (path_ / name).string();
}

}  // namespace bddlock::net
