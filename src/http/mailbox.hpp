// How answers get from the lanes' threads to the I/O thread: put() from any thread, one wake-up
// when the box goes from empty to not empty, and take() empties it in one go. It outlives the
// server: an answer that comes after close() is dropped.
//
// Written answers go the other way, to be destroyed: memory is best given back by the thread that
// took it. On the other one each text would wait for a lock of malloc's, which both then fight for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "api/message.hpp"

namespace bddlock::http {

class Session;
using Piece = core::Result<std::string>;

struct Delivery {
  std::weak_ptr<Session> to;
  std::uint64_t exchange;  // which of the session's exchanges
  std::variant<api::Response, Piece> what;
};

class Mailbox {
 public:
  // `wake` must make the I/O thread call take(); it is called with the box locked, so it must not
  // call back.
  explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  void put(Delivery delivery);
  // Between the two nothing wakes the I/O thread: a batch of answers wakes it once, when the last
  // is in, and not at the first, when it would find one and go back to sleep. Pairs may overlap.
  void hold();
  void let_go();
  // The next put() destroys them, or this call does where that is too long in coming. Leaves
  // `written` empty.
  void give_back(std::vector<api::Response>& written);
  // Exchanges the contents with `into`, which must be empty: two vectors take turns, none is
  // allocated.
  void take(std::vector<Delivery>& into);
  void close();

 private:
  std::mutex mutex_;
  std::vector<Delivery> waiting_;
  std::vector<api::Response> written_;
  std::function<void()> wake_;
  int holders_ = 0;
  bool closed_ = false;
};

// What is used when an answer was destroyed without having been given.
[[nodiscard]] api::Response lost_response();
[[nodiscard]] Piece lost_piece();

// The callable that a request's owner gets: may be called once, on any thread. If it is destroyed
// without that (an exception on the way, a bug), the exchange is answered 500 rather than never; a
// stream breaks.
template <class T>
class Answer {
 public:
  Answer(std::shared_ptr<Mailbox> box, std::weak_ptr<Session> to, std::uint64_t exchange)
      : box_(std::move(box)), to_(std::move(to)), exchange_(exchange) {}
  Answer(Answer&&) noexcept = default;
  Answer& operator=(Answer&&) = delete;
  ~Answer() {
    if constexpr (std::is_same_v<T, Piece>)
      give(lost_piece);
    else
      give(lost_response);
  }

  void operator()(T value) {
    give([&value] { return std::move(value); });
  }

 private:
  template <class Make>
  void give(Make make) {
    if (const auto box = std::exchange(box_, nullptr))
      box->put(Delivery{std::move(to_), exchange_, make()});
  }

  std::shared_ptr<Mailbox> box_;  // null once given, or moved from
  std::weak_ptr<Session> to_;
  std::uint64_t exchange_;
};

}  // namespace bddlock::http
