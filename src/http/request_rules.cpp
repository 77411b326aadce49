#include "http/request_rules.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace bddlock::http {
namespace {

struct NamedMethod {
  std::string_view name;
  api::Method method;
};
constexpr std::array named_methods = {
    NamedMethod{"GET", api::Method::get},    NamedMethod{"POST", api::Method::post},
    NamedMethod{"PUT", api::Method::put},    NamedMethod{"PATCH", api::Method::patch},
    NamedMethod{"DELETE", api::Method::del}, NamedMethod{"HEAD", api::Method::head},
};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool starts_with_any_case(std::string_view text, std::string_view start) {
  return same_token(text.substr(0, start.size()), start) && text.size() > start.size();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Malformed invalid(std::string detail) { return {.detail = std::move(detail)}; }

}  // namespace

api::Method method_named(std::string_view method) {
  const auto found = std::ranges::find(named_methods, method, &NamedMethod::name);
  return found == named_methods.end() ? api::Method::other : found->method;
}

std::optional<std::string_view> origin_form(std::string_view target) {
  if (target.starts_with('/') || target == "*") return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!starts_with_any_case(target, scheme)) continue;
    const auto path = target.find_first_of("/?", scheme.size());
    if (path == std::string_view::npos) return "/";
    if (target[path] == '/') return target.substr(path);
  }
  return std::nullopt;
}

bool has_folded_line(std::string_view header) {
  for (auto at = header.find('\n'); at != std::string_view::npos; at = header.find('\n', at + 1))
    if (at + 1 < header.size() && (header[at + 1] == ' ' || header[at + 1] == '\t')) return true;
  return false;
}

bool has_bare_line_feed(std::string_view bytes, std::size_t from) {
  for (auto at = bytes.find('\n', from); at != std::string_view::npos;
       at = bytes.find('\n', at + 1))
    if (at == 0 || bytes[at - 1] != '\r') return true;
  return false;
}

bool same_token(std::string_view text, std::string_view token) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return std::ranges::equal(text, token, {}, lower, lower);
}

Malformed header_too_large(std::size_t header_bytes_max) {
  return {431, "header_too_large",
          "the request line and the header together may have " + std::to_string(header_bytes_max) +
              " bytes at most"};
}

Malformed body_too_large(std::size_t body_bytes_max) {
  return {413, "body_too_large",
          "a request's body may have " + std::to_string(body_bytes_max) + " bytes at most"};
}

Malformed chunk_header_too_large(std::size_t header_bytes_max) {
  return invalid("a chunk's header or the trailer may have " + std::to_string(header_bytes_max) +
                 " bytes at most");
}

Malformed folded_line() {
  return invalid("a header line begins with a space: each field must be on one line");
}

Malformed bare_line_feed() {
  return invalid("a line of the header ends in LF alone: each must end in CR LF");
}

Malformed bad_version(std::string_view rest) {
  const auto line = rest.substr(0, rest.find_first_of("\r\n"));
  const auto version = line.substr(line.rfind(' ') + 1);
  const bool other_version = version.size() >= 8 && version.starts_with("HTTP/") &&
                             is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  const bool known =
      other_version && (version.starts_with("HTTP/1.0") || version.starts_with("HTTP/1.1"));
  if (other_version && !known)
    return {.status = 505, .detail = "this server speaks HTTP/1.1 and HTTP/1.0"};
  return invalid("the request line must be METHOD SP TARGET SP HTTP/1.1 and end in CR LF");
}

Malformed bad_start(std::string_view part) {
  return invalid("in the request line " + std::string(part) +
                 " is not valid: expected is for example GET /v1/stacks HTTP/1.1");
}

Malformed bad_content_length() {
  return invalid("Content-Length must be there once at most, and be one decimal number");
}

Malformed two_lengths() {
  return invalid("a request may have one Content-Length or one Transfer-Encoding, not both or two");
}

Malformed chunked_in_http_1_0() { return invalid("HTTP/1.0 has no Transfer-Encoding"); }

Malformed unknown_transfer_encoding() {
  return {.status = 501, .detail = "the only Transfer-Encoding understood is chunked"};
}

Malformed unknown_expectation() {
  return {.status = 417, .detail = "the only Expect understood is 100-continue"};
}

Malformed repeated(std::string_view header) {
  return invalid(std::string(header) + " may be there once only");
}

Malformed bad_chunk() {
  return invalid(
      "in the chunked body a chunk does not begin with its size in hexadecimal and CR LF");
}

Malformed bad_field() {
  return invalid("a header line must be NAME: VALUE, without control characters, and end in CR LF");
}

Malformed ended_early() { return invalid("the connection ended in the middle of the request"); }

Malformed too_slow(std::size_t request_time_ms) {
  return {408, "request_timeout",
          "a request must arrive whole within " + std::to_string(request_time_ms) + " ms"};
}

}  // namespace bddlock::http
