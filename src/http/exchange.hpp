// Requests that are not wholly answered yet. I/O thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "api/message.hpp"
#include "http/response_text.hpp"

namespace bddlock::http {

// exchange.cpp makes new ones of used ones, so it knows all members.
struct Exchange {
  std::uint64_t number = 0;
  std::string method;  // as sent; both for the access log, empty where nothing was understood
  std::string target;  // may hold a claimId: never logged as it is
  std::chrono::steady_clock::time_point received;
  AnswerForm form;
  api::Response response;
  bool answered = false;

  // A body that comes in pieces. The source is shared with the piece that is under way, so that it
  // outlives the call into it even if the connection ends meanwhile.
  std::shared_ptr<api::Pull> source;
  std::optional<std::string> piece;
  bool pulling = false;
  bool header_written = false;
  std::size_t body_bytes = 0;
};

using Exchanges = std::list<Exchange>;

// Those that are over and wait to be used again, with the memory of their texts: most requests then
// begin without a visit to the heap.
class SpareExchanges {
 public:
  // Appends an exchange to `to` that is as a new one.
  Exchange& add_to(Exchanges& to);
  // Takes the first one off `from`.
  void take_from(Exchanges& from);

 private:
  Exchanges spare_;
};

}  // namespace bddlock::http
