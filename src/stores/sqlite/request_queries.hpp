// The port's looks at requests and their order, on one connection.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "service/store.hpp"
#include "stores/sqlite/database.hpp"
#include "stores/sqlite/seen_request.hpp"

namespace bddlock::stores::sqlite {

class RequestQueries {
 public:
  // `seen`, if any, is told of what find() found.
  [[nodiscard]] Outcome<void> prepare(Database& database, SeenRequest* seen);

  [[nodiscard]] core::Result<std::optional<core::Request>> find(const core::RepoName& repo,
                                                                const core::RequestId& id);
  [[nodiscard]] core::Result<std::vector<core::Request>> waiting(
      const core::RepoName& repo, const std::optional<service::QueuePlace>& after,
      std::size_t limit);
  [[nodiscard]] core::Result<std::int64_t> count_waiting_before(const core::RepoName& repo,
                                                                const service::QueuePlace& place);
  [[nodiscard]] core::Result<std::vector<core::Request>> ready_until_before(core::Instant at,
                                                                            std::size_t limit);
  [[nodiscard]] core::Result<std::vector<core::Request>> settled(
      const std::optional<std::pair<core::RepoName, core::RequestId>>& after, std::size_t limit);

 private:
  SeenRequest* seen_ = nullptr;
  Statement find_;
  Statement waiting_;
  Statement waiting_with_;
  Statement waiting_below_;
  Statement count_above_;
  Statement count_with_;
  Statement silent_;
  Statement settled_;
};

}  // namespace bddlock::stores::sqlite
