#include "lambda/base64.hpp"

#include <algorithm>

#include "core/base64url.hpp"

namespace bddlock::lambda {

std::string to_base64(std::string_view bytes) {
  std::string text = core::to_base64url(bytes);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> parse_base64(std::string_view text) {
  if (text.find_first_of("-_") != std::string_view::npos || text.size() % 4 != 0)
    return std::nullopt;
  const std::size_t end = text.find_last_not_of('=') + 1;
  if (text.size() - end > 2) return std::nullopt;
  std::string url(text.substr(0, end));
  std::ranges::replace(url, '+', '-');
  std::ranges::replace(url, '/', '_');
  return core::parse_base64url(url);
}

}  // namespace bddlock::lambda
