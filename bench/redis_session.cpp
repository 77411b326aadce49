#include <chrono>

#include "session.hpp"

namespace bddlock::bench {
namespace {

// The time comes from the client: one call less for Redis than asking it for its own.
constexpr std::string_view claim_script =
    "if redis.call('HGET', KEYS[1], 'isAvailable') == 'x' then "
    "redis.call('HSET', KEYS[1], 'isAvailable', '', 'lastUsed', ARGV[1]) return 1 end return 0";
constexpr std::string_view release_script =
    "if redis.call('HGET', KEYS[1], 'isAvailable') == '' then "
    "redis.call('HSET', KEYS[1], 'isAvailable', 'x', 'lastUsed', ARGV[1]) return 1 end return 0";

void append_bulk(std::string& out, std::string_view text) {
  out.append("$").append(std::to_string(text.size())).append("\r\n").append(text).append("\r\n");
}

std::string load_command(std::string_view script) {
  std::string out = "*3\r\n";
  append_bulk(out, "SCRIPT");
  append_bulk(out, "LOAD");
  append_bulk(out, script);
  return out;
}

std::string now_us() {
  using namespace std::chrono;
  return std::to_string(
      duration_cast<microseconds>(system_clock::now().time_since_epoch()).count());
}

constexpr std::size_t hash_bytes = 40;
constexpr std::size_t loaded_bytes = 5 + hash_bytes + 2;  // "$40\r\n", the script's hash, "\r\n"

class RedisSession final : public Session {
 public:
  std::string_view opening() override {
    buffer_ = load_command(claim_script) + load_command(release_script);
    return buffer_;
  }

  std::string_view request(Call call, std::string_view stack_name) override {
    buffer_ = call == Call::claim ? claim_ : release_;
    append_bulk(buffer_, stack_name);
    append_bulk(buffer_, now_us());
    return buffer_;
  }

  Reply read(Call call, std::string_view, std::string_view received) override {
    if (call == Call::open) return read_opening(received);
    if (received == ":1\r\n") return {Verdict::done, received.size(), {}};
    if (received == ":0\r\n") return {Verdict::refused, received.size(), {}};
    if (received.starts_with(':') && !received.ends_with("\r\n")) return {};
    return wrong("an answer that the scripts do not have", received);
  }

 private:
  Reply read_opening(std::string_view received) {
    if (received.starts_with('-')) return wrong("Redis took no script", received);
    if (received.size() < 2 * loaded_bytes) return {};
    claim_ = call_of(received.substr(5, hash_bytes));
    release_ = call_of(received.substr(loaded_bytes + 5, hash_bytes));
    return {Verdict::done, 2 * loaded_bytes, {}};
  }

  static std::string call_of(std::string_view hash) {
    std::string out = "*5\r\n";
    append_bulk(out, "EVALSHA");
    append_bulk(out, hash);
    append_bulk(out, "1");
    return out;
  }

  std::string claim_;
  std::string release_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<Session> make_redis_session() { return std::make_unique<RedisSession>(); }

}  // namespace bddlock::bench
