// The use cases as callers outside see them: asynchronous, each on its lane. Everything that
// answers requests (api) or works by the clock (scheduler, the server's timer) goes through here.
//
// Threads: any thread may call; `done` is called once, on a lane's thread or on one that calls in
// here, and must not block (a lane that does not take the job calls it within the call, see
// lane.hpp). A change is answered only once it is durable; so is the grant that a waiting call is
// answered with.
//
// Life: a Service is a handle; copies share one state. The lanes and the clock outlive all of them,
// and what is under way when the last goes is still finished, but for parked calls: stop_waiting()
// answers those. Its jobs on one lane may go on on the other: LaneStop (lane.hpp) ends both.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/answers.hpp"
#include "service/clock.hpp"
#include "service/explain.hpp"
#include "service/lane.hpp"
#include "service/parking.hpp"
#include "service/rules.hpp"

namespace bddlock::service {

struct RepoSummary {
  core::RepoName repo_name{};
  RepoTotals totals{};
  std::int64_t waiting = 0;
  std::optional<core::seconds> typical_claim{};  // how long its latest claims lasted: the median
};
// A page may be short, even empty, and yet not the last.
struct RepoPage {
  std::vector<RepoSummary> items{};
  std::optional<core::RepoName> next_after{};
};

// A repo's requests: those that wait in the order of granting, then the others in the order of
// their ids. A page may be short, even empty, and yet not the last.
struct RequestsAfter {
  std::optional<QueuePlace> place{};    // behind this one of those that wait
  std::optional<RequestKey> settled{};  // set: all that wait were listed; behind this key, which
                                        // may be of another repo: so far was looked
};
struct RequestSummary {
  core::Request request{};
  RequestStatus status = RequestStatus::waiting;
  std::int64_t position = 0;  // of a waiting one
  bool ready = false;         // of a waiting one
};
struct RequestPage {
  std::vector<RequestSummary> items{};
  std::optional<RequestsAfter> next_after{};
};

class Service {
 public:
  using Random = std::function<std::uint64_t()>;  // from any thread
  // Work that nobody asked for has failed; it is tried again a second later. May be empty.
  using OnTrouble = std::function<void(std::string_view what, const core::Error& error)>;
  // Told of stacks that a sweep has removed, slice by slice as they are gone: only their records
  // went, and somebody should know the names of the real stacks. On a lane's thread; may be empty.
  using OnRemoved = std::function<void(const std::vector<core::StackName>&)>;

  Service(WriteLane& writes, ReadLane& reads, Clock& clock, Random random, ServiceRules rules = {},
          OnTrouble on_trouble = {}, OnRemoved on_removed = {});

  // Before anything else: whoever waited when the last server stopped is given the time to call
  // again.
  void start(Done<void> done);
  // Every 100 ms or so: answers the calls whose time is over, does what time does, and keeps the
  // history within its bounds. Once a second where servers share a table: then each also looks, in
  // each repo where a call is parked here, for what came free elsewhere. Returns at once.
  void tick();
  // Forgets now what the next tick whose time it is would forget: for a program without ticks.
  void tidy();
  // Answers all parked calls (202), and parks none from now on: the server is going to stop.
  void stop_waiting();

  // A call that waits is parked: `done` may come as late as call.wait. The ticket is for gone(); 0
  // for one that does not wait.
  Ticket claim(ClaimCall call, Done<ClaimAnswer> done);
  // The client of that call went away; its `done` is dropped, and the request has a while to call
  // again.
  void gone(Ticket ticket);

  void extend(core::ClaimRef claim, std::optional<core::seconds> lease, Done<ClaimState> done);
  void release(core::StackName name, core::Release release, Done<Released> done);
  void look_up(core::ClaimRef claim, Done<ClaimState> done);

  void withdraw(RequestKey key, Done<WithdrawAnswer> done);
  void reprioritise(RequestKey key, int priority, Done<PriorityAnswer> done);
  void requests(core::RepoName repo, RequestsAfter after, std::size_t limit,
                Done<RequestPage> done);
  // Nothing: there is no such request (any more).
  void explain(RequestKey key, Done<std::optional<Explanation>> done);

  // Refused with stack_exists if the name is taken.
  void create(core::NewStack wanted, Done<core::Reply> done);
  void apply(core::StackName name, core::Command command, Done<core::Reply> done);
  // Several commands (of Describe, Disable, Enable) as one change: all of them, or the first
  // refusal.
  void change(core::StackName name, std::vector<core::Command> commands, Done<Changed> done);

  // The whole table, slice by slice between other changes. One sweep at a time: a second call joins
  // the first and gets its counts.
  void sweep(Done<SweepCounts> done);

  // In slices between other changes. Without `replace`, names that are in the table (or twice in
  // `records`) refuse all of it before anything is changed; one that another caller creates
  // meanwhile stops it at its slice.
  void import(std::vector<core::Stack> records, bool replace, Done<ImportAnswer> done);

  // Stacks with the states of this moment: what time has ended is over, swept or not (seen.hpp).
  void find(core::StackName name, Done<std::optional<core::Stack>> done);
  void list(StackQuery query, Done<StackPage> done);
  // Every available stack of the repo, from all pages; claims and holds that are over count as
  // free.
  void available(core::RepoName repo, Done<std::vector<core::StackName>> done);
  void repos(std::optional<core::RepoName> after, std::size_t limit, Done<RepoPage> done);
  // Nothing: nobody has heard of it.
  void repo(core::RepoName name, Done<std::optional<RepoSummary>> done);
  void events(EventQuery query, Done<EventPage> done);

  // How many calls are parked now.
  [[nodiscard]] std::size_t parked() const;

  // Whether the store really answers: reads from it, and asks the write lane whether its last batch
  // held.
  void probe(Done<void> done);

  // See StoreReader::mark and Store::put_mark.
  void mark(std::string key, Done<std::optional<std::int64_t>> done);
  void put_mark(std::string key, std::int64_t value, Done<void> done);

 private:
  class State;

  std::shared_ptr<State> state_;  // shared with what is on the lanes
};

}  // namespace bddlock::service
