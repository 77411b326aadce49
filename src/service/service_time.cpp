// Called by service.cpp, ten times a second. What nobody asked for, and so nobody is told when it
// fails, but on_trouble.
#include "service/service_state.hpp"

namespace bddlock::service {

using core::Result;

namespace {

constexpr std::size_t restarted_at_once = 1000;
constexpr std::size_t due_at_once =
    200;  // a claim behind a slice waits for a few milliseconds only
constexpr std::size_t requests_tidied_at_once = 200;
constexpr std::size_t events_forgotten_at_once = 1000;
constexpr core::seconds retry_interval{1};

std::int64_t in_us(core::Instant at) { return at.time_since_epoch().count(); }

}  // namespace

void Service::State::start(Done<void> done) {
  run<bool>([](Lender& lending, Store& store, core::Instant now,
               Woken&) { return lending.restart_waiting(store, now, restarted_at_once); },
            [self = shared_from_this(), done = std::move(done)](Result<bool> more) mutable {
              if (!more) return done(std::unexpected(std::move(more.error())));
              if (*more) return self->start(std::move(done));
              done({});
            });
}

void Service::State::tick() {
  const core::Instant now = clock.now();
  if (auto over = parking.expired(now); !over.empty()) tell_places(std::move(over));
  if (in_us(now) >= next_due_us_ && !ending_due_.exchange(true)) look_for_due();
  if (rules.claims.is_shared) look_for_free();
  if (in_us(now) >= next_tidy_us_ && !tidying_.exchange(true)) tidy();
}

void Service::State::tidy_now() {
  if (!tidying_.exchange(true)) tidy();
}

// Only if a reader finds something is the write lane troubled.
void Service::State::look_for_due() {
  look<Lender::Look>([](Lender& lending, StoreReader& reader,
                        core::Instant now) { return lending.look(reader, now); },
                     [self = shared_from_this()](Result<Lender::Look> found) {
                       if (found)
                         for (const RequestKey& key : found->offered) self->collect_offered(key);
                       if (found && found->is_anything_due) return self->end_due();
                       if (!found) self->trouble("look for what is due", found.error());
                       self->ending_due_ = false;
                     });
}

// The offer is of another server, which could not know of the call that is open here.
void Service::State::collect_offered(const RequestKey& key) {
  run<ClaimAnswer>([key](Lender& lending, Store& store, core::Instant now,
                         Woken& woken) { return lending.collect(store, key, now, woken); },
                   [self = shared_from_this(), key](Result<ClaimAnswer> answer) {
                     if (!answer) return self->trouble("collect an offer", answer.error());
                     if (!std::holds_alternative<Queued>(*answer))
                       self->parking.answer(key, *answer);
                   });
}

void Service::State::end_due() {
  run<bool>([](Lender& lending, Store& store, core::Instant now,
               Woken& woken) { return lending.tick(store, now, due_at_once, woken); },
            [self = shared_from_this()](Result<bool> more) {
              if (more && *more) return self->end_due();
              if (!more) self->trouble("end what is due", more.error());
              self->ending_due_ = false;
            });
}

void Service::State::tidy() {
  next_tidy_us_ = in_us(clock.now() + rules.tidy_interval);
  run<bool>([](Lender& lending, Store& store, core::Instant now,
               Woken&) { return lending.tidy(store, now, requests_tidied_at_once); },
            [self = shared_from_this()](Result<bool> tidied) {
              if (tidied) return self->forget_history();
              self->trouble("forget old requests", tidied.error());
              self->tidying_ = false;
            });
}

void Service::State::forget_history() {
  run<bool>(
      [history = rules.history](Lender&, Store& store, core::Instant now, Woken&) {
        return Lender::forget_history(store, history, now, events_forgotten_at_once);
      },
      [self = shared_from_this()](Result<bool> more) {
        if (more && *more) return self->forget_history();
        if (!more) self->trouble("forget old events", more.error());
        self->tidying_ = false;
      });
}

void Service::State::trouble(std::string_view what, const core::Error& error) {
  const auto later = in_us(clock.now() + retry_interval);
  next_due_us_ = later;
  next_tidy_us_ = later;
  if (on_trouble) on_trouble(what, error);
}

}  // namespace bddlock::service
