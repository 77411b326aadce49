// Errors of the API v1 and of the HTTP layer: application/problem+json (RFC 9457) with a stable
// `code`, and facts beside it that a program can act on.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "wire/json_reader.hpp"

namespace bddlock::wire {

struct Problem {
  unsigned status = 500;
  std::string title;   // the status in words, as RFC 9457 wants it for "about:blank"
  std::string code;    // api/code.hpp has them all
  std::string detail;  // a sentence for people
  boost::json::object facts;
};

// {"type": "about:blank", "title", "status", "code", "detail", facts...}
[[nodiscard]] std::string to_text(const Problem& problem);
[[nodiscard]] Parsed<Problem> parse_problem(std::string_view text);

// The sentence for people in any error body of this server, v1's or the seed's; empty if there is
// none (something else may stand between client and server).
[[nodiscard]] std::string sentence_in(std::string_view error_body);

}  // namespace bddlock::wire
