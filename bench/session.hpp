// How one connection of the load speaks to one kind of server: the bytes of its next request, and
// what an answer means. Each peer is one implementation, and so is each new workload. All of them
// are driven by the same loop (load.hpp), so that no peer has a cheaper client than another.
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace bddlock::bench {

enum class Call { open = 1, claim, release };

enum class Verdict { incomplete = 1, done, refused, wrong };

// What the bytes received so far are. `consumed`: how many of them were the answer; 0 if it is
// incomplete.
struct Reply {
  Verdict verdict = Verdict::incomplete;
  std::size_t consumed = 0;
  std::string problem{};          // of a wrong answer: a sentence with what was received
  std::string_view stack_name{};  // what a claim of any stack was lent; part of what was received
  std::uint64_t fencing_token{};  // of it
};

class Session {
 public:
  virtual ~Session() = default;

  // What to send once, before anything else; empty: nothing, and no answer is awaited.
  [[nodiscard]] virtual std::string_view opening() = 0;

  // The bytes of a call, valid until the next one is asked for. `name` is the stack's; where any
  // stack of a repo is claimed, a claim gets the repo's. A release ends the claim before it.
  [[nodiscard]] virtual std::string_view request(Call call, std::string_view name) = 0;

  // Reads the answer to `call` about `name` from the front of `received`, and checks all of it.
  [[nodiscard]] virtual Reply read(Call call, std::string_view name, std::string_view received) = 0;
};

[[nodiscard]] inline Reply wrong(std::string_view what, std::string_view received) {
  return {Verdict::wrong, 0, std::string(what) + ": " + std::string(received.substr(0, 400))};
}

// --- A claim of a stack by its name.

// The seed's API: PUT /claim-stack/NAME and /release-stack/NAME with the token in Authorization.
[[nodiscard]] std::unique_ptr<Session> make_seed_session(const std::string& token);

// GET /healthz for each call: what one HTTP round trip costs, with no store behind it.
[[nodiscard]] std::unique_ptr<Session> make_health_session();

// Redis: a hash for each stack, claimed and released by a Lua script each (EVALSHA).
[[nodiscard]] std::unique_ptr<Session> make_redis_session();

// PostgreSQL, user `postgres`, database `bench`, no password: prepared statements over the extended
// protocol (Bind, Execute, Sync in one piece), which is less work than any client library does.
[[nodiscard]] std::unique_ptr<Session> make_postgres_session();

// --- A claim of any stack of a repo: it has an owner, a lease and a fencing token, and only its
// owner can release it.

// An id that was not there before; they rise, as those do that begin with the time.
using MakeId = std::function<std::string()>;

inline constexpr unsigned lease_seconds = 900;

// The API v1: POST /v1/repos/REPO/claims, /v1/claims/CLAIMID/release. The id is the requestId.
[[nodiscard]] std::unique_ptr<Session> make_v1_session(const std::string& token, MakeId make_id);

// Redis: a list of the free stacks for each repo, and a hash for each stack.
[[nodiscard]] std::unique_ptr<Session> make_redis_any_session(MakeId make_id);

// PostgreSQL: UPDATE ... WHERE stack_name = (SELECT ... LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING.
[[nodiscard]] std::unique_ptr<Session> make_postgres_any_session(MakeId make_id);

}  // namespace bddlock::bench
