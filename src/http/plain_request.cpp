#include "http/plain_request.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/plain.hpp"
#include "http/request_rules.hpp"

namespace bddlock::http {
namespace {

constexpr std::size_t length_digits_max = 9;

// Whoever uses one of these wants more than a plain request.
constexpr std::array<std::string_view, 5> names_left_to_the_parser{
    "Connection", "Proxy-Connection", "Transfer-Encoding", "Expect", "Upgrade"};

// Of a field's name, by their codes.
constexpr std::array<bool, 256> name_chars = [] {
  std::array<bool, 256> out{};
  for (unsigned c = 0; c < out.size(); ++c)
    out[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  return out;
}();

bool is_name_char(char c) { return name_chars[static_cast<unsigned char>(c)]; }

// Most clients write names as they are written here.
bool is_name(std::string_view given, std::string_view name) {
  return given.size() == name.size() && (given == name || same_token(given, name));
}

std::string_view without_spaces_around(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<std::size_t> length_in(std::string_view value) {
  if (value.empty() || value.size() > length_digits_max) return std::nullopt;
  if (value.front() == '0' && value.size() > 1) return std::nullopt;
  std::size_t out = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + static_cast<std::size_t>(c - '0');
  }
  return out;
}

// Takes lines off the front of the bytes. Each function returns whether what it is for was there
// and plain; after the first false nothing may be asked any more.
class PlainHeader {
 public:
  PlainHeader(std::string_view bytes, ReceivedRequest& out) : rest_(bytes), out_(out) {}

  bool read() {
    std::string_view line;
    if (!take_line(line) || !read_request_line(line)) return false;
    while (take_line(line)) {
      if (line.empty()) return true;
      if (!read_field(line)) return false;
    }
    return false;
  }

  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] std::size_t body_bytes() const { return length_.value_or(0); }

 private:
  bool take_line(std::string_view& line) {
    const std::size_t end = core::plain_bytes(rest_);
    line = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (!rest_.starts_with("\r\n")) return false;
    rest_.remove_prefix(2);
    return true;
  }

  bool read_request_line(std::string_view line) {
    constexpr std::string_view version = " HTTP/1.1";
    if (!line.ends_with(version)) return false;
    line.remove_suffix(version.size());
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view method = line.substr(0, space);
    const std::string_view target = line.substr(std::min(space + 1, line.size()));
    out_.request.method = method_named(method);
    if (out_.request.method == api::Method::other) return false;
    if (!target.starts_with('/') || target.contains(' ')) return false;
    out_.method = method;
    out_.request.target = target;
    return true;
  }

  bool read_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = without_spaces_around(line.substr(colon + 1));
    if (is_name(name, "Authorization")) return note_authorization(value);
    if (is_name(name, "Content-Length")) return note_length(value);
    if (!std::ranges::all_of(name, is_name_char)) return false;
    return std::ranges::none_of(names_left_to_the_parser,
                                [name](std::string_view other) { return is_name(name, other); });
  }

  bool note_authorization(std::string_view value) {
    if (out_.request.authorization) return false;
    out_.request.authorization.emplace(value);
    return true;
  }

  bool note_length(std::string_view value) {
    if (length_) return false;
    length_ = length_in(value);
    return length_.has_value();
  }

  std::string_view rest_;
  ReceivedRequest& out_;
  std::optional<std::size_t> length_;
};

}  // namespace

std::size_t read_plain_request(std::string_view bytes, std::size_t header_bytes_max,
                               std::size_t body_bytes_max, ReceivedRequest& out) {
  PlainHeader header(bytes, out);
  if (!header.read()) return 0;
  const std::size_t header_bytes = bytes.size() - header.rest().size();
  const std::size_t body_bytes = header.body_bytes();
  if (header_bytes > header_bytes_max || body_bytes > body_bytes_max) return 0;
  if (body_bytes > header.rest().size()) return 0;
  out.request.body.assign(header.rest().substr(0, body_bytes));
  return header_bytes + body_bytes;
}

}  // namespace bddlock::http
