// One short key for a job from the parts that identify it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bddlock::ci {

inline constexpr std::size_t job_key_bytes_max = 128;

// 1 to 128 of [A-Za-z0-9._:-]; different parts give different keys. `kind` is a word of [a-z].
// Where all parts are made of [A-Za-z0-9._-] and short they stand there as they are:
// "gitlab:gitlab.com:42". Otherwise the key begins with what can be read of them and ends with 128
// bits of their SHA-256: "gitlab.gitlab.com-_dev-42:6f1e…".
[[nodiscard]] std::string job_key(std::string_view kind, std::span<const std::string> parts);

}  // namespace bddlock::ci
