#include "stores/sqlite/newest_requests.hpp"

namespace bddlock::stores::sqlite {

void NewestRequests::begin(core::RequestId highest) {
  highest_of_others_ = std::move(highest);
  newest_.clear();
}

void NewestRequests::note(const core::RepoName& repo, const core::RequestId& id) {
  if (!highest_of_others_ || id <= *highest_of_others_) return;  // it will be looked for
  newest_.emplace(id, repo);
  if (newest_.size() <= remembered) return;
  highest_of_others_ = newest_.begin()->first;
  newest_.erase(newest_.begin());
}

bool NewestRequests::are_without(const core::RepoName& repo, const core::RequestId& id) const {
  return highest_of_others_ && id > *highest_of_others_ && !newest_.contains({id, repo});
}

}  // namespace bddlock::stores::sqlite
