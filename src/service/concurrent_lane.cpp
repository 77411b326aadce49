// Called by service.cpp from any thread; calls the stores from its own, one thread a store.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "service/lane.hpp"
#include "service/lone_job.hpp"

namespace bddlock::service {
namespace {

class ConcurrentLane final : public WriteLane {
 public:
  ConcurrentLane(std::span<Store* const> stores, Clock& clock, LaneLimits limits)
      : clock_(clock), limits_(limits) {
    for (Store* store : stores) threads_.emplace_back([this, store] { work(*store); });
  }

  ~ConcurrentLane() override { ConcurrentLane::stop(); }

  void stop() override {
    {
      const std::scoped_lock lock{mutex_};
      stopping_ = true;
    }
    wake_up_.notify_all();
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

  void submit(std::unique_ptr<WriteJob> job) override {
    std::unique_lock lock{mutex_};
    if (stopping_ || queue_.size() >= limits_.queue_max) {
      const core::Error error = not_taken(stopping_);
      lock.unlock();
      return job->finish(&error);
    }
    queue_.push_back(std::move(job));
    const bool wake = asleep_ > 0;
    lock.unlock();
    if (wake) wake_up_.notify_one();
  }

  bool healthy() const override { return healthy_.load(std::memory_order_acquire); }

 private:
  void work(Store& store) {
    LoneJobs jobs(store);
    for (bool goes_on = true; goes_on;) {
      std::unique_ptr<WriteJob> job;
      goes_on = take(job, jobs);
      if (job)
        run(jobs, *job);
      else if (goes_on)
        recover(jobs);
    }
  }

  // Waits for a job; comes back without one when it is time to try a recovery. False: all is done.
  bool take(std::unique_ptr<WriteJob>& job, const LoneJobs& jobs) {
    std::unique_lock lock{mutex_};
    while (queue_.empty() && !stopping_) {
      ++asleep_;
      const bool is_well = healthy() && jobs.settled();
      const bool is_late =
          !is_well && wake_up_.wait_for(lock, limits_.recovery_interval) == std::cv_status::timeout;
      if (is_well) wake_up_.wait(lock);
      --asleep_;
      if (is_late && queue_.empty() && !stopping_) return true;
    }
    if (queue_.empty()) return false;
    job = std::move(queue_.front());
    queue_.pop_front();
    return true;
  }

  void run(LoneJobs& jobs, WriteJob& job) {
    const auto done = jobs.run(job, [this] { return now(); });
    healthy_.store(done.has_value(), std::memory_order_release);
    job.finish(done ? nullptr : &done.error());
  }

  void recover(LoneJobs& jobs) {
    if (jobs.recover()) healthy_.store(true, std::memory_order_release);
  }

  // Of all threads: a job that begins later has no earlier time.
  core::Instant now() {
    const std::scoped_lock lock{time_mutex_};
    return now_ = std::max(now_, clock_.now());
  }

  Clock& clock_;
  const LaneLimits limits_;
  std::atomic<bool> healthy_ = true;
  std::mutex time_mutex_;  // of now_
  core::Instant now_ = core::Instant::min();

  std::mutex mutex_;  // of what stands below
  std::condition_variable wake_up_;
  std::deque<std::unique_ptr<WriteJob>> queue_;
  std::size_t asleep_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<WriteLane> make_concurrent_lane(std::span<Store* const> stores, Clock& clock,
                                                LaneLimits limits) {
  return std::make_unique<ConcurrentLane>(stores, clock, limits);
}

}  // namespace bddlock::service
