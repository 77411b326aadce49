// Who may call: the tokens that are valid now. Several at once, so that one can be replaced without
// an outage. Threads: any; replace() may be called while requests are checked.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace bddlock::api {

inline constexpr std::size_t token_bytes_max = 1024;

// Splits by white space. Refused with a sentence that names no token: none at all, one that is
// longer than token_bytes_max, one with bytes that no HTTP header may carry.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> parse_tokens(
    std::string_view text);

class TokenSet {
 public:
  // The tokens are as parse_tokens gives them. With none, nobody is accepted.
  explicit TokenSet(const std::vector<std::string>& tokens);
  void replace(const std::vector<std::string>& tokens);

  // Whether the Authorization header carries one of them, bare or behind "Bearer " (in any case),
  // with blanks around it. Takes the same time wherever a wrong token differs, and however many
  // there are before the right one: each is compared whole, in blocks of token_bytes_max padded
  // with zeros. The time depends on the length of what was sent and on the number of tokens only.
  [[nodiscard]] bool accepts(std::string_view authorization) const;

 private:
  // Padded with zeros; a token holds none, so that no two tokens look the same.
  using Block = std::array<char, token_bytes_max>;

  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Block>> tokens_;
};

}  // namespace bddlock::api
