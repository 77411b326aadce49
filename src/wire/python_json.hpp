// JSON as Python's json.dumps writes it by default, which the clients of the seed's API see: ", "
// and ": " between things, and everything but printable ASCII as \uxxxx, beyond U+FFFF as a
// surrogate pair.
#pragma once

#include <string>
#include <string_view>

namespace bddlock::wire {

// Appends the text as a JSON string with its quotes. A byte that is no UTF-8 is written as U+FFFD.
void append_python_string(std::string& out, std::string_view utf8);

}  // namespace bddlock::wire
