// A lane is a queue in front of a store and the threads that work it off, so that whoever submits
// never waits for a disk. All the program's waiting for stores happens here.
//
// The write lane of a store with batches takes all that has queued up (batch_max at most), runs it
// in one batch of the store, a small one together with what comes meanwhile, and only after the
// commit lets the replies go: many changes, one fsync. A job that refuses does not disturb its
// batch; a job that fails ends it, and all of it is answered store_unavailable. If the commit fails
// the whole batch is answered so, outcome_unknown unless the store says that nothing was changed,
// and the lane serves nothing until the store has recovered. `now` is read once a batch, and never
// falls.
//
// Threads: submit() from any. Work runs on a lane's thread, and `done` is called there too, exactly
// once for each job that was submitted; neither may throw. A job that the lane does not take (its
// queue is full, or it was stopped) is finished within submit(), on the thread that called
// it: do not hold a lock there that `done` takes.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "service/clock.hpp"
#include "service/store.hpp"

namespace bddlock::service {

// One job, its types erased. run() may be called again when its batch was rolled back, never after
// finish().
class WriteJob {
 public:
  virtual ~WriteJob() = default;
  [[nodiscard]] virtual core::Result<void> run(Store& store, core::Instant now) = 0;
  virtual void finish(const core::Error* failure) = 0;  // null: what run() found is now durable
};

class WriteLane {
 public:
  virtual ~WriteLane() = default;
  virtual void submit(std::unique_ptr<WriteJob> job) = 0;
  // Whether the store took the last batch; false from a failed batch until the next good one or a
  // recovery, which the lane tries by itself every recovery_interval.
  [[nodiscard]] virtual bool healthy() const = 0;
  // Finishes what was submitted, and returns when the lane's thread has ended; what comes later is
  // not taken. Not from a lane's thread; a second call does nothing. Destroying stops it too.
  virtual void stop() = 0;
};

class ReadLane {
 public:
  // A job that the lane does not take gets a reader that answers store_unavailable to everything.
  using Job = std::move_only_function<void(StoreReader&)>;
  virtual ~ReadLane() = default;
  virtual void submit(Job job) = 0;
  virtual void stop() = 0;  // as WriteLane::stop()
};

// Jobs of each lane may go on on the other: both must have stopped before either is destroyed.
// Declared behind the two, it sees to that. The read lane stops first, since nobody waits for a
// list any more.
class LaneStop {
 public:
  LaneStop(WriteLane& writes, ReadLane& reads) : writes_(writes), reads_(reads) {}
  LaneStop(const LaneStop&) = delete;
  LaneStop& operator=(const LaneStop&) = delete;
  ~LaneStop() { stop(); }

  void stop() {
    reads_.stop();
    writes_.stop();
  }

 private:
  WriteLane& writes_;
  ReadLane& reads_;
};

template <class T>
using Done = std::move_only_function<void(core::Result<T>)>;

// Runs `work` on the lane and hands its result to `done` once it is durable.
template <class T>
void submit(WriteLane& lane, std::move_only_function<core::Result<T>(Store&, core::Instant)> work,
            Done<T> done) {
  class TypedJob final : public WriteJob {
   public:
    TypedJob(std::move_only_function<core::Result<T>(Store&, core::Instant)> work, Done<T> done)
        : work_(std::move(work)), done_(std::move(done)) {}
    core::Result<void> run(Store& store, core::Instant now) override {
      result_ = work_(store, now);
      if (!result_) return std::unexpected(result_.error());
      return {};
    }
    void finish(const core::Error* failure) override {
      if (failure != nullptr) result_ = std::unexpected(*failure);
      done_(std::move(result_));
    }

   private:
    std::move_only_function<core::Result<T>(Store&, core::Instant)> work_;
    Done<T> done_;
    core::Result<T> result_ =
        std::unexpected(core::Error{core::Errc::store_unavailable, "not run"});
  };
  lane.submit(std::make_unique<TypedJob>(std::move(work), std::move(done)));
}

// What a lane answers to a job that it does not take.
[[nodiscard]] inline core::Error not_taken(bool stopping) {
  return {core::Errc::store_unavailable,
          stopping ? "the server is stopping" : "too many jobs are waiting for the store"};
}

struct LaneLimits {
  std::size_t batch_max = 512;    // DESIGN section 4
  std::size_t batch_small = 24;   // a batch of fewer takes what comes while it runs
  std::size_t queue_max = 65536;  // jobs that wait; one more is answered store_unavailable at once
  std::chrono::milliseconds recovery_interval{200};  // between tries while the store is not healthy
};

// Called on the lane's thread around each portion of a batch's replies, so that whoever passes them
// on may do it for all of them at once. May be empty.
struct AroundReplies {
  std::function<void()> before{};
  std::function<void()> after{};
};

// A lane of one thread over a store with batches. When it stops, what was submitted before is run
// and finished, and what finish() callbacks submit meanwhile is answered store_unavailable.
[[nodiscard]] std::unique_ptr<WriteLane> make_batching_lane(Store& store, Clock& clock,
                                                            LaneLimits limits,
                                                            AroundReplies around = {});

// A lane for a store without batches, whose changes wait for a network: a thread for each of
// `stores`, which are handles of one table and outlive the lane. Each job is begun, run and
// committed by itself, and several at the same time; one that fails is answered for itself alone.
// A record that two of them change is for the job to try again, as between servers (retry.hpp).
// Of `limits` batch_max does not count. healthy(): whether the job that ended last could be done.
[[nodiscard]] std::unique_ptr<WriteLane> make_concurrent_lane(std::span<Store* const> stores,
                                                              Clock& clock, LaneLimits limits);

// `threads` threads over a reader. When it stops, what still waits gets a reader that answers
// store_unavailable, since nobody waits for a list any more.
[[nodiscard]] std::unique_ptr<ReadLane> make_read_lane(StoreReader& reader, std::size_t threads,
                                                       LaneLimits limits);

}  // namespace bddlock::service
