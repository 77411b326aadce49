#include "cli/lending.hpp"

#include "cli/local_user.hpp"
#include "cli/waiting_line.hpp"
#include "process/inherited.hpp"

namespace bddlock::cli {

core::Wish wish_of_job(const ci::CiJob& job, const core::StringMap& labels,
                       const std::string& prefer_branch, seconds lease) {
  core::Wish wish;
  wish.labels = labels;
  wish.prefer_branch = prefer_branch.empty() ? job.branch : prefer_branch;
  wish.prefer_commit = job.commit;
  wish.lease = lease;
  wish.holder = holder_of(job);
  return wish;
}

Waited wait_in_line(const Environment& env, Remote& remote, const WaitPlan& plan,
                    Interrupt& interrupt) {
  WaitingLine line(*env.err, {env.err_is_terminal, env.err_columns}, plan.repo, env.since_boot());
  auto waited = wait_for_claims(
      env, remote, plan,
      {.should_stop = [&interrupt] { return interrupt.came(); },
       .on_place = [&](const Place& place) { line.show(place, env.since_boot()); }});
  line.clear();
  return waited;
}

ci::StackVariables variables_of(const wire::OwnClaim& claim) {
  const core::Stack& stack = claim.stack;
  return ci::stack_variables({stack.stack_name.text(), claim.claim_id, stack.fencing_token,
                              stack.claim->created, stack.attributes});
}

int with_signals(const Environment& env, const std::function<int(process::Signals&)>& work) {
  process::hold_standard_numbers();
  const auto signals = process::Signals::open();
  if (signals) return work(**signals);
  complain(env, signals.error());
  return static_cast<int>(ExitCode::unavailable);
}

}  // namespace bddlock::cli
