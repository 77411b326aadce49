#include <cstdint>

#include "session.hpp"

namespace bddlock::bench {
namespace {

// SKIP LOCKED: a claim never waits for another one's commit, it is refused at once.
constexpr std::string_view claim_statement =
    "UPDATE stacks SET is_available = NULL, last_used = now() WHERE stack_name = "
    "(SELECT stack_name FROM stacks WHERE stack_name = $1 AND is_available = 'x' "
    "FOR UPDATE SKIP LOCKED) RETURNING stack_name";
constexpr std::string_view release_statement =
    "UPDATE stacks SET is_available = 'x', last_used = now() "
    "WHERE stack_name = $1 AND is_available IS NULL RETURNING stack_name";

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

void append_execute(std::string& out, char name, std::string_view parameter) {
  std::string body{'\0', name, '\0'};  // the unnamed portal, the statement
  append_int16(body, 0);               // all parameters as text
  append_int16(body, 1);
  append_int32(body, parameter.size());
  body.append(parameter);
  append_int16(body, 0);  // all results as text
  append_message(out, 'B', body);
  append_message(out, 'E', std::string_view("\0\0\0\0\0", 5));
  append_message(out, 'S', {});
}

class PostgresSession final : public Session {
 public:
  std::string_view opening() override {
    buffer_ = startup();
    append_prepare(buffer_, 'c', claim_statement);
    append_prepare(buffer_, 'r', release_statement);
    append_message(buffer_, 'S', {});
    return buffer_;
  }

  std::string_view request(Call call, std::string_view stack_name) override {
    buffer_.clear();
    append_execute(buffer_, call == Call::claim ? 'c' : 'r', stack_name);
    return buffer_;
  }

  // Walks over the messages until the last ReadyForQuery that is due: two for the opening, else
  // one.
  Reply read(Call call, std::string_view stack_name, std::string_view received) override {
    int ready_due = call == Call::open ? 2 : 1;
    std::string_view rows;
    for (std::size_t at = 0; received.size() >= at + 5;) {
      const std::size_t length = 1 + read_int(received.substr(at + 1, 4));
      if (received.size() < at + length) return {};
      const std::string_view message = received.substr(at, length);
      at += length;
      if (message[0] == 'E') return wrong("an error of PostgreSQL", printable(message));
      if (message[0] == 'D') rows = message;
      if (message[0] == 'Z' && --ready_due == 0) return verdict(call, stack_name, rows, at);
    }
    return {};
  }

 private:
  // A row: one column, the name of the stack that was changed.
  static Reply verdict(Call call, std::string_view stack_name, std::string_view row,
                       std::size_t consumed) {
    if (call == Call::open) return {Verdict::done, consumed, {}};
    if (row.empty()) return {Verdict::refused, consumed, {}};
    if (row.size() < 11 || row.substr(11) != stack_name) return wrong("another stack", row);
    return {Verdict::done, consumed, {}};
  }

  static std::string printable(std::string_view message) {
    std::string out(message.substr(5));
    for (char& byte : out) {
      if (byte == '\0') byte = ' ';
    }
    return out;
  }

  std::string buffer_;
};

}  // namespace

std::unique_ptr<Session> make_postgres_session() { return std::make_unique<PostgresSession>(); }

}  // namespace bddlock::bench
