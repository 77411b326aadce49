#include "postgres_wire.hpp"
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

class PostgresSession final : public Session {
 public:
  std::string_view opening() override {
    buffer_ = postgres_opening(claim_statement, release_statement);
    return buffer_;
  }

  std::string_view request(Call call, std::string_view stack_name) override {
    buffer_ = postgres_execute(call == Call::claim ? 'c' : 'r', {stack_name});
    return buffer_;
  }

  Reply read(Call call, std::string_view stack_name, std::string_view received) override {
    PostgresAnswer answer = read_postgres(call, received);
    if (call == Call::open || answer.reply.verdict != Verdict::done) return answer.reply;
    if (answer.row.empty()) return {Verdict::refused, answer.reply.consumed};
    if (column(answer.row, 0) != stack_name) return wrong("another stack", answer.row);
    return answer.reply;
  }

 private:
  std::string buffer_;
};

}  // namespace

std::unique_ptr<Session> make_postgres_session() { return std::make_unique<PostgresSession>(); }

}  // namespace bddlock::bench
