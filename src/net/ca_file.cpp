// Called by trust.cpp.
#include "net/ca_file.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace bddlock::net {
namespace {

using Der = std::vector<unsigned char>;
template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

struct Undecoded {
  Der der;
  Owned<X509_NAME> subject;
};
using Certificates = std::vector<Undecoded>;

// Walks over DER values, one after the other.
class Walk {
 public:
  explicit Walk(const Der& der) : at_(der.data()), end_(at_ + der.size()) {}

  bool enter_sequence() {
    const auto body = next_body(V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    if (body) at_ = *body;
    return body.has_value();
  }
  bool skip(int tag, int tag_class = V_ASN1_UNIVERSAL) {
    const auto body = next_body(tag, tag_class);
    if (body) at_ = *body + length_;
    return body.has_value();
  }
  [[nodiscard]] const unsigned char* at() const { return at_; }
  [[nodiscard]] long left() const { return end_ - at_; }

 private:
  std::optional<const unsigned char*> next_body(int tag, int tag_class) {
    const unsigned char* body = at_;
    int found = 0;
    int found_class = 0;
    const int how = ASN1_get_object(&body, &length_, &found, &found_class, left());
    if ((how & 0x80) != 0 || found != tag || found_class != tag_class) return std::nullopt;
    return body;
  }

  const unsigned char* at_;
  const unsigned char* end_;
  long length_ = 0;
};

// Of a certificate as RFC 5280 has it: SEQUENCE { SEQUENCE { [0] version, serial number, algorithm,
// issuer, validity, subject, ... } ... }.
Owned<X509_NAME> subject_of(const Der& certificate) {
  Walk walk(certificate);
  if (!walk.enter_sequence() || !walk.enter_sequence()) return {nullptr, X509_NAME_free};
  static_cast<void>(walk.skip(0, V_ASN1_CONTEXT_SPECIFIC));
  const bool there = walk.skip(V_ASN1_INTEGER) && walk.skip(V_ASN1_SEQUENCE) &&
                     walk.skip(V_ASN1_SEQUENCE) && walk.skip(V_ASN1_SEQUENCE);
  const unsigned char* at = walk.at();
  return {there ? d2i_X509_NAME(nullptr, &at, walk.left()) : nullptr, X509_NAME_free};
}

void take(Certificates& all, std::string_view label, const unsigned char* data, long size) {
  if (label != PEM_STRING_X509 && label != PEM_STRING_X509_OLD) return;
  Der der(data, data + size);
  auto subject = subject_of(der);
  if (subject) all.push_back({std::move(der), std::move(subject)});
}

// All certificates of the file; none if one is damaged.
Certificates read(const std::string& path) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), BIO_free);
  Certificates all;
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  ERR_clear_error();
  while (file && PEM_read_bio(file.get(), &name, &header, &data, &size) == 1) {
    take(all, name, data, size);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) all.clear();
  ERR_clear_error();
  return all;
}

void free_certificates(void*, void* certificates, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Certificates*>(certificates);
}

// Where a store keeps the certificates that belong to it.
int index() {
  static const int made =
      X509_STORE_get_ex_new_index(0, nullptr, nullptr, nullptr, free_certificates);
  return made;
}

// All of that name, as there may be several (an authority that was renewed). The store takes none
// twice, and locks itself.
void decode(X509_STORE* store, const X509_NAME* name) {
  const auto* all = static_cast<Certificates*>(X509_STORE_get_ex_data(store, index()));
  for (const auto& [der, subject] : *all) {
    if (X509_NAME_cmp(subject.get(), name) != 0) continue;
    const unsigned char* at = der.data();
    const Owned<X509> decoded(d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
    if (decoded) X509_STORE_add_cert(store, decoded.get());
  }
}

// The two ways in which a verification asks a store. What the store then says is OpenSSL's own.
int get_issuer(X509** issuer, X509_STORE_CTX* context, X509* certificate) {
  decode(X509_STORE_CTX_get0_store(context), X509_get_issuer_name(certificate));
  return X509_STORE_CTX_get1_issuer(issuer, context, certificate);
}

STACK_OF(X509) * get_certificates(X509_STORE_CTX* context, const X509_NAME* name) {
  decode(X509_STORE_CTX_get0_store(context), name);
  return X509_STORE_CTX_get1_certs(context, name);
}

}  // namespace

bool add_ca_file(X509_STORE& store, const std::string& path) {
  auto certificates = std::make_unique<Certificates>(read(path));
  if (certificates->empty()) return false;
  if (X509_STORE_set_ex_data(&store, index(), certificates.get()) != 1) return false;
  static_cast<void>(certificates.release());  // the store's from here on
  X509_STORE_set_get_issuer(&store, get_issuer);
  X509_STORE_set_lookup_certs(&store, get_certificates);
  return true;
}

}  // namespace bddlock::net
