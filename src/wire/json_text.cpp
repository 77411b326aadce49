#include "wire/json_text.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "core/plain.hpp"

namespace bddlock::wire {
namespace {

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escape(std::string& out, char c) {
  constexpr std::string_view plain = "\b\f\n\r\t\"\\";
  constexpr std::string_view letters = "bfnrt\"\\";
  out += '\\';
  if (const auto at = plain.find(c); at != std::string_view::npos) {
    out += letters[at];
    return;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += "u00";
  out += digits[byte >> 4U];
  out += digits[byte & 15U];
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const std::size_t plain = core::plain_bytes(text);
    out += text.substr(0, plain);
    if (plain == text.size()) break;
    const char special = text[plain];
    if (needs_escape(special)) {
      append_escape(out, special);
    } else {
      out += special;
    }
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

std::string& ObjectText::any_member(std::string_view key) {
  if (!std::exchange(first_, false)) out_ += ',';
  append_quoted(out_, key);
  out_ += ':';
  return out_;
}

std::string& ObjectText::member(std::string_view key) {
  out_ += std::exchange(first_, false) ? std::string_view("\"") : std::string_view(",\"");
  out_ += key;
  out_ += "\":";
  return out_;
}

ObjectText& ObjectText::text(std::string_view key, std::string_view value) {
  append_quoted(member(key), value);
  return *this;
}

ObjectText& ObjectText::number(std::string_view key, std::int64_t value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  member(key).append(digits.data(), end);
  return *this;
}

ObjectText& ObjectText::flag(std::string_view key, bool value) {
  member(key) += value ? "true" : "false";
  return *this;
}

ObjectText& ObjectText::null(std::string_view key) {
  member(key) += "null";
  return *this;
}

}  // namespace bddlock::wire
