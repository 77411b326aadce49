#include <charconv>
#include <optional>

#include "redis_words.hpp"
#include "session.hpp"

namespace bddlock::bench {
namespace {

// A list for each repo has the stacks that are free, the one released last in front. Nothing finds
// a claim whose lease is over: a sorted set by time would, and costs a change a fifth more
// instructions. KEYS: the repo. ARGV: the owner, when the lease is over.
constexpr std::string_view claim_script =
    "local stack = redis.call('LPOP', KEYS[1]) "
    "if not stack then return false end "
    "local token = (redis.call('HGET', stack, 'token') or 0) + 1 "
    "redis.call('HSET', stack, 'owner', ARGV[1], 'expiresAt', ARGV[2], 'token', token) "
    "return {stack, token}";
// KEYS: the stack, its repo. ARGV: the owner.
constexpr std::string_view release_script =
    "if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end "
    "redis.call('HSET', KEYS[1], 'owner', '') "
    "redis.call('LPUSH', KEYS[2], KEYS[1]) return 1";

constexpr std::string_view nothing = "$-1\r\n";
constexpr std::string_view end_of_line = "\r\n";

struct Granted {
  std::string_view stack_name;
  std::uint64_t token = 0;
};

// "*2\r\n$13\r\nstack-0000001\r\n:7\r\n"
std::optional<Granted> read_granted(std::string_view received) {
  const std::size_t name_at = received.find(end_of_line, 4) + 2;
  const std::size_t name_end = received.find(end_of_line, name_at);
  if (!received.starts_with("*2\r\n$") || name_end == std::string_view::npos) return std::nullopt;
  Granted granted{received.substr(name_at, name_end - name_at)};
  const std::string_view rest = received.substr(name_end + 2);
  if (!rest.starts_with(':')) return std::nullopt;
  std::from_chars(rest.data() + 1, rest.data() + rest.size(), granted.token);
  return granted;
}

std::size_t lines_in(std::string_view received) {
  std::size_t count = 0;
  for (std::size_t at = received.find(end_of_line); at != std::string_view::npos;
       at = received.find(end_of_line, at + 2))
    ++count;
  return count;
}

class RedisAnySession final : public Session {
 public:
  explicit RedisAnySession(MakeId make_id) : make_id_(std::move(make_id)) {}

  std::string_view opening() override {
    buffer_ = load_scripts(claim_script, release_script);
    return buffer_;
  }

  std::string_view request(Call call, std::string_view name) override {
    if (call == Call::release) {
      buffer_ = evalsha(scripts_.release, 2, {name, repo_name_, owner_});
    } else {
      owner_ = make_id_();
      repo_name_ = name;
      buffer_ = evalsha(scripts_.claim, 1, {name, owner_, now_us(lease_seconds)});
    }
    return buffer_;
  }

  Reply read(Call call, std::string_view, std::string_view received) override {
    if (call == Call::open) return (scripts_ = read_loaded_scripts(received)).reply;
    if (received.starts_with('-')) return wrong("an error of Redis", received);
    const std::size_t lines_due = received.starts_with('*') ? 4 : 1;
    if (lines_in(received) < lines_due) return {};
    if (call == Call::release && received == ":1\r\n") return {Verdict::done, received.size()};
    if (call == Call::claim && received == nothing) return {Verdict::refused, received.size()};
    const auto granted = read_granted(received);
    if (call == Call::release || !granted)
      return wrong("an answer that the scripts do not have", received);
    return {Verdict::done, received.size(), {}, granted->stack_name, granted->token};
  }

 private:
  MakeId make_id_;
  LoadedScripts scripts_;
  std::string owner_;
  std::string repo_name_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<Session> make_redis_any_session(MakeId make_id) {
  return std::make_unique<RedisAnySession>(std::move(make_id));
}

}  // namespace bddlock::bench
