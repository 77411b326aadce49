// Who may call: the tokens that are valid now. Several at once, so that one can be replaced without
// an outage. Threads: any; replace() may be called while requests are checked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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
  // there are before the right one: each is compared in all of the bytes that were sent, with zeros
  // behind the shorter one, and in its length. The time depends on the length of what was sent and
  // on the number of tokens only.
  [[nodiscard]] bool accepts(std::string_view authorization) const;

 private:
  using Words = std::array<std::uint64_t, token_bytes_max / sizeof(std::uint64_t)>;
  struct Known {
    std::size_t bytes = 0;
    Words words{};  // the token, and zeros
  };

  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Known>> tokens_;
};

}  // namespace bddlock::api
