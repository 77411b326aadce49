// What the sessions with Redis have in common: RESP, and scripts by their hash. Threads: any.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "session.hpp"

namespace bddlock::bench {

void append_bulk(std::string& out, std::string_view text);

// SCRIPT LOAD for two scripts, and the hashes in the answer to it, once it is whole.
[[nodiscard]] std::string load_scripts(std::string_view claim, std::string_view release);
struct LoadedScripts {
  Reply reply{};
  std::string claim{};
  std::string release{};
};
[[nodiscard]] LoadedScripts read_loaded_scripts(std::string_view received);

[[nodiscard]] std::string evalsha(std::string_view hash, int keys,
                                  std::initializer_list<std::string_view> words);

// The time comes from the client: one call less for Redis than asking it for its own.
[[nodiscard]] std::string now_us(unsigned later_seconds = 0);

}  // namespace bddlock::bench
