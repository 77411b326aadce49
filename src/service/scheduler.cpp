// Called once a second by app; calls the service, and goes on in its callbacks.
#include "service/scheduler.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace bddlock::service {

// tick() may go on in the phases unread and idle; in busy, the callback of what is on a lane does.
// No call of the service is made under the lock, because it may answer within the call.
class Scheduler::Task : public std::enable_shared_from_this<Task> {
 public:
  Task(Service& service, Clock& clock, core::Schedule schedule, Report report)
      : service_(service), clock_(clock), schedule_(schedule), report_(std::move(report)) {}

  void tick() {
    const core::Instant now = clock_.now();
    std::unique_lock lock{mutex_};
    if (phase_ == Phase::busy || now < not_before_) return;
    if (phase_ == Phase::unread) {
      phase_ = Phase::busy;
      lock.unlock();
      return read_last(now);
    }
    const auto due = schedule_.next_after(last_);
    if (!due || *due > now) return;
    phase_ = Phase::busy;
    lock.unlock();
    sweep(*due, now);
  }

 private:
  enum class Phase { unread, idle, busy };

  void read_last(core::Instant now) {
    service_.mark(std::string{last_sweep_key},
                  [self = shared_from_this(), now](core::Result<std::optional<std::int64_t>> us) {
                    if (!us) return self->fail(Phase::unread, now, us.error());
                    const core::Instant last{core::microseconds{us->value_or(0)}};
                    if (us->has_value() && last <= now) return self->become_idle(last);
                    self->note(now, now, Phase::unread);
                  });
  }

  void sweep(core::Instant due, core::Instant now) {
    service_.sweep([self = shared_from_this(), due, now](core::Result<SweepCounts> counts) {
      if (!counts) return self->fail(Phase::idle, due, counts.error());
      self->report_(due, counts);
      self->note(due, now, Phase::idle);
    });
  }

  // Only once its time is stored is a run done with.
  void note(core::Instant due, core::Instant now, Phase phase_if_failed) {
    service_.put_mark(
        std::string{last_sweep_key}, now.time_since_epoch().count(),
        [self = shared_from_this(), due, now, phase_if_failed](core::Result<void> put) {
          if (!put) return self->fail(phase_if_failed, due, put.error());
          self->become_idle(now);
        });
  }

  void become_idle(core::Instant last) {
    const std::scoped_lock lock{mutex_};
    last_ = last;
    phase_ = Phase::idle;
  }

  void fail(Phase phase, core::Instant due, const core::Error& error) {
    {
      const std::scoped_lock lock{mutex_};
      not_before_ = clock_.now() + sweep_retry_seconds;
      phase_ = phase;
    }
    report_(due, std::unexpected(error));
  }

  Service service_;  // a copy: ours may be called when the scheduler and its service are gone
  Clock& clock_;
  const core::Schedule schedule_;
  const Report report_;
  std::mutex mutex_;  // of what stands below
  Phase phase_ = Phase::unread;
  core::Instant last_{};
  core::Instant not_before_ = core::Instant::min();
};

Scheduler::Scheduler(Service& service, Clock& clock, core::Schedule schedule, Report report)
    : task_(std::make_shared<Task>(service, clock, schedule, std::move(report))) {}

void Scheduler::tick() { task_->tick(); }

}  // namespace bddlock::service
