#include "wire/json_text.hpp"

#include <utility>

#include "core/appender.hpp"
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

// The first `plain` bytes need no escape.
void append_escaped(std::string& out, std::string_view text, std::size_t plain) {
  out += '"';
  for (;; plain = core::plain_bytes(text)) {
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

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  const std::size_t plain = core::plain_bytes(text);
  if (plain < text.size()) return append_escaped(out, text, plain);
  core::append_pieces(out, text.size() + 2, [text](core::Appender& to) {
    to.put('"');
    to.put(text);
    to.put('"');
  });
}

std::string& ObjectText::any_member(std::string_view key) {
  if (!std::exchange(first_, false)) out_ += ',';
  append_quoted(out_, key);
  out_ += ':';
  return out_;
}

std::string& ObjectText::member(std::string_view key) {
  constexpr std::size_t around = 4;
  core::append_pieces(out_, key.size() + around, [&](core::Appender& to) {
    if (!std::exchange(first_, false)) to.put(',');
    to.put('"');
    to.put(key);
    to.put("\":");
  });
  return out_;
}

ObjectText& ObjectText::text(std::string_view key, std::string_view value) {
  append_quoted(member(key), value);
  return *this;
}

ObjectText& ObjectText::number(std::string_view key, std::int64_t value) {
  core::append_pieces(member(key), core::number_bytes_max,
                      [value](core::Appender& to) { to.put_number(value); });
  return *this;
}

ObjectText& ObjectText::flag(std::string_view key, bool value) {
  member(key) += value ? "true" : "false";
  return *this;
}

ObjectText& ObjectText::time(std::string_view key, core::Instant value) {
  std::string& out = member(key);
  out += '"';
  core::append_rfc3339(out, value);
  out += '"';
  return *this;
}

ObjectText& ObjectText::null(std::string_view key) {
  member(key) += "null";
  return *this;
}

}  // namespace bddlock::wire
