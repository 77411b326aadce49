// Bytes that are no acceptable request, and what each is answered. Used with the parser alone and
// with a whole server.
#pragma once

#include <array>
#include <cstdio>
#include <ostream>
#include <string>
#include <string_view>

namespace bddlock::http {

struct BadRequest {
  std::string_view bytes;
  unsigned status;
  std::string_view says;  // a part of the detail
};

using namespace std::string_view_literals;

inline constexpr std::array bad_requests = {
    BadRequest{"GARBAGE\r\n\r\n"sv, 400, "the method is not valid"},
    BadRequest{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"sv, 400, "the method is not valid"},
    BadRequest{"\0\0\0\0"sv, 400, "the method is not valid"},
    BadRequest{"GET\r\n\r\n"sv, 400, "the method is not valid"},
    BadRequest{"G\xc3\x84T / HTTP/1.1\r\n\r\n"sv, 400, "the method is not valid"},
    BadRequest{"GET  / HTTP/1.1\r\n\r\n"sv, 400, "the request target is not valid"},
    BadRequest{"GET v1 HTTP/1.1\r\n\r\n"sv, 400, "the request target is not valid"},
    BadRequest{"GET ftp://a/b HTTP/1.1\r\n\r\n"sv, 400, "the request target is not valid"},
    BadRequest{"CONNECT a:80 HTTP/1.1\r\n\r\n"sv, 400, "the request target is not valid"},
    BadRequest{"GET /\r\n\r\n"sv, 400, "the request target is not valid"},
    BadRequest{"GET /a\0b HTTP/1.1\r\n\r\n"sv, 400, "the request target is not valid"},
    BadRequest{"GET /a\tb HTTP/1.1\r\n\r\n"sv, 400, "the request target is not valid"},
    BadRequest{"GET / http/1.1\r\n\r\n"sv, 400, "METHOD SP TARGET SP HTTP/1.1"},
    BadRequest{"GET / FTP/1.1xxxxx\r\n\r\n"sv, 400, "METHOD SP TARGET SP HTTP/1.1"},
    BadRequest{"GET / HTTP/1.1 \r\n\r\n"sv, 400, "METHOD SP TARGET SP HTTP/1.1"},
    BadRequest{"GET /a b HTTP/1.1\r\n\r\n"sv, 400, "METHOD SP TARGET SP HTTP/1.1"},
    BadRequest{"GET / HTTP/1.1\nHost: x\n\n"sv, 400, "ends in LF alone"},
    BadRequest{"GET / HTTP/2.0\r\n\r\n"sv, 505, "HTTP/1.1 and HTTP/1.0"},
    BadRequest{"GET / HTTP/1.2\r\n\r\n"sv, 505, "HTTP/1.1 and HTTP/1.0"},
    BadRequest{"GET / HTTP/0.9\r\n\r\n"sv, 505, "HTTP/1.1 and HTTP/1.0"},
    BadRequest{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"sv, 505, "HTTP/1.1 and HTTP/1.0"},
    BadRequest{"GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"sv, 400, "ends in LF alone"},
    BadRequest{"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"sv, 400, "NAME: VALUE"},
    BadRequest{"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"sv, 400, "NAME: VALUE"},
    BadRequest{"GET / HTTP/1.1\r\nA\0: b\r\n\r\n"sv, 400, "NAME: VALUE"},
    BadRequest{"GET / HTTP/1.1\r\nno colon\r\n\r\n"sv, 400, "NAME: VALUE"},
    BadRequest{"GET / HTTP/1.1\r\n: empty name\r\n\r\n"sv, 400, "NAME: VALUE"},
    BadRequest{"GET / HTTP/1.1\r\n Host: x\r\n\r\n"sv, 400, "NAME: VALUE"},
    BadRequest{"POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\nabc"sv, 400, "NAME: VALUE"},
    BadRequest{"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"sv, 400, "begins with a space"},
    BadRequest{"GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n"sv, 400, "begins with a space"},
    BadRequest{"GET / HTTP/1.1\r\nA:\r\n c\r\n\r\n"sv, 400, "begins with a space"},
    BadRequest{"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"sv, 400,
               "once at most"},
    BadRequest{"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"sv, 400,
               "once at most"},
    BadRequest{"POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabc"sv, 400, "once at most"},
    BadRequest{"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"sv, 400, "one decimal number"},
    BadRequest{"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na"sv, 400, "one decimal number"},
    BadRequest{"POST / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\na"sv, 400, "one decimal number"},
    BadRequest{"POST / HTTP/1.1\r\nContent-Length: 1 1\r\n\r\na"sv, 400, "one decimal number"},
    BadRequest{"POST / HTTP/1.1\r\nContent-Length:\r\n\r\na"sv, 400, "one decimal number"},
    BadRequest{"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\na"sv, 400,
               "one decimal number"},
    BadRequest{
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv,
        400, "not both"},
    BadRequest{
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"sv,
        400, "decimal number"},
    BadRequest{
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"sv,
        400, "not both or two"},
    BadRequest{"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"sv, 501,
               "chunked"},
    BadRequest{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"sv, 501,
               "chunked"},
    BadRequest{"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc"sv, 501, "chunked"},
    BadRequest{"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"sv, 501, "chunked"},
    BadRequest{"POST / HTTP/1.1\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n"sv, 501, "chunked"},
    BadRequest{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv, 400, "HTTP/1.0"},
    BadRequest{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"sv, 400,
               "hexadecimal"},
    BadRequest{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx"sv, 400,
               "hexadecimal"},
    BadRequest{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"sv, 400,
               "hexadecimal"},
    BadRequest{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3 x\r\nabc\r\n0\r\n\r\n"sv,
               400, "hexadecimal"},
    BadRequest{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"sv, 400,
               "hexadecimal"},
    BadRequest{
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n"sv,
        400, "decimal number"},
    BadRequest{"POST / HTTP/1.1\r\nExpect: a miracle\r\nContent-Length: 3\r\n\r\n"sv, 417,
               "100-continue"},
    BadRequest{"GET / HTTP/1.1\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n"sv, 400,
               "once only"},
};

// The test's id: the bytes, readable.
inline std::string shown(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    std::array<char, 8> code{};
    if (c >= ' ' && c < '\x7f')
      text.push_back(c);
    else
      text.append(code.data(),
                  static_cast<std::size_t>(std::snprintf(code.data(), code.size(), "\\x%02x",
                                                         static_cast<unsigned char>(c))));
  }
  return text;
}
inline void PrintTo(const BadRequest& bad, std::ostream* out) { *out << shown(bad.bytes); }

}  // namespace bddlock::http
