#include <charconv>

#include "postgres_wire.hpp"
#include "session.hpp"

namespace bddlock::bench {
namespace {

// A stack whose lease is over is free as well; a released one has no lease. SKIP LOCKED: claims
// that run at the same time take different stacks.
const std::string claim_statement =
    "UPDATE stacks SET owner = $2, expires_at = now() + interval '" +
    std::to_string(lease_seconds) +
    " s', fencing_token = fencing_token + 1 WHERE stack_name = "
    "(SELECT stack_name FROM stacks WHERE repo_name = $1 AND expires_at <= now() "
    "LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING stack_name, fencing_token";
constexpr std::string_view release_statement =
    "UPDATE stacks SET owner = NULL, expires_at = '-infinity' "
    "WHERE stack_name = $1 AND owner = $2 RETURNING stack_name";

class PostgresAnySession final : public Session {
 public:
  explicit PostgresAnySession(MakeId make_id) : make_id_(std::move(make_id)) {}

  std::string_view opening() override {
    buffer_ = postgres_opening(claim_statement, release_statement);
    return buffer_;
  }

  std::string_view request(Call call, std::string_view name) override {
    if (call == Call::claim) owner_ = make_id_();
    buffer_ = postgres_execute(call == Call::claim ? 'c' : 'r', {name, owner_});
    return buffer_;
  }

  Reply read(Call call, std::string_view name, std::string_view received) override {
    PostgresAnswer answer = read_postgres(call, received);
    if (call == Call::open || answer.reply.verdict != Verdict::done) return answer.reply;
    if (call == Call::release && column(answer.row, 0) != name)
      return wrong("no release of this stack", answer.row);
    if (call == Call::release) return answer.reply;
    if (answer.row.empty()) return {Verdict::refused, answer.reply.consumed};
    const std::string_view token = column(answer.row, 1);
    answer.reply.stack_name = column(answer.row, 0);
    std::from_chars(token.data(), token.data() + token.size(), answer.reply.fencing_token);
    return answer.reply;
  }

 private:
  MakeId make_id_;
  std::string owner_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<Session> make_postgres_any_session(MakeId make_id) {
  return std::make_unique<PostgresAnySession>(std::move(make_id));
}

}  // namespace bddlock::bench
