// Runs the sweep when its cron expression says so, and makes up for one that was missed while the
// server was down: the time of the last run is kept in the store under `last_sweep_key`.
//
// The clock may be set while it sleeps, so it wakes at least once a minute (tick()) and looks at
// the time; it never computes one long sleep. Threads: tick() from one thread; the report is called
// on a lane's thread.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "core/schedule.hpp"
#include "service/clock.hpp"
#include "service/service.hpp"

namespace bddlock::service {

inline constexpr std::string_view last_sweep_key = "last_scheduled_sweep_us";
inline constexpr core::seconds sweep_retry_seconds{30};

class Scheduler {
 public:
  // Called after each run with its counts, and with why a run, or the reading or noting of its
  // time, failed: that is tried again after sweep_retry_seconds. Outlives the lanes.
  using Report = std::function<void(core::Instant due, const core::Result<SweepCounts>&)>;

  // At the first start ever, and if the noted time lies in the future (the clock was wrong once),
  // the present is noted and nothing is made up for.
  Scheduler(Service& service, Clock& clock, core::Schedule schedule, Report report);

  // Call once a second or so. Starts the sweep if its time has come and none of ours is running.
  void tick();

 private:
  class Task;

  std::shared_ptr<Task> task_;  // shared with what it has on the lanes
};

}  // namespace bddlock::service
