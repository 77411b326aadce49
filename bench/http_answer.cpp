#include "http_answer.hpp"

#include <strings.h>

#include <charconv>
#include <string>

namespace bddlock::bench {
namespace {

constexpr std::string_view length_header = "\r\ncontent-length:";

std::size_t content_length(std::string_view head) {
  for (std::size_t at = head.find('\r'); at != std::string_view::npos;
       at = head.find('\r', at + 1)) {
    if (head.size() - at < length_header.size()) break;
    if (strncasecmp(head.data() + at, length_header.data(), length_header.size()) != 0) continue;
    std::string_view value = head.substr(at + length_header.size());
    while (value.starts_with(' ')) value.remove_prefix(1);
    std::size_t length = 0;
    std::from_chars(value.data(), value.data() + value.size(), length);
    return length;
  }
  return 0;
}

// What stands behind `"name":`.
std::string_view behind(std::string_view body, std::string_view name) {
  std::string key = "\"";
  key.append(name).append("\":");
  const std::size_t at = body.find(key);
  return at == std::string_view::npos ? std::string_view{} : body.substr(at + key.size());
}

}  // namespace

HttpAnswer parse_http_answer(std::string_view received) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos || end < 12) return {};
  const std::size_t body = end + 4;
  const std::size_t length = content_length(received.substr(0, body));
  if (received.size() < body + length) return {};
  HttpAnswer answer{0, received.substr(body, length), body + length};
  std::from_chars(received.data() + 9, received.data() + 12, answer.status);
  return answer;
}

std::string_view json_string(std::string_view body, std::string_view name) {
  std::string_view value = behind(body, name);
  if (!value.starts_with('"')) return {};
  value.remove_prefix(1);
  const std::size_t end = value.find('"');
  return end == std::string_view::npos ? std::string_view{} : value.substr(0, end);
}

std::optional<std::uint64_t> json_count(std::string_view body, std::string_view name) {
  const std::string_view value = behind(body, name);
  std::uint64_t count = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), count);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return count;
}

}  // namespace bddlock::bench
