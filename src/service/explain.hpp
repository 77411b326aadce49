// What a request waits for, for the person who wonders: read from the table as it is, decided by
// the same rules as the queue. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/answers.hpp"
#include "service/request_status.hpp"
#include "service/store.hpp"

namespace bddlock::service {

inline constexpr std::size_t explained_stacks_max = 20;

// Why a suitable stack is not given to the request at this moment. The enumerators are the wire's
// words.
enum class NotGiven {
  claimed = 1,
  offered,  // to another request, which has not collected it yet
  held,
  disabled,
  reserved,  // free, but kept for requests for several that are before it
  free,      // it would be given if the request were ready, or if there were as many as it wants
};
[[nodiscard]] std::string_view to_text(NotGiven why);

struct SuitableStack {
  core::Stack stack{};
  NotGiven why = NotGiven::claimed;
};

struct Explanation {
  core::Request request{};
  RequestStatus status = RequestStatus::waiting;
  std::vector<core::Stack> claims{};  // of an offered or granted one: those that live

  // Of a waiting one.
  std::optional<Queued> place{};
  bool open = false;   // a call of it is open
  bool ready = false;  // it would be given what is free: a call is open, or was a moment ago
  std::vector<SuitableStack>
      suitable{};  // those that come free first, explained_stacks_max at most
  std::int64_t suitable_in_all = 0;
  std::vector<std::string> first{};  // what must happen first: sentences for people
};

}  // namespace bddlock::service
