// What the writer's latest look at a request found, in the present batch. A save must know the
// version and state of what it changes; whoever saves has just read it, so it need not be read
// again. Nobody else can write while the batch is open.
#pragma once

#include <optional>

#include "core/request.hpp"

namespace bddlock::stores::sqlite {

// What a save must know of the request that it changes.
struct RequestBefore {
  core::Version version = 0;  // 0: not there
  core::RequestState state{};
};

class SeenRequest {
 public:
  void note(const core::RepoName& repo, const core::RequestId& id, RequestBefore before) {
    seen_ = {repo, id, before};
  }
  [[nodiscard]] std::optional<RequestBefore> find(const core::RepoName& repo,
                                                  const core::RequestId& id) const {
    if (!seen_ || seen_->request_id != id || seen_->repo_name != repo) return std::nullopt;
    return seen_->before;
  }
  // It is changed now, or the batch is over, or one begins.
  void forget() { seen_.reset(); }

 private:
  struct Seen {
    core::RepoName repo_name{};
    core::RequestId request_id{};
    RequestBefore before{};
  };
  std::optional<Seen> seen_{};
};

}  // namespace bddlock::stores::sqlite
