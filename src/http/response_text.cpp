#include "http/response_text.hpp"

#include <array>
#include <charconv>

namespace bddlock::http {
namespace {

std::string_view reason(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

void append_number(std::string& out, std::size_t number, int base = 10) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

// A value that came from a name must not be able to start a header of its own.
void append_value(std::string& out, std::string_view value) {
  for (const char c : value) out.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
}

void append_connection(std::string& out, const AnswerForm& form) {
  if (form.close)
    out.append("Connection: close\r\n");
  else if (form.http_1_0)
    out.append("Connection: keep-alive\r\n");
}

void append_body_header(std::string& out, const api::Response& response, Framing framing) {
  if (response.content_type != nullptr)
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
  if (framing == Framing::chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  } else if (framing == Framing::length) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
}

}  // namespace

void append_answer(std::string& out, const api::Response& response, const AnswerForm& form,
                   std::string_view date) {
  out.append("HTTP/1.1 ");
  append_number(out, response.status);
  out.append(" ").append(reason(response.status)).append("\r\nDate: ").append(date).append("\r\n");
  append_connection(out, form);
  const bool has_body = response.status != 204 && response.status != 304;
  if (has_body) append_body_header(out, response, form.framing);
  for (const auto& [name, value] : response.headers) {
    out.append(name).append(": ");
    append_value(out, value);
    out.append("\r\n");
  }
  out.append("\r\n");
  if (has_body && !form.head && form.framing == Framing::length) out.append(response.body);
}

void append_piece(std::string& out, std::string_view piece, Framing framing) {
  if (framing != Framing::chunked) {
    out.append(piece);
    return;
  }
  append_number(out, piece.size(), 16);
  out.append("\r\n").append(piece).append("\r\n");
}

api::Response problem(const Malformed& why) {
  api::Response response;
  response.status = why.status;
  response.content_type = "application/problem+json";
  response.body.append(R"({"type":"about:blank","title":")").append(reason(why.status));
  response.body.append(R"(","status":)");
  append_number(response.body, why.status);
  response.body.append(R"(,"code":")").append(why.code);
  response.body.append(R"(","detail":")").append(why.detail).append(R"("})");
  response.code = why.code;
  return response;
}

std::string_view DateCache::at(std::time_t now) {
  if (now == at_) return text_;
  std::tm utc{};
  gmtime_r(&now, &utc);
  // Not strftime's %a and %b: they follow the locale.
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 32> digits;
  text_.assign(days[static_cast<std::size_t>(utc.tm_wday)]);
  text_.append(digits.data(), std::strftime(digits.data(), digits.size(), ", %d ", &utc));
  text_.append(months[static_cast<std::size_t>(utc.tm_mon)]);
  text_.append(digits.data(),
               std::strftime(digits.data(), digits.size(), " %Y %H:%M:%S GMT", &utc));
  at_ = now;
  return text_;
}

}  // namespace bddlock::http
