#include "stores/sqlite/repo_book.hpp"

namespace bddlock::stores::sqlite {

using core::Result;

namespace {

// More repos than anybody uses at a time; then it starts from nothing.
constexpr std::size_t pages_max = 20'000;

constexpr const char* put_sql =
    "REPLACE INTO repos (repo_name, last_event, last_arrival, available, claimed, held, disabled, "
    "waiting, settled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

}  // namespace

Outcome<void> RepoBook::prepare(Database& database) {
  const Preparation statements[] = {{&put_, put_sql}};
  return database.prepare_all(statements);
}

Result<RepoBook::Pages::value_type*> RepoBook::find(RepoQueries& queries,
                                                    const core::RepoName& repo) {
  if (latest_ != nullptr && latest_->first == repo) return latest_;
  auto at = pages_.find(repo);
  if (at == pages_.end()) {
    latest_ = nullptr;
    if (touched_.empty() && pages_.size() >= pages_max) pages_.clear();
    auto row = queries.find(repo);
    if (!row) return std::unexpected(row.error());
    at = pages_.emplace(repo, Page{*row}).first;
  }
  return latest_ = &*at;
}

Result<const RepoRow*> RepoBook::look(RepoQueries& queries, const core::RepoName& repo) {
  const auto page = find(queries, repo);
  if (!page) return std::unexpected(page.error());
  return &(*page)->second.row;
}

Result<RepoRow*> RepoBook::change(RepoQueries& queries, const core::RepoName& repo) {
  const auto found = find(queries, repo);
  if (!found) return std::unexpected(found.error());
  Page& page = (*found)->second;
  if (!page.touched) touched_.push_back(*found);
  page.touched = page.changed = true;
  return &page.row;
}

Result<void> RepoBook::write() {
  for (Pages::value_type* each : touched_) {
    auto& [name, page] = *each;
    if (!page.changed) continue;
    const RepoRow& row = page.row;
    const ResetAtEnd reset(put_);
    const auto put = put_.bind(1, name.text())
                         .bind(2, row.last_event)
                         .bind(3, row.last_arrival)
                         .bind(4, row.totals.available)
                         .bind(5, row.totals.claimed)
                         .bind(6, row.totals.held)
                         .bind(7, row.totals.disabled)
                         .bind(8, row.waiting)
                         .bind(9, row.settled)
                         .step();
    if (!put) return std::unexpected(unavailable(put.error()));
    page.changed = false;
  }
  return {};
}

void RepoBook::keep() {
  for (Pages::value_type* each : touched_) each->second.touched = false;
  touched_.clear();
}

void RepoBook::forget() {
  latest_ = nullptr;
  for (Pages::value_type* each : touched_) pages_.erase(pages_.find(each->first));
  touched_.clear();
}

}  // namespace bddlock::stores::sqlite
