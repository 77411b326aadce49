#include "cli/run_ending.hpp"

#include <csignal>

#include "cli/exit_code.hpp"
#include "cli/text.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

namespace {

core::Outcome outcome_of(const RunEnd& end) {
  if (end.by != EndedBy::itself || end.ending.signal == SIGINT) return core::Outcome::cancelled;
  return end.ending.exit_code == 0 ? core::Outcome::passed : core::Outcome::failed;
}

constexpr std::size_t names_max = 5;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < names_max; ++i)
    text += (i > 0 ? ", " : "") + printable(names[i]);
  return names.size() > names_max ? text + ", ..." : text;
}

std::string processes(const std::vector<std::string>& names) {
  return std::to_string(names.size()) + (names.size() == 1 ? " process" : " processes");
}

}  // namespace

int exit_code_of(const RunEnd& end) {
  if (end.by == EndedBy::lost || end.by == EndedBy::lease)
    return static_cast<int>(ExitCode::claim_lost);
  return end.ending.exit_code;
}

core::Release release_after(const RunEnd& end, seconds keep_on_failure, const ci::CiJob& job) {
  core::Release release{.key = {}, .outcome = outcome_of(end)};
  if (release.outcome == core::Outcome::failed) release.keep = keep_on_failure;
  if (release.outcome == core::Outcome::passed)
    release.deployed = core::Deployed{job.branch, job.commit, {}};
  return release;
}

std::vector<std::string> words_on(const process::Ending& ending, seconds grace) {
  std::vector<std::string> words;
  if (!ending.left_behind.empty()) {
    words.push_back("the command left " + processes(ending.left_behind) + " behind, which " +
                    (ending.left_behind.size() == 1 ? "was" : "were") +
                    " ended: " + listed(ending.left_behind));
  }
  if (ending.was_killed)
    words.push_back("not all of it ended within --grace " + duration_text(grace) +
                    ", and was killed");
  if (!ending.unended.empty()) {
    words.push_back(processes(ending.unended) + " could not be ended: " + listed(ending.unended) +
                    ". The stack is not given back while they may use it; it is free when its "
                    "lease is over");
  }
  return words;
}

}  // namespace bddlock::cli
