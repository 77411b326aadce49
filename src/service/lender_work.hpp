// The steps that the use cases of lender.hpp are made of: one job on one store at one time. Private
// to service. A step called ..._once answers nothing when another writer was faster: it is tried
// again.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "service/lender.hpp"
#include "service/line.hpp"

namespace bddlock::service {

class Lender::Work {
 public:
  using Stacks = std::vector<core::Stack>;
  template <class T>
  using Once = core::Result<std::optional<T>>;

  Work(Lender& lender, Store& store, core::Instant now, Woken& woken)
      : lender_(lender), store_(store), now_(now), woken_(woken) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work() {
    if (!freed_.empty() || !room_.empty()) lender_.leave(freed_, room_);
  }

  // --- work_settle.cpp

  // The stack as it is now: if its time has come it is settled first, and saved.
  core::Result<std::optional<core::Stack>> load(const core::StackName& name);
  // Settles what is due, in all repos, `limit` records at most. How many there were.
  core::Result<std::size_t> settle_due(std::size_t limit);
  core::Result<std::size_t> settle_all_due();
  // As the store recalls it, for the first of several tries to change it: a decision that is not
  // saved must not be made on that. Nothing: load() it.
  std::optional<core::Stack> recall(const core::StackName& name);

  // Saves what was decided on one stack. False: another writer was faster.
  core::Result<bool> save(const core::Stack& before, core::Decision decision);
  core::Result<bool> save(const core::Stack& before, core::Stack next, core::Effect effect,
                          std::vector<core::Event> events);

  // The offer of `offered` ends: its other stacks come free as well, and its request waits again in
  // its place, or is removed. Adds all that to `changes`, but not `offered` itself.
  core::Result<void> take_back(Changes& changes, const core::Stack& offered, bool withdrawn);

  // --- work_queue.cpp

  void note_free(const core::RepoName& repo) { freed_.insert(repo); }
  void note_room(const core::RepoName& repo) { room_.insert(repo); }  // to create one more stack
  // Gives what came free in this job to those who wait for it, in order. The last step of every
  // job.
  core::Result<void> hand_over();
  // Also to those that other servers see to.
  void hand_over_to_all() { spares_others_ = false; }

  // --- work_claim.cpp

  Once<ClaimAnswer> call_once(const ClaimCall& call);
  Once<ClaimAnswer> standing(const RequestKey& key);
  // The claims of a granted request that still live, offers collected on the way if `collect`; no
  // stacks: they are over. Nothing: the request waits again, or is gone.
  Once<Granted> granted_once(const core::Request& request, bool collect);

  // --- lender_requests.cpp

  // How a request stands for somebody who only looks: an offer stays one. Nothing: look again.
  Once<PriorityAnswer> see(const core::Request& request);

  // --- lender_claims.cpp, lender_table.cpp

  core::Result<bool> may_hold(const core::RepoName& repo);
  [[nodiscard]] core::Command by_rules(core::Command command) const;
  Once<Changed> change_once(const core::StackName& name, std::span<const core::Command> commands);
  core::Result<void> sweep(const core::Stack& seen, const SweepRules& rules);
  Once<ImportAnswer> import_once(const std::vector<core::Stack>& records, bool replace);

  SweepCounts counts{};  // of all that time ended in this job

 private:
  void note_ended(const core::Event& event);

  bool is_open(const core::Request& request) const;
  bool is_open_elsewhere(const core::Request& request) const;
  bool is_ready(const core::Request& request) const;
  core::Result<std::int64_t> room_in(const core::RepoName& repo);
  Once<bool> hand_over_once(const core::RepoName& repo);
  core::Result<bool> serve(const core::Request& request, FreeStacks& free, std::int64_t& room);
  core::Result<void> spare(const core::Request& request, FreeStacks& free);
  Once<bool> settle_for(const core::Request& request);
  core::Result<void> keep_for(const core::Request& request, const Stacks& stacks, FreeStacks& free);
  core::Result<void> keep_for_those_before(const core::Request& request, FreeStacks& free);

  // --- work_grant.cpp
  core::Claim new_claim(const core::Request& request, bool offered);
  Once<Granted> grant(core::Request request, const Stacks& stacks, bool offered,
                      const Stacks& created);
  core::Result<bool> may_create(const core::Request& request, std::int64_t missing,
                                std::int64_t room);
  Once<Granted> create_and_grant(const core::Request& request, const Stacks& found, bool offered);
  std::string new_name(const core::Request& request);
  core::Result<core::Stack> new_stack(const core::Request& request, const Stacks& taken);

  Once<ClaimAnswer> fresh_once(const ClaimCall& call, core::Version expected);
  Once<ClaimAnswer> remember_once(core::Request request);
  Once<ClaimAnswer> nothing_now(const core::Request& request, bool some_are_reserved);
  Once<ClaimAnswer> poll_once(const ClaimCall& call, core::Request request);
  Once<ClaimAnswer> collect_once(const core::Request& request);
  core::Result<Granted> live_claims(const core::Request& request, bool collect);
  Once<Granted> live_claims_once(const core::Request& request, bool collect);

  Lender& lender_;
  Store& store_;
  const core::Instant now_;
  Woken& woken_;
  // Repos where something came free, or room for one more stack, that is not handed over yet: until
  // this job gets to its end, or the next one does.
  std::set<core::RepoName> freed_{};
  std::set<core::RepoName> room_{};
  bool spares_others_ = lender_.rules_.is_shared;
  bool looked_for_due_ = !lender_.rules_.is_shared;  // otherwise only if nothing else is free
  std::set<core::StackName> recalled_{};
  std::optional<RequestKey> asking_{};  // its own call is being answered by this job
};

}  // namespace bddlock::service
