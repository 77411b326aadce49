// The plain functions: EVP would first read the host's openssl.cnf, which may name modules that a
// static program cannot load.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ci/job_key.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace bddlock::ci {

namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

constexpr std::size_t digest_bytes = 16;

std::string digest_of(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, text.data(), text.size());
  SHA256_Final(digest.data(), &state);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (std::size_t i = 0; i < digest_bytes; ++i)
    result += {digits[digest[i] >> 4], digits[digest[i] & 15]};
  return result;
}

std::string readable(std::string_view text, std::size_t most) {
  std::string result(text.substr(0, most));
  std::ranges::replace_if(result, [](char c) { return !is_plain(c); }, '_');
  return result;
}

}  // namespace

std::string job_key(std::string_view kind, std::span<const std::string> parts) {
  std::string plain(kind);
  // Each part with its length in front: no two lists of parts make the same text.
  std::string whole(kind);
  std::string shown;
  bool is_all_plain = true;
  for (const std::string& part : parts) {
    plain += ":" + part;
    whole += ":" + std::to_string(part.size()) + ":" + part;
    shown += (shown.empty() || part.empty() ? "" : "-") + part;
    is_all_plain = is_all_plain && std::ranges::all_of(part, is_plain);
  }
  if (is_all_plain && plain.size() <= job_key_bytes_max) return plain;
  // A plain key has a colon where this has the dot, so the two kinds never meet.
  const std::size_t room = job_key_bytes_max - kind.size() - 2 - 2 * digest_bytes;
  return std::string(kind) + "." + readable(shown, room) + ":" + digest_of(whole);
}

}  // namespace bddlock::ci
