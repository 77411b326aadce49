#include "postgres_wire.hpp"

#include <cstdint>

namespace bddlock::bench {
namespace {

constexpr std::size_t header_bytes = 5;  // of a message: its type and its length

void append_int32(std::string& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void append_int16(std::string& out, std::size_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value));
}

std::size_t read_int(std::string_view bytes) {
  std::size_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

// A message: its type, its length with the length's own four bytes, its body.
void append_message(std::string& out, char type, std::string_view body) {
  out.push_back(type);
  append_int32(out, body.size() + 4);
  out.append(body);
}

std::string startup() {
  constexpr std::string_view parameters("user\0postgres\0database\0bench\0\0", 30);
  std::string out;
  append_int32(out, 4 + 4 + parameters.size());
  append_int32(out, 3 << 16);  // protocol 3.0
  return out.append(parameters);
}

// Parse: name, statement, no parameter types.
void append_prepare(std::string& out, char name, std::string_view statement) {
  std::string body{name, '\0'};
  body.append(statement).append(3, '\0');
  append_message(out, 'P', body);
}

std::string printable(std::string_view message) {
  std::string out(message.substr(header_bytes));
  for (char& byte : out) {
    if (byte == '\0') byte = ' ';
  }
  return out;
}

}  // namespace

std::string postgres_opening(std::string_view claim, std::string_view release) {
  std::string out = startup();
  append_prepare(out, 'c', claim);
  append_prepare(out, 'r', release);
  append_message(out, 'S', {});
  return out;
}

std::string postgres_execute(char name, std::initializer_list<std::string_view> parameters) {
  std::string body{'\0', name, '\0'};  // the unnamed portal, the statement
  append_int16(body, 0);               // all parameters as text
  append_int16(body, parameters.size());
  for (const std::string_view parameter : parameters) {
    append_int32(body, parameter.size());
    body.append(parameter);
  }
  append_int16(body, 0);  // all results as text
  std::string out;
  append_message(out, 'B', body);
  append_message(out, 'E', std::string_view("\0\0\0\0\0", 5));
  append_message(out, 'S', {});
  return out;
}

PostgresAnswer read_postgres(Call call, std::string_view received) {
  int ready_due = call == Call::open ? 2 : 1;
  std::string_view row;
  for (std::size_t at = 0; received.size() >= at + header_bytes;) {
    const std::size_t length = 1 + read_int(received.substr(at + 1, 4));
    if (received.size() < at + length) return {};
    const std::string_view message = received.substr(at, length);
    at += length;
    if (message[0] == 'E') return {wrong("an error of PostgreSQL", printable(message))};
    if (message[0] == 'D') row = message;
    if (message[0] == 'Z' && --ready_due == 0) return {{Verdict::done, at}, row};
  }
  return {};
}

std::string_view column(std::string_view row, std::size_t index) {
  std::size_t at = header_bytes + 2;  // behind the number of columns
  for (; row.size() >= at + 4; --index) {
    const std::size_t length = read_int(row.substr(at, 4));
    if (index == 0) return row.substr(at + 4, length);
    at += 4 + length;
  }
  return {};
}

}  // namespace bddlock::bench
