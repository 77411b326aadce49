// Called by service.cpp from any thread; calls the store from its own. The hot path of the whole
// server: one lock for each submit, one for each batch, and a wake-up only when the thread sleeps.
#include "service/lane.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace bddlock::service {
namespace {

using core::Errc;
using core::Error;

// Few enough that the first of a large batch are on their way while the last are still written,
// many enough that waking whoever passes them on costs little.
constexpr std::size_t replies_at_once = 16;

constexpr std::size_t done_max = 1024;  // jobs, and a batch more

class BatchingLane final : public WriteLane {
 public:
  BatchingLane(Store& store, Clock& clock, LaneLimits limits, AroundReplies around)
      : store_(store), clock_(clock), limits_(limits), around_(std::move(around)), thread_([this] {
          work();
        }) {}

  ~BatchingLane() override { BatchingLane::stop(); }

  void stop() override {
    {
      const std::scoped_lock lock{mutex_};
      stopping_ = true;
    }
    wake_up_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  void submit(std::unique_ptr<WriteJob> job) override {
    Batch done;  // outlives the lock
    std::unique_lock lock{mutex_};
    done.swap(done_);
    if (stopping_ || queue_.size() >= limits_.queue_max) {
      const Error error = not_taken(stopping_);
      lock.unlock();
      return job->finish(&error);
    }
    queue_.push_back(std::move(job));
    const bool wake = std::exchange(asleep_, false);
    lock.unlock();
    if (wake) wake_up_.notify_one();
  }

  bool healthy() const override { return healthy_.load(std::memory_order_acquire); }

 private:
  using Batch = std::vector<std::unique_ptr<WriteJob>>;

  void work() {
    Batch batch;
    while (take(batch)) {
      if (batch.empty()) {
        (void)recover();
      } else {
        run(batch);
        put_done(batch);
      }
    }
  }

  // Waits for jobs; comes back without any when it is time to try a recovery. False: all is done.
  bool take(Batch& batch) {
    std::unique_lock lock{mutex_};
    const auto has_news = [this] { return !queue_.empty() || stopping_; };
    while (!has_news()) {
      asleep_ = true;
      if (healthy()) {
        wake_up_.wait(lock);
      } else if (wake_up_.wait_for(lock, limits_.recovery_interval) == std::cv_status::timeout) {
        asleep_ = false;
        break;
      }
    }
    move_queued_to(batch);
    return !batch.empty() || !stopping_;
  }

  void put_done(Batch& batch) {
    {
      const std::scoped_lock lock{mutex_};
      if (done_.size() < done_max)
        done_.insert(done_.end(), std::move_iterator{batch.begin()},
                     std::move_iterator{batch.end()});
    }
    batch.clear();  // what was not taken: nobody has submitted anything for long
  }

  // With the lock held.
  void move_queued_to(Batch& batch) {
    const auto room = std::max<std::size_t>(limits_.batch_max, 1) - batch.size();
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), room));
    batch.insert(batch.end(), std::move_iterator{queue_.begin()}, std::move_iterator{end});
    queue_.erase(queue_.begin(), end);
  }

  // Takes what came while a small batch ran: it shares the fsync instead of waiting for its end. A
  // large one is not worth waiting for more: its clients have their answers while the next one
  // runs.
  void top_up(Batch& batch) {
    if (batch.size() >= std::min(limits_.batch_small, limits_.batch_max)) return;
    const std::scoped_lock lock{mutex_};
    move_queued_to(batch);
  }

  void run(Batch& batch) {
    if (!settled_) {
      if (const auto recovered = recover(); !recovered)
        return fail(batch, Errc::store_unavailable, recovered.error());
    }
    now_ = std::max(now_, clock_.now());
    if (const auto begun = store_.begin(); !begun)
      return fail(batch, Errc::store_unavailable, begun.error());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (const auto done = batch[i]->run(store_, now_); !done)
        return give_up(batch, i, done.error());
      if (i + 1 == batch.size()) top_up(batch);
    }
    if (const auto committed = store_.commit(); !committed) {
      settled_ = false;
      return fail(batch, committed.error().code, committed.error());
    }
    healthy_.store(true, std::memory_order_release);
    for (auto rest = std::span(batch); !rest.empty();) {
      const auto portion = rest.first(std::min(rest.size(), replies_at_once));
      reply(portion);
      rest = rest.subspan(portion.size());
    }
  }

  void reply(std::span<const std::unique_ptr<WriteJob>> jobs) {
    if (around_.before) around_.before();
    for (const auto& job : jobs) job->finish(nullptr);
    if (around_.after) around_.after();
  }

  // The job at `failed` could not be run. An unknown outcome comes only from a store whose saves
  // are durable one by one: there nobody can say of the jobs before it that nothing was changed.
  void give_up(Batch& batch, std::size_t failed, const Error& error) {
    store_.rollback();
    healthy_.store(false, std::memory_order_release);
    const Error not_done{Errc::store_unavailable, error.detail};
    const Error& begun = error.code == Errc::outcome_unknown ? error : not_done;
    settled_ = settled_ && error.code != Errc::outcome_unknown;
    for (std::size_t i = 0; i < batch.size(); ++i)
      batch[i]->finish(i <= failed ? &begun : &not_done);
  }

  void fail(Batch& batch, Errc code, const Error& error) {
    healthy_.store(false, std::memory_order_release);
    const Error failure{code, error.detail};
    for (const auto& job : batch) job->finish(&failure);
  }

  core::Result<void> recover() {
    auto recovered = store_.recover();
    if (recovered) {
      settled_ = true;
      healthy_.store(true, std::memory_order_release);
    }
    return recovered;
  }

  Store& store_;
  Clock& clock_;
  const LaneLimits limits_;
  const AroundReplies around_;

  // Of the lane's thread only.
  bool settled_ = true;  // false from an unknown outcome until the store has recovered
  core::Instant now_ = core::Instant::min();

  std::atomic<bool> healthy_ = true;
  std::mutex mutex_;  // of what stands below
  std::condition_variable wake_up_;
  std::deque<std::unique_ptr<WriteJob>> queue_;
  // Whoever submits the next job destroys these: memory that the thread took which made them is
  // best given back there. On the lane's thread each of them would wait for a lock of malloc's.
  Batch done_;
  bool asleep_ = false;
  bool stopping_ = false;

  std::thread thread_;  // last: it uses the rest
};

}  // namespace

std::unique_ptr<WriteLane> make_batching_lane(Store& store, Clock& clock, LaneLimits limits,
                                              AroundReplies around) {
  return std::make_unique<BatchingLane>(store, clock, limits, std::move(around));
}

}  // namespace bddlock::service
