#include "redis_words.hpp"

#include <chrono>

namespace bddlock::bench {
namespace {

constexpr std::size_t hash_bytes = 40;
constexpr std::size_t loaded_bytes = 5 + hash_bytes + 2;  // "$40\r\n", the script's hash, "\r\n"

void append_array(std::string& out, std::size_t size) {
  out.append("*").append(std::to_string(size)).append("\r\n");
}

}  // namespace

void append_bulk(std::string& out, std::string_view text) {
  out.append("$").append(std::to_string(text.size())).append("\r\n").append(text).append("\r\n");
}

std::string load_scripts(std::string_view claim, std::string_view release) {
  std::string out;
  for (const std::string_view script : {claim, release}) {
    append_array(out, 3);
    append_bulk(out, "SCRIPT");
    append_bulk(out, "LOAD");
    append_bulk(out, script);
  }
  return out;
}

LoadedScripts read_loaded_scripts(std::string_view received) {
  if (received.starts_with('-')) return {wrong("Redis took no script", received)};
  if (received.size() < 2 * loaded_bytes) return {};
  return {{Verdict::done, 2 * loaded_bytes},
          std::string(received.substr(5, hash_bytes)),
          std::string(received.substr(loaded_bytes + 5, hash_bytes))};
}

std::string evalsha(std::string_view hash, int keys,
                    std::initializer_list<std::string_view> words) {
  std::string out;
  append_array(out, 3 + words.size());
  append_bulk(out, "EVALSHA");
  append_bulk(out, hash);
  append_bulk(out, std::to_string(keys));
  for (const std::string_view word : words) append_bulk(out, word);
  return out;
}

std::string now_us(unsigned later_seconds) {
  using namespace std::chrono;
  const auto then = system_clock::now().time_since_epoch() + seconds(later_seconds);
  return std::to_string(duration_cast<microseconds>(then).count());
}

}  // namespace bddlock::bench
