#include "lambda/target.hpp"

namespace bddlock::lambda {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

void append_escape(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += hex_digits[byte >> 4];
  out += hex_digits[byte & 15];
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool may_stand_in_path(char c) { return c > ' ' && c < '\x7f' && c != '?' && c != '#'; }

}  // namespace

std::string target_path(std::string_view path, PathForm form) {
  std::string out;
  if (!path.starts_with('/')) out += '/';
  for (const char c : path) {
    const bool stays = may_stand_in_path(c) && (c != '%' || form == PathForm::as_sent);
    if (stays)
      out += c;
    else
      append_escape(out, c);
  }
  return out;
}

std::string query_word(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c))
      out += c;
    else
      append_escape(out, c);
  }
  return out;
}

}  // namespace bddlock::lambda
