#include "api/log_target.hpp"

#include "api/target.hpp"

namespace bddlock::api {
namespace {

constexpr std::string_view hidden = "?";

// Fit for one segment of a logged path: what is not a letter, digit or one of -._~ as %XX.
std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4u];
      out += digits[byte & 15u];
    }
  }
  return out;
}

std::string decoded(std::string_view text) {
  auto out = percent_decode(text);
  return out ? std::move(*out) : std::string(text);
}

// Copies `text` piece by piece, where a piece ends at one of `ends`; `shown` says what to write for
// it.
template <class Shown>
void copy_pieces(std::string& out, std::string_view text, std::string_view ends, Shown shown) {
  while (true) {
    const std::size_t end = text.find_first_of(ends);
    out += shown(text.substr(0, end));
    if (end == std::string_view::npos) return;
    out += text[end];
    text.remove_prefix(end + 1);
  }
}

std::string without_claim_id(std::string_view piece) {
  const auto claim = core::parse_claim_id(decoded(piece));
  return claim ? escaped(claim->stack_name.text()) : std::string(piece);
}

}  // namespace

bool is_loggable(std::string_view target) {
  return !target.contains('.') && !target.contains('%') && !target.contains("/claims/");
}

std::string loggable_target(std::string_view target) {
  if (is_loggable(target)) return std::string(target);
  std::string out;
  out.reserve(target.size());
  const std::size_t query = target.find('?');
  bool is_claim = false;  // whether the segment is in a claimId's place: behind /v1/claims
  std::string before;
  copy_pieces(out, target.substr(0, query), "/", [&](std::string_view segment) {
    std::string shown = without_claim_id(segment);
    if (is_claim && shown == segment && !segment.empty()) shown = hidden;
    std::string plain = decoded(segment);
    is_claim = before == "v1" && plain == "claims";
    before = std::move(plain);
    return shown;
  });
  if (query == std::string_view::npos) return out;
  out += '?';
  copy_pieces(out, target.substr(query + 1), "&=", without_claim_id);
  return out;
}

std::string claim_log_target(const core::StackName& stack, core::FencingToken token,
                             std::string_view rest) {
  return "/v1/claims/" + escaped(stack.text()) + "#" + std::to_string(token) + std::string(rest);
}

}  // namespace bddlock::api
