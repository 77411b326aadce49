// The use cases of lending, synchronous: load, decide, save if unchanged, try again a few times if
// not. They run on the write lane (service.hpp); tests call them directly. All that must outlive
// the process is in the store; kept here is a memory of how long claims lasted and of where tidying
// goes on, and who is listening right now is asked of `is_open`.
//
// Three rules hold for each of them: a stack whose time has come is settled before anything is
// decided on it; every change is saved together with its event; and what is free after the change
// goes, in the same job, to the first in line that it suits, so that nobody has to poll the store.
//
// A use case adds to `woken` whom it granted something beside its own answer: they are to be told
// once the job is committed.
//
// Threads: any, each with a Store of its own: two jobs at the same time are as jobs of two servers.
// But the slices of restart_waiting() come one after the other, and so do those of tidy().
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "service/answers.hpp"
#include "service/explain.hpp"
#include "service/hold_times.hpp"
#include "service/line.hpp"
#include "service/rules.hpp"
#include "service/store.hpp"
#include "service/taken.hpp"

namespace bddlock::service {

using Woken = std::vector<Granted>;

// The claim is not its owner's any more. What became of it is in the history: what_became_of() and
// first_answer() (ended_claims.hpp) find it, after the commit and on any reader.
struct ClaimOver {};

// One slice of a sweep, and where to go on (nothing: the table's end was reached).
struct SweepSlice {
  SweepCounts counts{};
  std::optional<core::StackName> next_after{};
};

class Lender {
 public:
  // Whether a call of this request is open; called from whatever thread calls in here. It may be
  // said of a call whose own job is still to run.
  using IsOpen = std::function<bool(const RequestKey&)>;

  // Whether any call of a request of this repo is open here; empty: none.
  using IsAnyOpen = std::function<bool(const core::RepoName&)>;

  // `random` is called from the threads of all its callers.
  Lender(ClaimRules rules, std::function<std::uint64_t()> random, IsOpen is_open,
         IsAnyOpen is_any_open = {});

  // --- lender_requests.cpp: requests

  // Queued comes without a place in line: place() finds it, for those who have to be told.
  [[nodiscard]] core::Result<ClaimAnswer> claim(Store& store, const ClaimCall& call,
                                                core::Instant now, Woken& woken);
  // What a request has by now, an offer collected: for a call that waited until its time was over.
  [[nodiscard]] core::Result<ClaimAnswer> collect(Store& store, const RequestKey& key,
                                                  core::Instant now, Woken& woken);
  // A call ended without an answer that was read; the last one that is still open ends at
  // `open_until`.
  [[nodiscard]] core::Result<void> call_ended(Store& store, const RequestKey& key,
                                              std::optional<core::Instant> open_until,
                                              core::Instant now);
  [[nodiscard]] core::Result<WithdrawAnswer> withdraw(Store& store, const RequestKey& key,
                                                      core::Instant now, Woken& woken);
  [[nodiscard]] core::Result<PriorityAnswer> reprioritise(Store& store, const RequestKey& key,
                                                          int priority, core::Instant now,
                                                          Woken& woken);
  // As reprioritise() would answer, with nothing changed by it.
  [[nodiscard]] core::Result<PriorityAnswer> standing(Store& store, const RequestKey& key,
                                                      core::Instant now, Woken& woken);

  // --- lender_claims.cpp: claims

  [[nodiscard]] core::Result<std::variant<core::Stack, ClaimOver>> extend(
      Store& store, const core::ClaimRef& claim, std::optional<core::seconds> lease,
      core::Instant now, Woken& woken);
  [[nodiscard]] core::Result<std::variant<ReleaseAnswer, ClaimOver>> release(
      Store& store, const core::StackName& name, core::Release release, core::Instant now,
      Woken& woken);

  // --- lender_table.cpp: stacks, by name

  [[nodiscard]] core::Result<core::Reply> create(Store& store, const core::NewStack& wanted,
                                                 core::Instant now, Woken& woken);
  // stack_unknown if it is not in the table.
  [[nodiscard]] core::Result<core::Reply> apply(Store& store, const core::StackName& name,
                                                const core::Command& command, core::Instant now,
                                                Woken& woken);
  // All commands in this order as one change; at the first refusal none.
  [[nodiscard]] core::Result<Changed> change(Store& store, const core::StackName& name,
                                             std::span<const core::Command> commands,
                                             core::Instant now, Woken& woken);
  // Looks at up to `limit` stacks behind `after`, and decides on each from its record as it is
  // then.
  [[nodiscard]] core::Result<SweepSlice> sweep_slice(Store& store, const SweepRules& rules,
                                                     std::optional<core::StackName> after,
                                                     std::size_t limit, core::Instant now,
                                                     Woken& woken);
  // Imports records, all or none. Without `replace` any name that is in the table refuses all of
  // them. A stack in use keeps its state whatever the import says: it is never taken from its user.
  [[nodiscard]] core::Result<ImportAnswer> import_slice(Store& store,
                                                        const std::vector<core::Stack>& records,
                                                        bool replace, core::Instant now,
                                                        Woken& woken);

  // --- lender_time.cpp: what time does

  // At the start of a server: all that wait are given the time to call again; where others share
  // the table, only those whom no server has even forgotten meanwhile. True: there are more.
  [[nodiscard]] core::Result<bool> restart_waiting(Store& store, core::Instant now,
                                                   std::size_t limit);
  // What a look at the table finds to do.
  struct Look {
    bool is_anything_due = false;  // tick() would find something to do
    // Other servers offered them something, and their calls are open here: collect() it.
    std::vector<RequestKey> offered{};
  };
  [[nodiscard]] core::Result<Look> look(StoreReader& store, core::Instant now) const;
  // Hands over what is free in the repo. `to_all`: also, as offers, to those whose calls are not
  // open here, though other servers see to them; if one died with its calls open, nobody does.
  [[nodiscard]] core::Result<void> hand_over(Store& store, const core::RepoName& repo, bool to_all,
                                             core::Instant now, Woken& woken);
  // Ends leases, offers and holds that are due, forgets requests that went away, hands over. At
  // most `limit` records; true if there may be more.
  [[nodiscard]] core::Result<bool> tick(Store& store, core::Instant now, std::size_t limit,
                                        Woken& woken);
  // Notes which granted requests are over, and forgets those that were a day ago: a slice of all
  // requests. True: the last slice.
  [[nodiscard]] core::Result<bool> tidy(Store& store, core::Instant now, std::size_t limit);
  // Forgets a slice of the events that `rules` do not keep. True: there may be more.
  [[nodiscard]] static core::Result<bool> forget_history(Store& store, const HistoryRules& rules,
                                                         core::Instant now, std::size_t limit);

  // --- lender_place.cpp: any thread

  // Where those of the repo's requests stand; nothing for one that does not wait.
  [[nodiscard]] core::Result<std::vector<std::optional<Queued>>> places(
      StoreReader& store, const core::RepoName& repo, std::span<const core::RequestId> ids,
      core::Instant now);
  [[nodiscard]] core::Result<std::optional<Queued>> place(StoreReader& store, const RequestKey& key,
                                                          core::Instant now);
  [[nodiscard]] core::Result<std::optional<core::microseconds>> typical_claim(
      StoreReader& store, const core::RepoName& repo);

  // --- explain.cpp: any thread

  // Whether it is given what comes free: a call of it is open, or was a moment ago.
  [[nodiscard]] bool is_ready(const core::Request& request, core::Instant now) const;
  [[nodiscard]] core::Result<std::optional<Explanation>> explain(StoreReader& store,
                                                                 const RequestKey& key,
                                                                 core::Instant now);

 private:
  class Work;  // one job's worth of it: store, time, and whom it woke

  // Whether what comes free in the repo is to be handed over here at once: as far as this server
  // knows, somebody who is ready may be in line there. Others' servers look for themselves.
  [[nodiscard]] bool sees_to(const core::RepoName& repo, core::Instant now);
  // Somebody of the repo is in line, and ready until then.
  void note_line(const core::RepoName& repo, core::Instant ready_until);
  [[nodiscard]] Choice choice() const { return {rules_.choices, &taken_}; }
  // What a job that failed had noted, for the next one to hand over.
  void leave(const std::set<core::RepoName>& freed, const std::set<core::RepoName>& room);
  void take_left(std::set<core::RepoName>& freed, std::set<core::RepoName>& room);
  // Larger than any that was given before, and no smaller than `at_least`.
  [[nodiscard]] std::int64_t next_arrival(std::int64_t at_least);

  [[nodiscard]] core::Result<std::string> never_as_it_is(StoreReader& store,
                                                         const RequestKey& key) const;
  [[nodiscard]] core::Result<void> keep_for_those_before(StoreReader& store,
                                                         const core::Request& request,
                                                         FreeStacks& free, core::Instant now);

  ClaimRules rules_;
  std::function<std::uint64_t()> random_;
  IsOpen is_open_;
  IsAnyOpen is_any_open_;
  HoldTimes hold_times_;
  Taken taken_;
  core::Instant started_ = core::Instant::min();  // when restart_waiting() was first called
  std::optional<core::RepoName> restarted_to_;    // where restart_waiting() goes on
  std::optional<RequestKey> tidied_to_;           // where tidy() goes on

  std::atomic<bool> has_left_ = false;
  std::mutex mutex_;  // of what stands below
  std::int64_t last_arrival_ = 0;
  // Repos where something came free, or room for one more stack, that nobody handed over: the job
  // that noted it failed before its end.
  std::set<core::RepoName> left_free_;
  std::set<core::RepoName> left_room_;
  std::unordered_map<core::RepoName, core::Instant> ready_lines_;  // where servers share the table
};

}  // namespace bddlock::service
