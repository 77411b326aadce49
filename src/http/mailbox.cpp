#include "http/mailbox.hpp"

#include "http/response_text.hpp"

namespace bddlock::http {

void Mailbox::put(Delivery delivery) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  waiting_.push_back(std::move(delivery));
  if (waiting_.size() == 1 && holders_ == 0) wake_();
}

void Mailbox::hold() {
  const std::lock_guard lock(mutex_);
  ++holders_;
}

// What came before hold() has had its wake-up; one more finds nothing and does no harm.
void Mailbox::let_go() {
  const std::lock_guard lock(mutex_);
  if (--holders_ == 0 && !waiting_.empty() && !closed_) wake_();
}

void Mailbox::take(std::vector<Delivery>& into) {
  const std::lock_guard lock(mutex_);
  waiting_.swap(into);
}

void Mailbox::close() {
  std::vector<Delivery>
      dropped;  // destroyed unlocked: a response may own an Answer, which would put() here
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_.swap(dropped);
}

api::Response lost_response() {
  return problem(
      {500, "internal_error", "the server failed to answer this request; its log says why"});
}

Piece lost_piece() {
  return std::unexpected(
      core::Error{core::Errc::store_unavailable, "a piece of the answer was never given"});
}

}  // namespace bddlock::http
