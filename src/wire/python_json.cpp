#include "wire/python_json.hpp"

#include "wire/utf8.hpp"

namespace bddlock::wire {
namespace {

void append_unit(std::string& out, char32_t unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (unsigned shift = 16; shift > 0; shift -= 4) out += digits[(unit >> (shift - 4)) & 0xFu];
}

void append_escaped(std::string& out, char32_t point) {
  if (point < 0x10000) return append_unit(out, point);
  append_unit(out, 0xD800 + ((point - 0x10000) >> 10u));
  append_unit(out, 0xDC00 + ((point - 0x10000) & 0x3FFu));
}

// The characters that have a short escape, and its letter.
constexpr std::string_view short_escaped = "\"\\\n\r\t\f\b";
constexpr std::string_view short_letters = "\"\\nrtfb";

void append_code_point(std::string& out, char32_t point) {
  if (point >= 0x7F) return append_escaped(out, point);
  const std::size_t which = short_escaped.find(static_cast<char>(point));
  if (which != std::string_view::npos) {
    out += '\\';
    out += short_letters[which];
  } else if (point < 0x20) {
    append_escaped(out, point);
  } else {
    out += static_cast<char>(point);
  }
}

}  // namespace

void append_python_string(std::string& out, std::string_view utf8) {
  out += '"';
  for (std::size_t at = 0; at < utf8.size();) append_code_point(out, next_code_point(utf8, at));
  out += '"';
}

}  // namespace bddlock::wire
