#include "ci/text.hpp"

#include "wire/rules.hpp"
#include "wire/utf8.hpp"

namespace bddlock::ci {

namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_replacement(std::string_view character) { return character == "\xEF\xBF\xBD"; }

std::string_view without_end(std::string_view text, std::string_view end) {
  return text.ends_with(end) ? text.substr(0, text.size() - end.size()) : text;
}

// What is behind the host.
std::string_view path_of_remote(std::string_view remote) {
  const auto scheme = remote.find("://");
  if (scheme != std::string_view::npos) {
    // Behind the last @: a password may have a slash in it.
    const auto at = remote.rfind('@');
    const auto host = at == std::string_view::npos ? scheme + 3 : at + 1;
    const auto slash = remote.find('/', host);
    return slash == std::string_view::npos ? std::string_view() : remote.substr(slash + 1);
  }
  const auto colon = remote.find(':');  // git@host:path
  return colon == std::string_view::npos ? std::string_view() : remote.substr(colon + 1);
}

}  // namespace

std::string clean_line(std::string_view text, std::size_t most) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t point = wire::next_code_point(text, at);
    std::string_view character = text.substr(begin, at - begin);
    if (wire::is_control(point)) character = " ";
    if (point == wire::replacement_character && !is_replacement(character)) character = "?";
    if (line.size() + character.size() > most) break;
    line += character;
  }
  return line;
}

std::string link_or_nothing(std::string_view text) {
  const bool fits = !wire::fault_in_link(text) && clean_line(text) == text;
  return fits ? std::string(text) : std::string();
}

std::string repo_of_remote(std::string_view remote) {
  std::string_view path = path_of_remote(remote);
  path = without_end(without_end(path.substr(0, path.find_first_of("?#")), "/"), ".git");
  while (path.starts_with('/')) path.remove_prefix(1);
  return std::string(path);
}

std::string without_ref(std::string_view ref) {
  for (const std::string_view kind : {"refs/heads/", "refs/tags/", "refs/pull/"}) {
    if (ref.starts_with(kind)) return std::string(ref.substr(kind.size()));
  }
  return std::string(ref);
}

std::string without_https(std::string_view url) {
  constexpr std::string_view https = "https://";
  if (url.starts_with(https)) url.remove_prefix(https.size());
  return std::string(without_end(url, "/"));
}

std::string joined(const std::string& left, std::string_view between, const std::string& right) {
  if (left.empty() || right.empty()) return left + right;
  return left + std::string(between) + right;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return result;
}

}  // namespace bddlock::ci
