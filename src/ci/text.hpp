// Small pure functions on what CI variables hold.
#pragma once

#include <string>
#include <string_view>

namespace bddlock::ci {

inline constexpr std::size_t holder_bytes_max = 1024;  // of each field, by the API v1

// One line of valid UTF-8: control characters become spaces, other bytes '?', and what is longer
// than `most` bytes is cut between two characters.
[[nodiscard]] std::string clean_line(std::string_view text, std::size_t most = holder_bytes_max);

// The link, or nothing if it is no http or https URL of a host as the API v1 takes it. One that is
// too long is left out rather than cut: half a link leads elsewhere.
[[nodiscard]] std::string link_or_nothing(std::string_view text);

// "acme/shop" of https://user:secret@host/acme/shop.git, git@host:acme/shop.git and the like: a
// remote's address may hold a secret, its path does not. Nothing if there is none.
[[nodiscard]] std::string repo_of_remote(std::string_view remote);

// "main" of refs/heads/main, "v1" of refs/tags/v1, "12/merge" of refs/pull/12/merge.
[[nodiscard]] std::string without_ref(std::string_view ref);

// "gitlab.com" of https://gitlab.com/: short, and no two https addresses become one.
[[nodiscard]] std::string without_https(std::string_view url);

// Both texts with `between` in between, or the one that is not empty.
[[nodiscard]] std::string joined(const std::string& left, std::string_view between,
                                 const std::string& right);

// A segment of a path: all but unreserved characters (RFC 3986) as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace bddlock::ci
