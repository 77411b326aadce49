// What the copies of a Service share, and what their jobs on the lanes keep alive. Private to
// service.
#pragma once

#include <atomic>
#include <mutex>
#include <utility>

#include "service/free_looks.hpp"
#include "service/lender.hpp"
#include "service/service.hpp"

namespace bddlock::service {

class Service::State : public std::enable_shared_from_this<State> {
 public:
  State(WriteLane& write_lane, ReadLane& read_lane, Clock& its_clock, Random random,
        ServiceRules its_rules, OnTrouble its_on_trouble, OnRemoved its_on_removed);

  // A change: `work(lender, store, now, woken)` on the write lane. Whoever it woke is told after
  // the commit, and before `done`.
  template <class T, class Work>
  void run(Work work, Done<T> done) {
    using Result = std::pair<T, Woken>;
    submit<Result>(
        writes,
        [self = shared_from_this(), work = std::move(work)](
            Store& store, core::Instant now) mutable -> core::Result<Result> {
          Woken woken;
          core::Result<T> answer = work(self->lender, store, now, woken);
          if (!answer) return std::unexpected(std::move(answer.error()));
          return Result{std::move(*answer), std::move(woken)};
        },
        [self = shared_from_this(), done = std::move(done)](core::Result<Result> result) mutable {
          if (!result) return done(std::unexpected(std::move(result.error())));
          for (const Granted& granted : result->second) {
            self->free_looks_.forget(granted.key.repo_name);
            self->parking.answer(granted.key, granted);
          }
          done(std::move(result->first));
        });
  }

  // A look: `work(lender, reader, now)` on the read lane.
  template <class T, class Work>
  void look(Work work, Done<T> done) {
    reads.submit([self = shared_from_this(), work = std::move(work),
                  done = std::move(done)](StoreReader& reader) mutable {
      done(work(self->lender, reader, self->clock.now()));
    });
  }

  // --- service.cpp
  Ticket claim(ClaimCall call, Done<ClaimAnswer> done);
  // Answers calls of requests that wait with where they stand (202), or with what they have got
  // meanwhile.
  void tell_places(std::vector<Parking::Call> calls);
  void reprioritise(RequestKey key, int priority, Done<PriorityAnswer> done);

  // --- service_time.cpp
  void start(Done<void> done);
  void tick();
  void tidy_now();
  // --- sweeper.cpp
  void sweep(Done<SweepCounts> done);
  // --- importing.cpp
  void import(std::vector<core::Stack> records, bool replace, Done<ImportAnswer> done);

  WriteLane& writes;
  ReadLane& reads;
  Clock& clock;
  const ServiceRules rules;
  const OnTrouble on_trouble;
  const OnRemoved on_removed;
  Parking parking;
  Lender lender;

 private:
  void tell_places_in(core::RepoName repo, std::vector<Parking::Call> calls);
  void collect(Parking::Call call);
  void tell_new_place(RequestKey key, Done<PriorityAnswer> done);
  void tell_standing(RequestKey key, Done<PriorityAnswer> done);

  void look_for_due();
  void end_due();
  void collect_offered(const RequestKey& key);
  // --- service_wake.cpp
  void look_for_free();
  void look_for_free_in(const core::RepoName& repo);
  void hand_over(const core::RepoName& repo, bool to_all);
  void tidy();
  void forget_history();
  void trouble(std::string_view what, const core::Error& error);

  void sweep_slice(std::optional<core::StackName> after);
  void add(SweepCounts slice);
  [[nodiscard]] core::Error partly_swept(core::Error error) const;
  void answer_sweep(const core::Result<SweepCounts>& counts);

  FreeLooks free_looks_;

  // Ticks that are under way, and when the next may begin (in us since 1970).
  std::atomic<bool> ending_due_ = false;
  std::atomic<bool> tidying_ = false;
  std::atomic<std::int64_t> next_due_us_ = std::numeric_limits<std::int64_t>::min();
  std::atomic<std::int64_t> next_tidy_us_ = std::numeric_limits<std::int64_t>::min();

  // One sweep at a time, slice by slice; whoever comes while it runs gets its counts too.
  SweepCounts sweep_counts_{};  // of the sweep that runs
  std::mutex sweep_mutex_;      // of what stands below
  std::vector<Done<SweepCounts>> awaiting_sweep_;
  bool sweeping_ = false;
};

}  // namespace bddlock::service
