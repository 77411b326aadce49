#include "wire/rules.hpp"

#include <algorithm>

#include "core/name.hpp"
#include "core/plain.hpp"
#include "wire/nearest.hpp"
#include "wire/utf8.hpp"

namespace bddlock::wire {
namespace {

constexpr std::size_t random_suffix_bytes = 8;

std::string too_long(std::size_t bytes, std::size_t allowed) {
  return "is " + std::to_string(bytes) + " bytes long; " + std::to_string(allowed) + " are allowed";
}

Fault fault_in_text(std::string_view text, std::string_view allowed_controls) {
  if (text.size() > text_bytes_max) return too_long(text.size(), text_bytes_max);
  for (std::size_t at = core::plain_bytes(text); at < text.size();) {
    const char32_t point = next_code_point(text, at);
    if (!is_control(point)) continue;
    if (point < 0x20 && allowed_controls.find(static_cast<char>(point)) != std::string_view::npos)
      continue;
    return "has a control character";
  }
  return std::nullopt;
}

Fault fault_in_label_part(std::string_view text, std::string_view part, std::size_t least) {
  const std::string begin = "has the " + std::string(part) + " " + quoted(text) + ", which ";
  if (text.size() < least) return "has an empty " + std::string(part);
  if (text.size() > label_bytes_max) return begin + too_long(text.size(), label_bytes_max);
  if (fault_in_line(text)) return begin + "has a control character";
  return std::nullopt;
}

bool starts_with_scheme(std::string_view text, std::string_view scheme) {
  return text.size() > scheme.size() &&
         std::ranges::equal(text.substr(0, scheme.size()), scheme, [](char given, char wanted) {
           return (given >= 'A' && given <= 'Z' ? given - 'A' + 'a' : given) == wanted;
         });
}

std::optional<std::string_view> behind_scheme(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (starts_with_scheme(text, scheme)) return text.substr(scheme.size());
  return std::nullopt;
}

}  // namespace

Fault fault_in_line(std::string_view text) { return fault_in_text(text, ""); }

Fault fault_in_note(std::string_view text) { return fault_in_text(text, "\n\t"); }

Fault fault_in_link(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.size() > text_bytes_max) return too_long(text.size(), text_bytes_max);
  // People click on it: anything but an http link, such as javascript:, could harm them.
  const auto rest = behind_scheme(text);
  const bool has_host =
      rest && std::string_view("/?#@:").find(rest->front()) == std::string_view::npos;
  if (!has_host) return R"(must be a link that begins with "https://" or "http://" and a host)";
  for (const char c : text) {
    const bool fits =
        c > ' ' && c != '\x7f' && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
    if (!fits && static_cast<unsigned char>(c) < 0x80)
      return "must be a link; it has a space or another character that must be percent-encoded";
  }
  return fault_in_line(text);
}

Fault fault_in_request_id(std::string_view text) {
  if (text.empty()) return "is empty; leave it out and the server makes one";
  if (text.size() > request_id_bytes_max) return too_long(text.size(), request_id_bytes_max);
  const bool fits = std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
  });
  if (fits) return std::nullopt;
  return "has a character that is not allowed; A-Z, a-z, 0-9 and . _ : - are";
}

Fault fault_in_name_prefix(std::string_view text) {
  const std::size_t allowed = core::name_bytes_max - random_suffix_bytes;
  if (text.size() > allowed)
    return too_long(text.size(), allowed) + ", because 8 characters are put behind it";
  // With something behind it, "." and ".." begin a good name.
  return core::fault_in_name(std::string(text) + "x");
}

Fault fault_in_labels(const core::StringMap& labels) {
  if (labels.size() > labels_max)
    return "has " + std::to_string(labels.size()) + " labels; " + std::to_string(labels_max) +
           " are allowed";
  for (const auto& [key, value] : labels) {
    if (auto fault = fault_in_label_part(key, "key", 1)) return fault;
    if (auto fault = fault_in_label_part(value, "value", 1)) return fault;
  }
  return std::nullopt;
}

Fault fault_in_attributes(const core::StringMap& attributes) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : attributes) {
    if (auto fault = fault_in_label_part(key, "key", 1)) return fault;
    bytes += key.size() + value.size();
  }
  if (bytes <= attributes_bytes_max) return std::nullopt;
  return "has " + std::to_string(bytes) + " bytes in its keys and values together; " +
         std::to_string(attributes_bytes_max) + " are allowed";
}

}  // namespace bddlock::wire
