#include "http/response_text.hpp"

#include <array>

#include "core/appender.hpp"

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

// A value that came from a name must not be able to start a header of its own.
void put_value(core::Appender& out, std::string_view value) {
  for (const char c : value) out.put(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
}

void put_connection(core::Appender& out, const AnswerForm& form) {
  if (form.close)
    out.put("Connection: close\r\n");
  else if (form.http_1_0)
    out.put("Connection: keep-alive\r\n");
}

void put_body_header(core::Appender& out, const api::Response& response,
                     std::string_view content_type, Framing framing) {
  if (response.content_type != nullptr) {
    out.put("Content-Type: ");
    out.put(content_type);
    out.put("\r\n");
  }
  if (framing == Framing::chunked) {
    out.put("Transfer-Encoding: chunked\r\n");
  } else if (framing == Framing::length) {
    out.put("Content-Length: ");
    out.put_number(response.body.size());
    out.put("\r\n");
  }
}

void put_headers(core::Appender& out, const api::Response& response) {
  for (const auto& [name, value] : response.headers) {
    out.put(std::string_view(name));
    out.put(": ");
    put_value(out, value);
    out.put("\r\n");
  }
}

// The most that an answer can need.
std::size_t room_for(const api::Response& response, std::string_view content_type,
                     std::string_view date) {
  constexpr std::size_t head_bytes = 256;  // of all that stands around the values
  std::size_t out = head_bytes + content_type.size() + date.size() + response.body.size();
  for (const auto& [name, value] : response.headers)
    out += std::string_view(name).size() + value.size() + 4;
  return out;
}

}  // namespace

void append_answer(std::string& out, const api::Response& response, const AnswerForm& form,
                   std::string_view date) {
  const std::string_view content_type =
      response.content_type != nullptr ? response.content_type : std::string_view();
  const bool has_body = response.status != 204 && response.status != 304;
  core::append_pieces(out, room_for(response, content_type, date), [&](core::Appender& answer) {
    answer.put("HTTP/1.1 ");
    answer.put_number(response.status);
    answer.put(' ');
    answer.put(reason(response.status));
    answer.put("\r\nDate: ");
    answer.put(date);
    answer.put("\r\n");
    put_connection(answer, form);
    if (has_body) put_body_header(answer, response, content_type, form.framing);
    put_headers(answer, response);
    answer.put("\r\n");
    if (has_body && !form.head && form.framing == Framing::length) answer.put(response.body);
  });
}

void append_piece(std::string& out, std::string_view piece, Framing framing) {
  if (framing != Framing::chunked) {
    out.append(piece);
    return;
  }
  constexpr std::size_t around = core::number_bytes_max + 4;
  core::append_pieces(out, piece.size() + around, [piece](core::Appender& chunk) {
    chunk.put_number(piece.size(), 16);
    chunk.put("\r\n");
    chunk.put(piece);
    chunk.put("\r\n");
  });
}

api::Response problem(const Malformed& why) {
  api::Response response;
  response.status = why.status;
  response.content_type = "application/problem+json";
  response.body.append(R"({"type":"about:blank","title":")").append(reason(why.status));
  response.body.append(R"(","status":)");
  response.body.append(std::to_string(why.status));
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
