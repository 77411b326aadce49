// Called by service.cpp: a sweep of the whole table, in slices between other changes.
#include <iterator>

#include "service/service_state.hpp"

namespace bddlock::service {

namespace {

// Small enough that a claim behind a slice waits for a few milliseconds only.
constexpr std::size_t slice_stacks_max = 500;

}  // namespace

void Service::State::sweep(Done<SweepCounts> done) {
  {
    const std::scoped_lock lock{sweep_mutex_};
    awaiting_sweep_.push_back(std::move(done));
    if (std::exchange(sweeping_, true)) return;
    sweep_counts_ = {};
  }
  sweep_slice(std::nullopt);
}

void Service::State::sweep_slice(std::optional<core::StackName> after) {
  run<SweepSlice>(
      [sweep_rules = rules.sweep, after = std::move(after)](Lender& lending, Store& store,
                                                            core::Instant now, Woken& woken) {
        return lending.sweep_slice(store, sweep_rules, after, slice_stacks_max, now, woken);
      },
      [self = shared_from_this()](core::Result<SweepSlice> slice) {
        if (!slice) return self->answer_sweep(std::unexpected(self->partly_swept(slice.error())));
        self->add(std::move(slice->counts));
        if (!slice->next_after) return self->answer_sweep(std::move(self->sweep_counts_));
        self->sweep_slice(std::move(slice->next_after));
      });
}

void Service::State::add(SweepCounts slice) {
  sweep_counts_.released += slice.released;
  sweep_counts_.expired += slice.expired;
  sweep_counts_.holds_ended += slice.holds_ended;
  sweep_counts_.removed += slice.removed;
  if (!slice.removed_names.empty() && on_removed) on_removed(slice.removed_names);
  std::ranges::move(slice.removed_names, std::back_inserter(sweep_counts_.removed_names));
}

// A slice that failed changed nothing; what those before it ended stays ended.
core::Error Service::State::partly_swept(core::Error error) const {
  const SweepCounts& counts = sweep_counts_;
  if (counts.released + counts.expired + counts.holds_ended + counts.removed == 0) return error;
  error.code = core::Errc::outcome_unknown;
  error.detail += "; before that " + std::to_string(counts.released) + " were released, " +
                  std::to_string(counts.expired) + " leases and " +
                  std::to_string(counts.holds_ended) + " holds ended and " +
                  std::to_string(counts.removed) + " removed";
  return error;
}

void Service::State::answer_sweep(const core::Result<SweepCounts>& counts) {
  std::vector<Done<SweepCounts>> waiting;
  {
    const std::scoped_lock lock{sweep_mutex_};
    waiting.swap(awaiting_sweep_);
    sweeping_ = false;
  }
  for (auto& done : waiting) done(counts);
}

}  // namespace bddlock::service
