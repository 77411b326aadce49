// Puts many short pieces behind one another, where a text is composed tens of thousands of times a
// second: room for all of them is made once, so each piece is one copy and no growing string.
#pragma once

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace bddlock::core {

inline constexpr std::size_t number_bytes_max = 20;  // of any 64-bit number, sign and all

class Appender {
 public:
  Appender(char* begin, std::size_t room) : to_(begin), end_(begin + room) {}

  // REQUIRES of all: it fits into the room that is left.
  void put(char c) {
    assert(to_ != end_);
    *to_++ = c;
  }
  void put(std::string_view text) {
    assert(static_cast<std::size_t>(end_ - to_) >= text.size());
    to_ = std::copy(text.begin(), text.end(), to_);
  }
  template <class Number>
  void put_number(Number number, int base = 10) {
    const auto [end, error] = std::to_chars(to_, end_, number, base);
    assert(error == std::errc{});
    to_ = end;
  }

  [[nodiscard]] char* end() const { return to_; }

 private:
  char* to_;
  char* end_;
};

// Appends to `out` what `write(appender)` puts, at most `room` bytes.
template <class Write>
void append_pieces(std::string& out, std::size_t room, Write write) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + room, [&](char* text, std::size_t) {
    Appender appender(text + before, room);
    write(appender);
    return static_cast<std::size_t>(appender.end() - text);
  });
}

}  // namespace bddlock::core
