#include "redis_words.hpp"
#include "session.hpp"

namespace bddlock::bench {
namespace {

constexpr std::string_view claim_script =
    "if redis.call('HGET', KEYS[1], 'isAvailable') == 'x' then "
    "redis.call('HSET', KEYS[1], 'isAvailable', '', 'lastUsed', ARGV[1]) return 1 end return 0";
constexpr std::string_view release_script =
    "if redis.call('HGET', KEYS[1], 'isAvailable') == '' then "
    "redis.call('HSET', KEYS[1], 'isAvailable', 'x', 'lastUsed', ARGV[1]) return 1 end return 0";

class RedisSession final : public Session {
 public:
  std::string_view opening() override {
    buffer_ = load_scripts(claim_script, release_script);
    return buffer_;
  }

  std::string_view request(Call call, std::string_view stack_name) override {
    buffer_ =
        evalsha(call == Call::claim ? scripts_.claim : scripts_.release, 1, {stack_name, now_us()});
    return buffer_;
  }

  Reply read(Call call, std::string_view, std::string_view received) override {
    if (call == Call::open) return (scripts_ = read_loaded_scripts(received)).reply;
    if (received == ":1\r\n") return {Verdict::done, received.size()};
    if (received == ":0\r\n") return {Verdict::refused, received.size()};
    if (received.starts_with(':') && !received.ends_with("\r\n")) return {};
    return wrong("an answer that the scripts do not have", received);
  }

 private:
  LoadedScripts scripts_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<Session> make_redis_session() { return std::make_unique<RedisSession>(); }

}  // namespace bddlock::bench
