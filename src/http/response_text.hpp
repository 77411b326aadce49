// Writes the bytes of an answer: status line, header, body or its chunks. Pure text; called by
// session.cpp.
#pragma once

#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

#include "api/message.hpp"
#include "http/request_parser.hpp"

namespace bddlock::http {

// How the client finds the end of the body.
enum class Framing { length = 1, chunked, until_close };

struct AnswerForm {
  Framing framing = Framing::length;
  bool head = false;      // answer to HEAD: the header of a GET, without the body
  bool close = false;     // the connection ends after it
  bool http_1_0 = false;  // keeping the connection must then be said
};

// The header, and with Framing::length the body too. CR, LF and NUL in a header's value become
// spaces. 204 and 304 have no body whatever the response says.
void append_answer(std::string& out, const api::Response& response, const AnswerForm& form,
                   std::string_view date);

// One piece of a body whose header has been written; an empty piece ends a chunked body.
void append_piece(std::string& out, std::string_view piece, Framing framing);

// An error of the HTTP layer itself, as application/problem+json.
[[nodiscard]] api::Response problem(const Malformed& why);

// The value of a Date header, written anew only when the second changes.
class DateCache {
 public:
  [[nodiscard]] std::string_view at(std::time_t now);

 private:
  std::time_t at_ = -1;
  std::string text_;
};

}  // namespace bddlock::http
