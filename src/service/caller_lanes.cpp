#include "service/caller_lanes.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace bddlock::service {
namespace {

using core::Errc;
using CallerError = core::Error;

// What both lanes share: the jobs in the order in which they came.
class Turns {
 public:
  using Turn = std::move_only_function<void()>;

  void take(Turn turn) {
    waiting_.push_back(std::move(turn));
    if (std::exchange(running_, true)) return;
    while (!waiting_.empty()) {
      Turn next = std::move(waiting_.front());
      waiting_.pop_front();
      next();
    }
    running_ = false;
  }

 private:
  std::deque<Turn> waiting_;
  bool running_ = false;
};

class CallerWriteLane final : public WriteLane {
 public:
  CallerWriteLane(std::shared_ptr<Turns> turns, Store& store, Clock& clock)
      : turns_(std::move(turns)), store_(store), clock_(clock) {}

  void submit(std::unique_ptr<WriteJob> job) override {
    if (stopped_) {
      const CallerError error = not_taken(true);
      return job->finish(&error);
    }
    turns_->take([this, job = std::move(job)] {
      const auto failure = run(*job);
      healthy_ = !failure;
      job->finish(failure ? &*failure : nullptr);
    });
  }

  bool healthy() const override { return healthy_; }
  void stop() override { stopped_ = true; }

 private:
  std::optional<CallerError> run(WriteJob& job) {
    if (!settled_) {
      if (const auto recovered = store_.recover(); !recovered) return not_begun(recovered.error());
      settled_ = true;
    }
    now_ = std::max(now_, clock_.now());
    if (const auto begun = store_.begin(); !begun) return not_begun(begun.error());
    if (const auto done = job.run(store_, now_); !done) {
      store_.rollback();
      settled_ = done.error().code != Errc::outcome_unknown;
      return done.error();
    }
    if (const auto committed = store_.commit(); !committed) {
      settled_ = false;
      return CallerError{Errc::outcome_unknown, committed.error().detail};
    }
    return std::nullopt;
  }

  static CallerError not_begun(const CallerError& error) {
    return {Errc::store_unavailable, error.detail};
  }

  const std::shared_ptr<Turns> turns_;
  Store& store_;
  Clock& clock_;
  core::Instant now_ = core::Instant::min();
  bool settled_ = true;
  bool healthy_ = true;
  bool stopped_ = false;
};

class CallerReadLane final : public ReadLane {
 public:
  CallerReadLane(std::shared_ptr<Turns> turns, StoreReader& reader)
      : turns_(std::move(turns)), reader_(reader) {}

  void submit(Job job) override {
    turns_->take([this, job = std::move(job)]() mutable { job(reader_); });
  }
  // Nothing waits here, and what a last write goes on with may as well be read.
  void stop() override {}

 private:
  const std::shared_ptr<Turns> turns_;
  StoreReader& reader_;
};

}  // namespace

CallerLanes make_caller_lanes(Store& store, StoreReader& reader, Clock& clock) {
  auto turns = std::make_shared<Turns>();
  return {std::make_unique<CallerWriteLane>(turns, store, clock),
          std::make_unique<CallerReadLane>(turns, reader)};
}

}  // namespace bddlock::service
