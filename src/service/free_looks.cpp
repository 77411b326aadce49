#include "service/free_looks.hpp"

#include <algorithm>
#include <utility>

namespace bddlock::service {
namespace {

constexpr int looks_before_all = 2;
constexpr int looks_between_tries = 5;

}  // namespace

bool FreeLooks::begin(const core::RepoName& repo) {
  const std::scoped_lock lock{mutex_};
  return !std::exchange(repos_[repo].is_looking, true);
}

void FreeLooks::give_up(const core::RepoName& repo) {
  const std::scoped_lock lock{mutex_};
  if (const auto at = repos_.find(repo); at != repos_.end()) at->second.is_looking = false;
}

FreeLooks::Next FreeLooks::found(const core::RepoName& repo,
                                 const std::vector<core::StackName>& names) {
  const std::scoped_lock lock{mutex_};
  Known& known = repos_[repo];
  known.is_looking = false;
  const bool has_new = std::ranges::any_of(
      names, [&](const core::StackName& name) { return !known.names.contains(name); });
  known.names = {names.begin(), names.end()};
  known.in_vain = has_new || names.empty() ? 0 : known.in_vain + 1;
  if (has_new) return Next::own;
  if (known.in_vain == 0) return Next::nothing;
  const bool is_time =
      known.in_vain == looks_before_all || known.in_vain % looks_between_tries == 0;
  return is_time ? Next::all : Next::nothing;
}

void FreeLooks::forget(const core::RepoName& repo) {
  const std::scoped_lock lock{mutex_};
  if (const auto at = repos_.find(repo); at != repos_.end()) at->second.names.clear();
}

void FreeLooks::keep(const std::vector<core::RepoName>& repos) {
  const std::scoped_lock lock{mutex_};
  std::erase_if(repos_, [&](const auto& known) {
    return std::ranges::find(repos, known.first) == repos.end();
  });
}

}  // namespace bddlock::service
