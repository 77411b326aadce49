#include "ci/escape.hpp"

#include "wire/utf8.hpp"

namespace bddlock::ci {

namespace {

constexpr std::string_view hex = "0123456789ABCDEF";

std::string command_data(std::string_view text, std::string_view percent) {
  std::string result;
  for (const char c : text) {
    if (c == '%') {
      result += percent;
    } else if (c == '\r') {
      result += "%0D";
    } else if (c == '\n') {
      result += "%0A";
    } else {
      result += c;
    }
  }
  return result;
}

void append_unit(std::string& out, char32_t unit) {
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += hex[(unit >> shift) & 15U];
}

void append_property(std::string& out, char32_t point) {
  constexpr char32_t beyond_bmp = 0x10000;
  if (point >= beyond_bmp) {
    append_unit(out, 0xD800 + ((point - beyond_bmp) >> 10));
    append_unit(out, 0xDC00 + ((point - beyond_bmp) & 0x3FF));
  } else if (point < 0x20 || point > 0x7E) {
    append_unit(out, point);
  } else {
    if (point == '\\' || (point == ' ' && out.empty())) out += '\\';
    out += static_cast<char>(point);
  }
}

}  // namespace

std::string github_data(std::string_view text) { return command_data(text, "%25"); }

std::string azure_data(std::string_view text) { return command_data(text, "%AZP25"); }

std::string single_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

std::string java_property(std::string_view utf8) {
  std::string result;
  for (std::size_t at = 0; at < utf8.size();)
    append_property(result, wire::next_code_point(utf8, at));
  return result;
}

std::string defused(std::string_view text) {
  std::string result;
  bool at_line_start = true;
  for (const char c : text) {
    const bool follows_hash = c == '#' && result.ends_with('#');
    const bool follows_colon = c == ':' && at_line_start && result.ends_with(':');
    if (follows_hash || follows_colon) result += ' ';
    result += c;
    if (c == '\n' || c == '\r') {
      at_line_start = true;
    } else if (c != ' ' && c != '\t' && c != ':') {
      at_line_start = false;
    }
  }
  return result;
}

}  // namespace bddlock::ci
