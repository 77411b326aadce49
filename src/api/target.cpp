#include "api/target.hpp"

#include "core/name.hpp"
#include "core/plain.hpp"
#include "wire/nearest.hpp"

namespace bddlock::api {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

std::optional<char> escaped_byte(std::string_view escape) {
  if (escape.size() < 3) return std::nullopt;
  const auto high = hex_digit(escape[1]);
  const auto low = hex_digit(escape[2]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high * 16 + *low);
}

std::expected<std::string, std::string> unescape(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const auto byte = escaped_byte(text.substr(at));
    if (!byte) {
      return std::unexpected("has the bad percent escape " + wire::quoted(text.substr(at, 3)) +
                             "; two hexadecimal digits are needed behind a %");
    }
    out += *byte;
    at += 2;
  }
  return out;
}

// Most are: without an escape and anything that percent_decode would have to look at.
bool says_itself(std::string_view text) { return core::is_plain(text) && !text.contains('%'); }

void add_segment(Target& target, std::string_view raw, bool path_says_itself) {
  std::string_view& segment = target.segments[target.segment_count++];
  segment = raw;
  if (path_says_itself) return;
  auto decoded = percent_decode(raw);
  if (decoded)
    segment = target.unescaped.emplace_front(std::move(*decoded));
  else
    target.fault = "the path " + decoded.error();
}

void add_segments(Target& target, std::string_view path) {
  const bool path_says_itself = says_itself(path);
  while (path.starts_with('/')) {
    if (target.segment_count == segments_max) {
      target.segment_count = 0;
      return;
    }
    path.remove_prefix(1);
    const std::string_view raw = path.substr(0, path.find('/'));
    add_segment(target, raw, path_says_itself);
    path.remove_prefix(raw.size());
  }
}

}  // namespace

std::expected<std::string, std::string> percent_decode(std::string_view text) {
  if (says_itself(text)) return std::string(text);
  auto out = unescape(text);
  if (!out) return out;
  if (out->find('\0') != std::string::npos) {
    return std::unexpected("has a zero byte (%00), which no name may have");
  }
  if (!core::is_utf8(*out)) return std::unexpected("is not valid UTF-8 once it is percent-decoded");
  return out;
}

Target parse_target(std::string_view text) {
  Target target;
  const std::size_t query = text.find('?');
  if (query != std::string_view::npos) target.query = text.substr(query + 1);
  add_segments(target, text.substr(0, query));
  return target;
}

}  // namespace bddlock::api
