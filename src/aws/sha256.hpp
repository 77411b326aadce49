// SHA-256 and HMAC-SHA-256, by OpenSSL. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace bddlock::aws {

// For the names of files that Amazon's CLI makes; for nothing that must be safe.
[[nodiscard]] std::string sha1(std::string_view text);

// 32 bytes.
[[nodiscard]] std::string sha256(std::string_view text);
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view text);

[[nodiscard]] std::string to_hex(std::string_view bytes);  // in small letters

}  // namespace bddlock::aws
