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

void append_code_point(std::string& out, char32_t point) {
  switch (point) {
    case U'"': out += "\\\""; return;
    case U'\\': out += "\\\\"; return;
    case U'\n': out += "\\n"; return;
    case U'\r': out += "\\r"; return;
    case U'\t': out += "\\t"; return;
    case U'\f': out += "\\f"; return;
    case U'\b': out += "\\b"; return;
    default: break;
  }
  if (point >= 0x20 && point < 0x7F) {
    out += static_cast<char>(point);
  } else {
    append_escaped(out, point);
  }
}

}  // namespace

void append_python_string(std::string& out, std::string_view utf8) {
  out += '"';
  for (std::size_t at = 0; at < utf8.size();) append_code_point(out, next_code_point(utf8, at));
  out += '"';
}

}  // namespace bddlock::wire
