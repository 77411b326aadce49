#include "api/auth.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace bddlock::api {
namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";
constexpr std::string_view bearer = "bearer";

bool is_header_blank(char c) { return c == ' ' || c == '\t'; }

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
  while (!text.empty() && is_header_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_header_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool begins_with_bearer(std::string_view text) {
  if (text.size() <= bearer.size() || !is_header_blank(text[bearer.size()])) return false;
  return std::equal(bearer.begin(), bearer.end(), text.begin(),
                    [](char expected, char given) { return expected == (given | 0x20); });
}

std::string_view token_in(std::string_view authorization) {
  const std::string_view text = trimmed(authorization);
  return begins_with_bearer(text) ? trimmed(text.substr(bearer.size())) : text;
}

using Word = std::uint64_t;

// `token` with zeros behind it, as many words as it needs.
constexpr std::size_t words_of(std::size_t bytes) {
  return (bytes + sizeof(Word) - 1) / sizeof(Word);
}

template <class Words>
void put_padded(Words& words, std::string_view token) {
  words[words_of(token.size()) - 1] = 0;
  std::memcpy(words.data(), token.data(), token.size());
}

// Reads all of `given` and as much of `known`, whose length is part of the difference. The barrier
// keeps the compiler from ending the loop over the tokens early.
Word difference(std::span<const Word> given, const Word* known, std::size_t lengths) {
  Word out = lengths;
  for (std::size_t at = 0; at < given.size(); ++at) out |= given[at] ^ known[at];
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
  auto known = std::make_shared<std::vector<Known>>(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view token = std::string_view(tokens[i]).substr(0, token_bytes_max);
    (*known)[i].bytes = token.size();
    if (!token.empty()) put_padded((*known)[i].words, token);
  }
  const std::lock_guard lock(mutex_);
  tokens_ = std::move(known);
}

bool TokenSet::accepts(std::string_view authorization) const {
  const std::string_view token = token_in(authorization);
  // A zero byte could pass for padding; HTTP forbids it in a header, other callers may not.
  if (token.empty() || token.size() > token_bytes_max || token.contains('\0')) return false;
  std::shared_ptr<const std::vector<Known>> tokens;
  {
    const std::lock_guard lock(mutex_);
    tokens = tokens_;
  }
  Words given;  // of which only what the token needs is written and read
  put_padded(given, token);
  const std::span<const Word> words(given.data(), words_of(token.size()));
  unsigned accepted = 0;
  for (const Known& known : *tokens)
    accepted |= difference(words, known.words.data(), token.size() ^ known.bytes) == 0 ? 1u : 0u;
  return accepted != 0;
}

}  // namespace bddlock::api
