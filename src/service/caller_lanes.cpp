#include "service/caller_lanes.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "service/lone_job.hpp"

namespace bddlock::service {
namespace {

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
      : turns_(std::move(turns)), jobs_(store), clock_(clock) {}

  void submit(std::unique_ptr<WriteJob> job) override {
    if (stopped_) {
      const core::Error error = not_taken(true);
      return job->finish(&error);
    }
    turns_->take([this, job = std::move(job)] {
      const auto done = jobs_.run(*job, [this] { return now(); });
      healthy_ = done.has_value();
      job->finish(done ? nullptr : &done.error());
    });
  }

  bool healthy() const override { return healthy_; }
  void stop() override { stopped_ = true; }

 private:
  core::Instant now() { return now_ = std::max(now_, clock_.now()); }

  const std::shared_ptr<Turns> turns_;
  LoneJobs jobs_;
  Clock& clock_;
  core::Instant now_ = core::Instant::min();
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
