// Small pure functions on texts that leave the program: URLs, shell, terminal.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bddlock::cli {

// One segment of a path or a value in a query: all but RFC 3986's unreserved characters as %XX, and
// so are the names "." and "..", which servers and proxies would resolve.
[[nodiscard]] std::string percent_encoded(std::string_view text);

// A word that sh reads as exactly this text. Ordinary names stay as they are, so that a line is
// also fit for a dotenv file.
[[nodiscard]] std::string quoted_for_sh(std::string_view text);

// Without control characters, which could steer a terminal or break a line: they show as \n, \t,
// \x1b. A backslash shows as two, so that the form is reversible.
[[nodiscard]] std::string printable(std::string_view text);

// The first so many characters, counted as code points: right for most names.
[[nodiscard]] std::string_view cut_to(std::string_view text, std::size_t characters);

// Columns padded to the same width, two spaces between. Every row has as many cells as the first.
[[nodiscard]] std::string aligned(const std::vector<std::vector<std::string>>& rows);

// `count` characters of [a-z0-9], each equally likely.
[[nodiscard]] std::string random_characters(std::size_t count,
                                            const std::function<std::uint64_t()>& random);

// "1 stack", "2 stacks".
[[nodiscard]] std::string counted(std::int64_t count, std::string_view thing);

}  // namespace bddlock::cli
