// Reads what this project's own server answers: HTTP/1.1 with a Content-Length, and JSON without
// blanks. No parser for others' answers. Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bddlock::bench {

struct HttpAnswer {
  int status = 0;
  std::string_view body;
  std::size_t bytes = 0;  // of the whole answer; 0: not all of it is there
};

[[nodiscard]] HttpAnswer parse_http_answer(std::string_view received);

// The value of the first field of this name, at any depth; empty where there is none. Strings have
// no escapes in them: here only names and ids are read.
[[nodiscard]] std::string_view json_string(std::string_view body, std::string_view name);
[[nodiscard]] std::optional<std::uint64_t> json_count(std::string_view body, std::string_view name);

}  // namespace bddlock::bench
