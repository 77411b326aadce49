#include "core/name.hpp"

#include <algorithm>

#include "core/plain.hpp"

namespace bddlock::core {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// How long the UTF-8 sequence at `at` is; 0 if there is none. The second byte's bounds keep out
// overlong forms, surrogates and what lies beyond U+10FFFF (Unicode 15, table 3-7).
std::size_t sequence_bytes(std::string_view text, std::size_t at) {
  const unsigned lead = byte_at(text, at);
  if (lead < 0x80) return 1;
  const std::size_t bytes = lead < 0xC2   ? 0
                            : lead < 0xE0 ? 2
                            : lead < 0xF0 ? 3
                            : lead < 0xF5 ? 4
                                          : 0;
  if (bytes == 0 || text.size() - at < bytes) return 0;
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte_at(text, at + 1) < low || byte_at(text, at + 1) > high) return 0;
  for (std::size_t i = 2; i < bytes; ++i)
    if ((byte_at(text, at + i) & 0xC0) != 0x80) return 0;
  return bytes;
}

bool has_control_character(std::string_view utf8) {
  for (std::size_t at = plain_bytes(utf8); at < utf8.size(); ++at) {
    const unsigned byte = byte_at(utf8, at);
    if (byte < 0x20 || byte == 0x7F) return true;
    // C1, U+0080 to U+009F; 0xC2 is a lead byte only, so this needs no look at where sequences
    // begin.
    if (byte == 0xC2 && byte_at(utf8, at + 1) < 0xA0) return true;
  }
  return false;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = ascii_bytes(text); at < text.size();) {
    const std::size_t bytes = sequence_bytes(text, at);
    if (bytes == 0) return false;
    at += bytes;
  }
  return true;
}

std::optional<std::string> fault_in_name(std::string_view text) {
  if (text.empty()) return "is empty";
  if (text.size() > name_bytes_max)
    return "is " + std::to_string(text.size()) + " bytes long; " + std::to_string(name_bytes_max) +
           " are allowed";
  if (!is_utf8(text)) return "is not valid UTF-8";
  if (has_control_character(text)) return "has a control character in it; none is allowed";
  if (text.find('/') != std::string_view::npos) return "has a \"/\" in it, which is not allowed";
  if (text == "." || text == "..") return "must not be \".\" or \"..\"";
  return std::nullopt;
}

bool could_be_cloudformation_stack(std::string_view text) {
  constexpr std::size_t bytes_max = 128;
  return !text.empty() && text.size() <= bytes_max && is_letter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

}  // namespace bddlock::core
