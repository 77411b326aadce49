// Reads the requests that almost all clients send in a fraction of the time that the real parser
// (request_parser.hpp) needs. Whatever is not that plain, or not whole yet, is left to the real
// one, which reads it or says what is wrong with it. Pure; called by session.cpp.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/request_parser.hpp"

namespace bddlock::http {

// How many bytes at the front of `bytes` are one plain request; `out` is then what the real parser
// would have read from them. 0: none, and `out` is not to be used. Plain is a request that is there
// to its end and within both limits; of a method with a name, for a path, in HTTP/1.1; in visible
// ASCII and spaces without quotes and backslashes, every line ending in CR LF; with one
// Authorization and one Content-Length at most; and without a header field that changes how the
// connection or the body is to be understood.
[[nodiscard]] std::size_t read_plain_request(std::string_view bytes, std::size_t header_bytes_max,
                                             std::size_t body_bytes_max, ReceivedRequest& out);

}  // namespace bddlock::http
