// Called by api and the scheduler; calls the lanes, on which the Lender does the work.
#include "service/service.hpp"

#include <map>
#include <utility>

#include "service/ended_claims.hpp"
#include "service/service_state.hpp"

namespace bddlock::service {

using core::Error;
using core::Reply;
using core::Result;

Service::State::State(WriteLane& write_lane, ReadLane& read_lane, Clock& its_clock, Random random,
                      ServiceRules its_rules, OnTrouble its_on_trouble, OnRemoved its_on_removed)
    : writes(write_lane),
      reads(read_lane),
      clock(its_clock),
      rules(its_rules),
      on_trouble(std::move(its_on_trouble)),
      on_removed(std::move(its_on_removed)),
      lender(
          rules.claims, std::move(random),
          [this](const RequestKey& key) { return parking.is_open(key); },
          [this](const core::RepoName& repo) { return parking.is_any_open(repo); }) {
  if (rules.first_tidy_after.count() > 0)
    next_tidy_us_ = (clock.now() + rules.first_tidy_after).time_since_epoch().count();
}

Service::Service(WriteLane& writes, ReadLane& reads, Clock& clock, Random random,
                 ServiceRules rules, OnTrouble on_trouble, OnRemoved on_removed)
    : state_(std::make_shared<State>(writes, reads, clock, std::move(random), rules,
                                     std::move(on_trouble), std::move(on_removed))) {}

void Service::start(Done<void> done) { state_->start(std::move(done)); }
void Service::tick() { state_->tick(); }
void Service::tidy() { state_->tidy_now(); }
void Service::stop_waiting() { state_->tell_places(state_->parking.close()); }
std::size_t Service::parked() const { return state_->parking.size(); }

Ticket Service::claim(ClaimCall call, Done<ClaimAnswer> done) {
  return state_->claim(std::move(call), std::move(done));
}

// It is parked before its job runs, so that no grant can come between the two.
Ticket Service::State::claim(ClaimCall call, Done<ClaimAnswer> done) {
  const RequestKey key = call.key;
  const Ticket ticket = call.wait.count() > 0
                            ? parking.open(key, clock.now() + call.wait, std::move(done))
                            : Ticket{0};
  run<ClaimAnswer>(
      [call = std::move(call)](Lender& lending, Store& store, core::Instant now, Woken& woken) {
        return lending.claim(store, call, now, woken);
      },
      [self = shared_from_this(), key, ticket,
       done = std::move(done)](Result<ClaimAnswer> answer) mutable {
        const bool waits = answer && std::holds_alternative<Queued>(*answer);
        if (answer && std::holds_alternative<Granted>(*answer))
          self->free_looks_.forget(key.repo_name);
        if (ticket != 0 && !waits) return self->parking.settle(ticket, std::move(answer));
        if (ticket != 0) return;
        if (!waits) return done(std::move(answer));
        std::vector<Parking::Call> calls;
        calls.push_back({key, std::move(done)});
        self->tell_places(std::move(calls));
      });
  return ticket;
}

void Service::State::tell_places(std::vector<Parking::Call> calls) {
  std::map<core::RepoName, std::vector<Parking::Call>> by_repo;
  for (Parking::Call& call : calls) {
    auto& of_repo = by_repo[call.key.repo_name];
    of_repo.push_back(std::move(call));
  }
  for (auto& [repo, of_repo] : by_repo) tell_places_in(repo, std::move(of_repo));
}

void Service::State::tell_places_in(core::RepoName repo, std::vector<Parking::Call> calls) {
  std::vector<core::RequestId> ids;
  for (const Parking::Call& call : calls) ids.push_back(call.key.request_id);
  look<std::vector<std::optional<Queued>>>(
      [repo = std::move(repo), ids = std::move(ids)](Lender& lending, StoreReader& reader,
                                                     core::Instant now) {
        return lending.places(reader, repo, ids, now);
      },
      [self = shared_from_this(), calls = std::move(calls)](auto places) mutable {
        for (std::size_t i = 0; i < calls.size(); ++i) {
          if (!places) {
            calls[i].done(std::unexpected(places.error()));
          } else if ((*places)[i]) {
            calls[i].done(std::move(*(*places)[i]));
          } else {
            self->collect(std::move(calls[i]));
          }
        }
      });
}

// It does not wait: it was granted at the last moment, or its own job has not run yet.
void Service::State::collect(Parking::Call call) {
  const RequestKey key = call.key;
  run<ClaimAnswer>(
      [key](Lender& lending, Store& store, core::Instant now, Woken& woken) {
        return lending.collect(store, key, now, woken);
      },
      [self = shared_from_this(), call = std::move(call)](Result<ClaimAnswer> answer) mutable {
        if (!answer || !std::holds_alternative<Queued>(*answer))
          return call.done(std::move(answer));
        std::vector<Parking::Call> again;
        again.push_back(std::move(call));
        self->tell_places(std::move(again));
      });
}

void Service::gone(Ticket ticket) {
  const auto gone = state_->parking.gone(ticket);
  if (!gone) return;
  // If it fails, its time to call again ends when that of the whole call would have.
  state_->run<bool>(
      [gone = *gone](Lender& lending, Store& store, core::Instant now, Woken&) -> Result<bool> {
        const auto ended = lending.call_ended(store, gone.key, gone.open_until, now);
        if (!ended) return std::unexpected(ended.error());
        return true;
      },
      [](const Result<bool>&) {});
}

void Service::extend(core::ClaimRef claim, std::optional<core::seconds> lease,
                     Done<ClaimState> done) {
  using Extended = std::variant<core::Stack, ClaimOver>;
  state_->run<Extended>(
      [claim, lease](Lender& lending, Store& store, core::Instant now, Woken& woken) {
        return lending.extend(store, claim, lease, now, woken);
      },
      [state = state_, claim, done = std::move(done)](Result<Extended> extended) mutable {
        if (!extended) return done(std::unexpected(std::move(extended.error())));
        if (auto* stack = std::get_if<core::Stack>(&*extended)) return done(std::move(*stack));
        state->look<ClaimState>(
            [claim](Lender&, StoreReader& reader, core::Instant now) {
              return what_became_of(reader, claim, now);
            },
            std::move(done));
      });
}

void Service::release(core::StackName name, core::Release release, Done<Released> done) {
  using Answer = std::variant<ReleaseAnswer, ClaimOver>;
  const core::ClaimRef claim{release.key, name};
  const core::seconds keep = release.keep;
  state_->run<Answer>(
      [name = std::move(name), release = std::move(release)](Lender& lending, Store& store,
                                                             core::Instant now, Woken& woken) {
        return lending.release(store, name, release, now, woken);
      },
      [state = state_, claim, keep, done = std::move(done)](Result<Answer> answer) mutable {
        if (!answer) return done(std::unexpected(std::move(answer.error())));
        if (auto* first = std::get_if<ReleaseAnswer>(&*answer)) return done(std::move(*first));
        state->look<Released>(
            [claim, keep](Lender&, StoreReader& reader, core::Instant now) {
              return first_answer(reader, claim, keep, now);
            },
            std::move(done));
      });
}

void Service::look_up(core::ClaimRef claim, Done<ClaimState> done) {
  state_->look<ClaimState>(
      [claim = std::move(claim)](Lender&, StoreReader& reader, core::Instant now) {
        return service::look_up(reader, claim, now);
      },
      std::move(done));
}

void Service::withdraw(RequestKey key, Done<WithdrawAnswer> done) {
  state_->run<WithdrawAnswer>(
      [key](Lender& lending, Store& store, core::Instant now, Woken& woken) {
        return lending.withdraw(store, key, now, woken);
      },
      [state = state_, key, done = std::move(done)](Result<WithdrawAnswer> answer) mutable {
        if (answer && std::holds_alternative<Withdrawn>(*answer))
          state->parking.answer(
              key, NotGranted{NoClaim::request_ended,
                              "the request " + key.request_id.text() + " was withdrawn"});
        done(std::move(answer));
      });
}

void Service::reprioritise(RequestKey key, int priority, Done<PriorityAnswer> done) {
  state_->reprioritise(std::move(key), priority, std::move(done));
}

void Service::State::reprioritise(RequestKey key, int priority, Done<PriorityAnswer> done) {
  run<PriorityAnswer>(
      [key, priority](Lender& lending, Store& store, core::Instant now, Woken& woken) {
        return lending.reprioritise(store, key, priority, now, woken);
      },
      [self = shared_from_this(), key,
       done = std::move(done)](Result<PriorityAnswer> answer) mutable {
        if (!answer || !std::holds_alternative<Queued>(*answer)) return done(std::move(answer));
        self->tell_new_place(std::move(key), [done = std::move(done)](auto told) mutable {
          // The priority is changed: a failure to look must not say that nothing was.
          if (!told) told.error().code = core::Errc::outcome_unknown;
          done(std::move(told));
        });
      });
}

void Service::State::tell_new_place(RequestKey key, Done<PriorityAnswer> done) {
  using Place = std::optional<Queued>;
  look<Place>(
      [key](Lender& lending, StoreReader& reader, core::Instant now) {
        return lending.place(reader, key, now);
      },
      [self = shared_from_this(), key, done = std::move(done)](Result<Place> place) mutable {
        if (!place) return done(std::unexpected(std::move(place.error())));
        if (*place) return done(std::move(**place));
        self->tell_standing(std::move(key), std::move(done));
      });
}

// It has no place: its turn has come, often by the change of its priority itself. Where it waits
// again by now it has one.
void Service::State::tell_standing(RequestKey key, Done<PriorityAnswer> done) {
  run<PriorityAnswer>([key](Lender& lending, Store& store, core::Instant now,
                            Woken& woken) { return lending.standing(store, key, now, woken); },
                      [self = shared_from_this(), key,
                       done = std::move(done)](Result<PriorityAnswer> answer) mutable {
                        if (!answer || !std::holds_alternative<Queued>(*answer))
                          return done(std::move(answer));
                        self->tell_new_place(std::move(key), std::move(done));
                      });
}

void Service::create(core::NewStack wanted, Done<Reply> done) {
  state_->run<Reply>(
      [wanted = std::move(wanted)](Lender& lending, Store& store, core::Instant now, Woken& woken) {
        return lending.create(store, wanted, now, woken);
      },
      std::move(done));
}

void Service::apply(core::StackName name, core::Command command, Done<Reply> done) {
  state_->run<Reply>([name = std::move(name), command = std::move(command)](
                         Lender& lending, Store& store, core::Instant now,
                         Woken& woken) { return lending.apply(store, name, command, now, woken); },
                     std::move(done));
}

void Service::change(core::StackName name, std::vector<core::Command> commands,
                     Done<Changed> done) {
  state_->run<Changed>(
      [name = std::move(name), commands = std::move(commands)](Lender& lending, Store& store,
                                                               core::Instant now, Woken& woken) {
        return lending.change(store, name, commands, now, woken);
      },
      std::move(done));
}

void Service::sweep(Done<SweepCounts> done) { state_->sweep(std::move(done)); }

void Service::import(std::vector<core::Stack> records, bool replace, Done<ImportAnswer> done) {
  state_->import(std::move(records), replace, std::move(done));
}

void Service::put_mark(std::string key, std::int64_t value, Done<void> done) {
  // run() wants a value to hand on; there is none.
  state_->run<bool>(
      [key = std::move(key), value](Lender&, Store& store, core::Instant, Woken&) -> Result<bool> {
        if (auto put = store.put_mark(key, value); !put) return std::unexpected(put.error());
        return true;
      },
      [done = std::move(done)](Result<bool> put) mutable {
        if (!put) return done(std::unexpected(std::move(put.error())));
        done({});
      });
}

}  // namespace bddlock::service
