#include "cli/text.hpp"

#include <algorithm>

#include "ci/escape.hpp"
#include "ci/text.hpp"

namespace bddlock::cli {

namespace {

constexpr std::string_view hex = "0123456789abcdef";

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_plain_for_sh(char c) {
  return is_alphanumeric(c) || std::string_view("-._/:@%+=,").find(c) != std::string_view::npos;
}

void append_hex(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += hex[byte >> 4];
  out += hex[byte & 15];
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// The characters that start in these bytes; good enough to pad names for people.
std::size_t width_of(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, begins_character));
}

// C1 control characters are C2 80 to C2 9F in UTF-8.
bool is_c1(std::string_view text, std::size_t at) {
  return text[at] == '\xC2' && at + 1 < text.size() &&
         (static_cast<unsigned char>(text[at + 1]) & 0xE0) == 0x80;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  if (text == ".") return "%2E";
  if (text == "..") return "%2E%2E";
  return ci::percent_encoded(text);
}

std::string quoted_for_sh(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain_for_sh)) return std::string(text);
  return ci::single_quoted(text);
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      result += "\\\\";
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7F || is_c1(text, at)) {
      result += "\\x";
      append_hex(result, c);
      if (is_c1(text, at)) {
        result += "\\x";
        append_hex(result, text[++at]);
      }
    } else {
      result += c;
    }
  }
  return result;
}

std::string_view cut_to(std::string_view text, std::size_t characters) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++at)
    if (begins_character(text[at]) && count++ == characters) return text.substr(0, at);
  return text;
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string result;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      result += row[i];
      if (i + 1 < row.size()) result += std::string(widths[i] - width_of(row[i]) + 2, ' ');
    }
    result.erase(result.find_last_not_of(' ') + 1);
    result += '\n';
  }
  return result;
}

std::string random_characters(std::size_t count, const std::function<std::uint64_t()>& random) {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  // Numbers past the last whole multiple are drawn again: taking them modulo 36 would favour some.
  constexpr std::uint64_t limit = UINT64_MAX - UINT64_MAX % alphabet.size();
  std::string result;
  while (result.size() < count) {
    const std::uint64_t number = random();
    if (number < limit) result += alphabet[number % alphabet.size()];
  }
  return result;
}

std::string counted(std::int64_t count, std::string_view thing) {
  return std::to_string(count) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

}  // namespace bddlock::cli
