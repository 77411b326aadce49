#include "http/mailbox.hpp"

#include <iterator>

#include "http/response_text.hpp"

namespace bddlock::http {
namespace {

// As many as there are under way in a busy server; in one that has little to do they stay a while.
constexpr std::size_t given_back_max = 512;

}  // namespace

void Mailbox::put(Delivery delivery) {
  std::vector<api::Response> written;  // destroyed unlocked
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  written.swap(written_);
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

void Mailbox::give_back(std::vector<api::Response>& written) {
  if (written.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (!closed_ && written_.size() + written.size() <= given_back_max)
      written_.insert(written_.end(), std::move_iterator{written.begin()},
                      std::move_iterator{written.end()});
  }
  written.clear();
}

void Mailbox::take(std::vector<Delivery>& into) {
  const std::lock_guard lock(mutex_);
  waiting_.swap(into);
}

void Mailbox::close() {
  std::vector<api::Response> written;
  std::vector<Delivery>
      dropped;  // destroyed unlocked: a response may own an Answer, which would put() here
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_.swap(dropped);
  written.swap(written_);
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
