#include "aws/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdlib>

namespace bddlock::aws {
namespace {

constexpr std::size_t digest_bytes = 32;
constexpr std::size_t sha1_bytes = 20;

// No openssl.cnf: it may name modules, which a static program must not load.
void set_up_openssl() {
  static const bool done = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1;
  if (!done) std::abort();
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string digest_of(const char* name, std::size_t bytes, std::string_view text) {
  set_up_openssl();
  std::string digest(bytes, '\0');
  std::size_t size = digest.size();
  // Only memory can run out here.
  if (EVP_Q_digest(nullptr, name, nullptr, text.data(), text.size(), bytes_of(digest), &size) != 1)
    std::abort();
  return digest;
}

}  // namespace

std::string sha256(std::string_view text) { return digest_of("SHA256", digest_bytes, text); }

std::string sha1(std::string_view text) { return digest_of("SHA1", sha1_bytes, text); }

std::string hmac_sha256(std::string_view key, std::string_view text) {
  set_up_openssl();
  std::string digest(digest_bytes, '\0');
  std::size_t size = digest.size();
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(), bytes_of(text),
                text.size(), bytes_of(digest), digest.size(), &size) == nullptr)
    std::abort();
  return digest;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += digits[byte >> 4];
    hex += digits[byte & 0xf];
  }
  return hex;
}

}  // namespace bddlock::aws
