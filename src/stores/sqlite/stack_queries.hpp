// The port's looks at stacks, on one connection.
#pragma once

#include <optional>
#include <vector>

#include "service/store.hpp"
#include "stores/sqlite/database.hpp"

namespace bddlock::stores::sqlite {

// A stack, and what the writer needs beside it.
struct StackRow {
  core::Stack stack{};
  std::int64_t last_event = 0;
};

class StackQueries {
 public:
  [[nodiscard]] Outcome<void> prepare(Database& database);

  [[nodiscard]] core::Result<std::optional<StackRow>> row(const core::StackName& name);

  [[nodiscard]] core::Result<std::optional<core::Stack>> find(const core::StackName& name);
  [[nodiscard]] core::Result<service::StackPage> list(const service::StackQuery& query);
  [[nodiscard]] core::Result<std::vector<core::Stack>> available(const core::RepoName& repo,
                                                                 const core::StringMap& labels,
                                                                 std::size_t limit);
  [[nodiscard]] core::Result<std::vector<core::Stack>> due(core::Instant now, std::size_t limit);
  // The earliest expires_at of all; the latest time there is if there is none.
  [[nodiscard]] core::Result<core::Instant> first_due();
  [[nodiscard]] core::Result<core::FencingToken> retired_token(const core::StackName& name);

 private:
  Statement find_;
  Statement list_;
  Statement list_repo_;
  Statement available_;
  Statement due_;
  Statement first_due_;
  Statement retired_;
};

}  // namespace bddlock::stores::sqlite
