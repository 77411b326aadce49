// Called by service_time.cpp, where servers share a table. Whoever waits here gets what came free
// through another server, or by the original: one look at the free stacks of each repo where
// somebody waits, and none where nobody does.
#include "service/service_state.hpp"

namespace bddlock::service {

using core::Result;

void Service::State::look_for_free() {
  const std::vector<core::RepoName> repos = parking.repos();
  free_looks_.keep(repos);
  for (const core::RepoName& repo : repos)
    if (free_looks_.begin(repo)) look_for_free_in(repo);
}

void Service::State::look_for_free_in(const core::RepoName& repo) {
  look<std::vector<core::StackName>>(
      [repo](Lender&, StoreReader& reader, core::Instant) { return reader.free_names(repo); },
      [self = shared_from_this(), repo](Result<std::vector<core::StackName>> names) {
        if (!names) {
          self->free_looks_.give_up(repo);
          return self->trouble("look for free stacks", names.error());
        }
        const auto next = self->free_looks_.found(repo, *names);
        if (next != FreeLooks::Next::nothing) self->hand_over(repo, next == FreeLooks::Next::all);
      });
}

void Service::State::hand_over(const core::RepoName& repo, bool to_all) {
  run<bool>(
      [repo, to_all](Lender& lending, Store& store, core::Instant now,
                     Woken& woken) -> Result<bool> {
        const auto handed = lending.hand_over(store, repo, to_all, now, woken);
        if (!handed) return std::unexpected(handed.error());
        return true;
      },
      [self = shared_from_this()](Result<bool> handed) {
        if (!handed) self->trouble("hand over", handed.error());
      });
}

}  // namespace bddlock::service
