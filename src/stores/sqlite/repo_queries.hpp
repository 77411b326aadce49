// The row of each repo: counts that would otherwise be counted again and again, and the ends of its
// history and queue.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "service/store.hpp"
#include "stores/sqlite/database.hpp"

namespace bddlock::stores::sqlite {

struct RepoRow {
  std::int64_t last_event = 0;
  std::int64_t last_arrival = 0;
  service::RepoTotals totals{};
  std::int64_t waiting = 0;
  std::int64_t settled = 0;
};

class RepoQueries {
 public:
  [[nodiscard]] Outcome<void> prepare(Database& database);

  // Zeros for a repo that nobody has heard of.
  [[nodiscard]] core::Result<RepoRow> find(const core::RepoName& repo);
  [[nodiscard]] core::Result<std::vector<core::RepoName>> list(
      const std::optional<core::RepoName>& after, std::size_t limit);

 private:
  Statement find_;
  Statement list_;
};

}  // namespace bddlock::stores::sqlite
