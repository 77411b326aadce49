#include "api/auth.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

namespace bddlock::api {
namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";
constexpr std::string_view header_blanks = " \t";
constexpr std::string_view bearer = "bearer";

// Visible ASCII: what every client can put into a header (RFC 9110, section 5.5).
bool may_be_in_token(char c) { return c > 0x20 && c < 0x7F; }

// What looks like a token only because somebody wrote something else there; a sentence's end.
std::optional<std::string> not_meant_as_token(std::string_view token) {
  const auto lower = [](char c) { return static_cast<char>(c | 0x20); };
  if (std::ranges::equal(token, bearer, {}, lower)) {
    return "is the word Bearer: leave it out, it belongs into the Authorization header only";
  }
  if (token.front() == '#') return "begins with #: comments are not known here";
  if (token.front() == '"' || token.front() == '\'') return "begins with a quote: leave quotes out";
  return std::nullopt;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  std::size_t start = text.find_first_not_of(white_space);
  while (start != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(white_space, start), text.size());
    out.emplace_back(text.substr(start, end - start));
    start = text.find_first_not_of(white_space, end);
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(header_blanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(header_blanks) - start + 1);
}

bool begins_with_bearer(std::string_view text) {
  if (text.size() <= bearer.size() ||
      header_blanks.find(text[bearer.size()]) == header_blanks.npos) {
    return false;
  }
  return std::equal(bearer.begin(), bearer.end(), text.begin(),
                    [](char expected, char given) { return expected == (given | 0x20); });
}

std::string_view token_in(std::string_view authorization) {
  const std::string_view text = trimmed(authorization);
  return begins_with_bearer(text) ? trimmed(text.substr(bearer.size())) : text;
}

template <class Block>
Block padded(std::string_view token) {
  Block block{};
  std::memcpy(block.data(), token.data(), std::min(token.size(), block.size()));
  return block;
}

// Reads all of both. The barrier keeps the compiler from ending the loop over the tokens early.
template <class Block>
std::uint64_t difference(const Block& a, const Block& b) {
  static_assert(sizeof(Block) % sizeof(std::uint64_t) == 0);
  std::uint64_t out = 0;
  for (std::size_t at = 0; at < sizeof(Block); at += sizeof out) {
    std::uint64_t from_a = 0;
    std::uint64_t from_b = 0;
    std::memcpy(&from_a, a.data() + at, sizeof from_a);
    std::memcpy(&from_b, b.data() + at, sizeof from_b);
    out |= from_a ^ from_b;
  }
  asm volatile("" : "+r"(out));
  return out;
}

}  // namespace

std::expected<std::vector<std::string>, std::string> parse_tokens(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::vector<std::string> tokens = split(text);
  if (tokens.empty()) return std::unexpected("there is no token");
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string which =
        "token " + std::to_string(i + 1) + " of " + std::to_string(tokens.size());
    if (tokens[i].size() > token_bytes_max) {
      return std::unexpected(which + " is " + std::to_string(tokens[i].size()) + " bytes long; " +
                             std::to_string(token_bytes_max) + " are allowed");
    }
    if (!std::ranges::all_of(tokens[i], may_be_in_token)) {
      return std::unexpected(which + " has a character that is not visible ASCII");
    }
    if (const auto fault = not_meant_as_token(tokens[i]))
      return std::unexpected(which + ' ' + *fault);
  }
  return tokens;
}

TokenSet::TokenSet(const std::vector<std::string>& tokens) { replace(tokens); }

void TokenSet::replace(const std::vector<std::string>& tokens) {
  auto blocks = std::make_shared<std::vector<Block>>();
  for (const std::string& token : tokens) blocks->push_back(padded<Block>(token));
  const std::lock_guard lock(mutex_);
  tokens_ = std::move(blocks);
}

bool TokenSet::accepts(std::string_view authorization) const {
  const std::string_view token = token_in(authorization);
  // A zero byte could pass for padding; HTTP forbids it in a header, other callers may not.
  if (token.empty() || token.size() > token_bytes_max || token.contains('\0')) return false;
  std::shared_ptr<const std::vector<Block>> tokens;
  {
    const std::lock_guard lock(mutex_);
    tokens = tokens_;
  }
  const Block given = padded<Block>(token);
  unsigned accepted = 0;
  for (const Block& known : *tokens) accepted |= difference(given, known) == 0 ? 1u : 0u;
  return accepted != 0;
}

}  // namespace bddlock::api
