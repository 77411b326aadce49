// Called by service.cpp from any thread; calls the readers from its own.
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "service/lane.hpp"

namespace bddlock::service {
namespace {

using core::Error;

// What a job gets that the read lane does not take.
class UnavailableReader final : public StoreReader {
 public:
  explicit UnavailableReader(Error error) : error_(std::move(error)) {}
  core::Result<std::optional<core::Stack>> find(const core::StackName&) override { return no(); }
  core::Result<StackPage> list(const StackQuery&) override { return no(); }
  core::Result<core::FencingToken> retired_token(const core::StackName&) override { return no(); }
  core::Result<std::optional<std::int64_t>> mark(std::string_view) override { return no(); }
  core::Result<std::vector<core::RepoName>> repos(const std::optional<core::RepoName>&,
                                                  std::size_t) override {
    return no();
  }
  core::Result<RepoTotals> totals(const core::RepoName&) override { return no(); }
  core::Result<std::vector<core::Stack>> available(const core::RepoName&, const core::StringMap&,
                                                   std::size_t) override {
    return no();
  }
  core::Result<std::vector<core::Stack>> due(core::Instant, std::size_t) override { return no(); }
  core::Result<std::optional<core::Request>> find_request(const core::RepoName&,
                                                          const core::RequestId&) override {
    return no();
  }
  core::Result<std::vector<core::Request>> waiting(const core::RepoName&,
                                                   const std::optional<QueuePlace>&,
                                                   std::size_t) override {
    return no();
  }
  core::Result<std::int64_t> count_waiting(const core::RepoName&) override { return no(); }
  core::Result<std::int64_t> count_waiting_before(const core::RepoName&,
                                                  const QueuePlace&) override {
    return no();
  }
  core::Result<std::int64_t> last_arrival(const core::RepoName&) override { return no(); }
  core::Result<std::vector<core::Request>> ready_until_before(core::Instant, std::size_t) override {
    return no();
  }
  core::Result<std::vector<core::Request>> settled_requests(
      const std::optional<std::pair<core::RepoName, core::RequestId>>&, std::size_t) override {
    return no();
  }
  core::Result<EventPage> events(const EventQuery&) override { return no(); }

 private:
  [[nodiscard]] std::unexpected<Error> no() const { return std::unexpected(error_); }
  Error error_;
};

class PooledReadLane final : public ReadLane {
 public:
  PooledReadLane(StoreReader& reader, std::size_t threads, LaneLimits limits)
      : reader_(reader), limits_(limits) {
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i)
      threads_.emplace_back([this] { work(); });
  }

  ~PooledReadLane() override { PooledReadLane::stop(); }

  void stop() override {
    {
      const std::scoped_lock lock{mutex_};
      stopping_ = true;
    }
    wake_up_.notify_all();
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

  void submit(Job job) override {
    std::unique_lock lock{mutex_};
    if (stopping_ || queue_.size() >= limits_.queue_max) {
      UnavailableReader unavailable{not_taken(stopping_)};
      lock.unlock();
      return job(unavailable);
    }
    queue_.push_back(std::move(job));
    const bool wake = asleep_ > 0;
    lock.unlock();
    if (wake) wake_up_.notify_one();
  }

 private:
  void work() {
    for (std::unique_lock lock{mutex_};;) {
      while (queue_.empty() && !stopping_) {
        ++asleep_;
        wake_up_.wait(lock);
        --asleep_;
      }
      if (queue_.empty()) return;
      Job job = std::move(queue_.front());
      queue_.pop_front();
      const bool stopping = stopping_;
      lock.unlock();
      run(job, stopping);
      job = nullptr;  // what it holds goes before the lock is taken again
      lock.lock();
    }
  }

  // Nobody waits for a list any more when the lane stops: many long ones would only delay the end.
  void run(Job& job, bool stopping) {
    if (!stopping) return job(reader_);
    UnavailableReader unavailable{not_taken(stopping)};
    job(unavailable);
  }

  StoreReader& reader_;
  const LaneLimits limits_;
  std::mutex mutex_;  // of what stands below
  std::condition_variable wake_up_;
  std::deque<Job> queue_;
  std::size_t asleep_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<ReadLane> make_read_lane(StoreReader& reader, std::size_t threads,
                                         LaneLimits limits) {
  return std::make_unique<PooledReadLane>(reader, threads, limits);
}

}  // namespace bddlock::service
