#include "stores/sqlite/writer.hpp"

#include <algorithm>
#include <utility>

#include "stores/sqlite/records.hpp"

namespace bddlock::stores::sqlite {

using core::Result;
using service::Changes;
using service::RequestChange;
using service::Saved;
using service::StackChange;

namespace {

constexpr const char* look_at_request_sql =
    "SELECT version, state FROM requests WHERE repo_name = ?1 AND request_id = ?2";

// `repo_name` is not set: setting it, even to what it was, would rewrite an index entry at each
// claim.
constexpr const char* update_sql =
    "UPDATE stacks SET state = ?5, last_used = ?6, fencing_token = ?7, version = ?3, "
    "expires_at = ?8, claim = coalesce(?9, claim), details = ?10, last_event = ?11 "
    "WHERE stack_name = ?1 AND version = ?2";
// For an import that moves a stack to another repo.
constexpr const char* update_with_repo_sql =
    "UPDATE stacks SET repo_name = ?4, state = ?5, last_used = ?6, fencing_token = ?7, "
    "version = ?3, expires_at = ?8, claim = coalesce(?9, claim), details = ?10, "
    "last_event = ?11 WHERE stack_name = ?1 AND version = ?2";
constexpr const char* insert_sql =
    "INSERT INTO stacks (stack_name, version, repo_name, state, last_used, fencing_token, "
    "expires_at, claim, details, last_event) "
    "VALUES (?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
constexpr const char* remove_sql = "DELETE FROM stacks WHERE stack_name = ?1 AND version = ?2";

// The last token of a removed name never falls (invariant 3), in whatever order removals arrive.
constexpr const char* retire_sql =
    "INSERT INTO retired_tokens (stack_name, fencing_token, last_event) VALUES (?1, ?2, ?3) "
    "ON CONFLICT DO UPDATE SET fencing_token = max(fencing_token, excluded.fencing_token), "
    "last_event = excluded.last_event";

// For an event of a stack that is not changed with it.
constexpr const char* link_stack_sql = "UPDATE stacks SET last_event = ?2 WHERE stack_name = ?1";
constexpr const char* link_retired_sql =
    "INSERT INTO retired_tokens (stack_name, fencing_token, last_event) VALUES (?1, 0, ?2) "
    "ON CONFLICT DO UPDATE SET last_event = excluded.last_event";

constexpr const char* insert_request_sql =
    "INSERT INTO requests (repo_name, request_id, state, priority, arrival, ready_until, version, "
    "body) VALUES (?1, ?2, ?4, ?5, ?6, ?7, ?3 + 1, ?8)";
constexpr const char* update_request_sql =
    "UPDATE requests SET state = ?4, priority = ?5, arrival = ?6, ready_until = ?7, "
    "version = ?3 + 1, body = ?8 WHERE repo_name = ?1 AND request_id = ?2 AND version = ?3";
constexpr const char* remove_request_sql =
    "DELETE FROM requests WHERE repo_name = ?1 AND request_id = ?2 AND version = ?3";

constexpr const char* put_mark_sql =
    "INSERT INTO marks (key, value) VALUES (?1, ?2) "
    "ON CONFLICT DO UPDATE SET value = excluded.value";

core::Error named_twice() {
  return {core::Errc::store_unavailable, "one name stands twice in the changes of one save"};
}

std::int64_t& count_of(service::RepoTotals& totals, core::State state) {
  switch (state) {
    case core::State::available:
      return totals.available;
    case core::State::claimed:
      return totals.claimed;
    case core::State::held:
      return totals.held;
    case core::State::disabled:
      break;
  }
  return totals.disabled;
}

std::int64_t& count_of(RepoRow& row, core::RequestState state) {
  return state == core::RequestState::waiting ? row.waiting : row.settled;
}

}  // namespace

Outcome<void> Writer::prepare() {
  const Preparation statements[] = {{&look_at_request_, look_at_request_sql},
                                    {&update_, update_sql},
                                    {&update_with_repo_, update_with_repo_sql},
                                    {&insert_, insert_sql},
                                    {&remove_, remove_sql},
                                    {&retire_, retire_sql},
                                    {&link_stack_, link_stack_sql},
                                    {&link_retired_, link_retired_sql},
                                    {&insert_request_, insert_request_sql},
                                    {&update_request_, update_request_sql},
                                    {&remove_request_, remove_request_sql},
                                    {&put_mark_, put_mark_sql}};
  if (auto prepared = database_.prepare_all(statements); !prepared) return prepared;
  if (auto prepared = history_.prepare(database_); !prepared) return prepared;
  if (auto prepared = stacks_.prepare(database_); !prepared) return prepared;
  return repos_.prepare(database_);
}

Result<void> Writer::run(Statement& statement) {
  const ResetAtEnd reset(statement);
  const auto ran = statement.step();
  if (!ran) return std::unexpected(unavailable(ran.error()));
  return {};
}

Result<void> Writer::run_on_one(Statement& statement) {
  if (auto ran = run(statement); !ran) return ran;
  if (database_.changes() == 1) return {};
  // Each record was looked at before the first was changed, and nobody else can write.
  return std::unexpected(named_twice());
}

// All or none without a savepoint: everything that can stop a save is looked at before anything is
// changed.
Result<Saved> Writer::save(const Changes& changes) {
  const auto as_expected = look_at_all(changes);
  if (!as_expected) return std::unexpected(as_expected.error());
  if (!*as_expected) return Saved::version_moved;
  for (const core::Event& event : changes.events)
    if (auto done = append(changes, event); !done) return std::unexpected(done.error());
  if (!changes.requests.empty()) seen_.forget();
  for (std::size_t i = 0; i < changes.stacks.size(); ++i)
    if (auto done = apply(changes.stacks[i], stacks_before_[i]); !done)
      return std::unexpected(done.error());
  for (std::size_t i = 0; i < changes.requests.size(); ++i)
    if (auto done = apply(changes.requests[i], requests_before_[i]); !done)
      return std::unexpected(done.error());
  return Saved::yes;
}

Result<bool> Writer::look_at_all(const Changes& changes) {
  stacks_before_.clear();
  requests_before_.clear();
  for (const StackChange& change : changes.stacks) {
    auto before = stacks_.look_at(queries_.stacks, change.next.stack_name);
    if (!before) return std::unexpected(before.error());
    if (before->version != change.expected) return false;
    stacks_before_.push_back(std::move(*before));
  }
  for (const RequestChange& change : changes.requests) {
    const auto before = look_at(change.next);
    if (!before) return std::unexpected(before.error());
    if (before->version != change.expected) return false;
    requests_before_.push_back(*before);
  }
  return true;
}

Result<RequestBefore> Writer::look_at(const core::Request& request) {
  if (const auto seen = seen_.find(request.repo_name, request.request_id)) return *seen;
  const ResetAtEnd reset(look_at_request_);
  const auto row =
      look_at_request_.bind(1, request.repo_name.text()).bind(2, request.request_id.text()).step();
  if (!row) return std::unexpected(unavailable(row.error()));
  if (!*row) return RequestBefore{};
  return RequestBefore{look_at_request_.integer(0),
                       static_cast<core::RequestState>(look_at_request_.integer(1))};
}

Result<void> Writer::append(const Changes& changes, const core::Event& event) {
  const auto repo = repos_.change(queries_.repos, event.repo_name);
  if (!repo) return std::unexpected(repo.error());
  const auto changed = std::ranges::find(
      changes.stacks, event.stack_name,
      [](const StackChange& change) -> const core::StackName& { return change.next.stack_name; });
  const bool with_its_stack = changed != changes.stacks.end();
  // Written with the stack's row, further down.
  std::int64_t* last_of_stack =
      with_its_stack
          ? &stacks_before_[static_cast<std::size_t>(changed - changes.stacks.begin())].last_event
          : nullptr;
  if (!with_its_stack)
    if (auto written = write_stacks(); !written) return written;
  const auto before = with_its_stack ? Result<std::int64_t>(*last_of_stack)
                                     : queries_.events.last_of(event.stack_name);
  if (!before) return std::unexpected(before.error());
  const auto id = history_.append(queries_, event, *before, (*repo)->last_event);
  if (!id) return std::unexpected(id.error());
  (*repo)->last_event = *id;
  if (!with_its_stack) return link_elsewhere(event.stack_name, *id);
  *last_of_stack = *id;
  return {};
}

Result<void> Writer::link_elsewhere(const core::StackName& name, std::int64_t event) {
  if (auto written = write_stacks(); !written) return written;
  stacks_.was_changed(name);
  link_stack_.bind(1, name.text()).bind(2, event);
  if (auto linked = run(link_stack_); !linked || database_.changes() == 1) return linked;
  link_retired_.bind(1, name.text()).bind(2, event);
  return run(link_retired_);
}

Result<void> Writer::count(const core::RepoName& repo, core::State state, std::int64_t by) {
  const auto row = repos_.change(queries_.repos, repo);
  if (!row) return std::unexpected(row.error());
  (*row)->totals.stacks += by;
  count_of((*row)->totals, state) += by;
  return {};
}

Result<void> Writer::apply(const StackChange& change, const StackBefore& before) {
  const bool same_place = before.version != 0 && !change.remove &&
                          before.state == change.next.state &&
                          before.repo_name == change.next.repo_name;
  if (!same_place && before.version != 0)
    if (auto less = count(before.repo_name, before.state, -1); !less) return less;
  if (change.remove) return remove(change, before);
  if (!same_place)
    if (auto more = count(change.next.repo_name, change.next.state, 1); !more) return more;
  return put(change, before);
}

// A row that is there and stays in its repo is only noted.
Result<void> Writer::put(const StackChange& change, const StackBefore& before) {
  const core::Stack& next = change.next;
  if (next.claim && none_due_before_)
    none_due_before_ = std::min(*none_due_before_, next.claim->expires_at);
  const bool later = before.version != 0 && before.repo_name == next.repo_name;
  if (!later) {
    if (auto others = write_stacks(); !others) return others;
    Statement& statement = before.version == 0 ? insert_ : update_with_repo_;
    auto written = write(statement, next, change.expected, change.expected + 1, before.last_event);
    if (!written) return written;
  }
  if (!stacks_.put(before, next, !later)) return std::unexpected(named_twice());
  return {};
}

Result<void> Writer::write_stacks() {
  for (const auto* each : stacks_.unwritten()) {
    const StackPage& page = each->second;
    const core::Stack& stack = page.row.stack;
    auto written = write(update_, stack, page.written, stack.version, page.row.last_event);
    if (!written) return written;
  }
  stacks_.were_written();
  return {};
}

Result<void> Writer::write(Statement& statement, const core::Stack& next, core::Version expected,
                           core::Version version, std::int64_t last_event) {
  encode_claim(next, claim_);
  encode_details(next, details_);
  statement.bind(1, next.stack_name.text())
      .bind(2, expected)
      .bind(3, version)
      .bind(5, static_cast<std::int64_t>(next.state))
      .bind(6, next.last_used.time_since_epoch().count())
      .bind(7, next.fencing_token)
      .bind(9, Bytes{claim_})
      .bind(10, Bytes{details_})
      .bind(11, last_event);
  if (&statement != &update_) statement.bind(4, next.repo_name.text());
  if (next.claim) {
    statement.bind(8, next.claim->expires_at.time_since_epoch().count());
  } else {
    statement.bind_null(8);
  }
  return run_on_one(statement);
}

Result<void> Writer::write_books() {
  if (auto written = write_stacks(); !written) return written;
  return repos_.write();
}

Result<void> Writer::remove(const StackChange& change, const StackBefore& before) {
  if (before.version != 0) {
    if (auto written = write_stacks(); !written) return written;
    remove_.bind(1, change.next.stack_name.text()).bind(2, change.expected);
    if (auto removed = run_on_one(remove_); !removed) return removed;
    stacks_.was_removed(before, change.next.stack_name);
  }
  retire_.bind(1, change.next.stack_name.text())
      .bind(2, change.next.fencing_token)
      .bind(3, before.last_event);
  return run(retire_);
}

Result<void> Writer::apply(const RequestChange& change, const RequestBefore& before) {
  const core::Request& next = change.next;
  const auto repo = repos_.change(queries_.repos, next.repo_name);
  if (!repo) return std::unexpected(repo.error());
  if (before.version != 0) --count_of(**repo, before.state);
  Statement& statement = change.remove         ? remove_request_
                         : before.version == 0 ? insert_request_
                                               : update_request_;
  statement.bind(1, next.repo_name.text()).bind(2, next.request_id.text()).bind(3, change.expected);
  if (change.remove) return before.version == 0 ? Result<void>{} : run_on_one(statement);
  ++count_of(**repo, next.state);
  (*repo)->last_arrival = std::max((*repo)->last_arrival, next.arrival);
  encode_body(next, body_);
  statement.bind(4, static_cast<std::int64_t>(next.state))
      .bind(5, static_cast<std::int64_t>(next.wish.priority))
      .bind(6, next.arrival)
      .bind(7, next.ready_until.time_since_epoch().count())
      .bind(8, Bytes{body_});
  return run_on_one(statement);
}

Result<void> Writer::put_mark(std::string_view key, std::int64_t value) {
  put_mark_.bind(1, key).bind(2, value);
  return run(put_mark_);
}

Result<std::int64_t> Writer::forget_events(core::Instant at, std::int64_t keep, std::size_t limit) {
  return history_.forget(at, keep, limit);
}

Result<const RepoRow*> Writer::repo(const core::RepoName& repo) {
  return repos_.look(queries_.repos, repo);
}

Result<std::optional<core::Stack>> Writer::find(const core::StackName& name) {
  return stacks_.find(queries_.stacks, name);
}

Result<std::vector<core::Stack>> Writer::available(const core::RepoName& repo,
                                                   const core::StringMap& labels,
                                                   std::size_t limit) {
  if (!stacks_.knows_free(repo))
    if (auto written = write_stacks(); !written) return std::unexpected(written.error());
  return stacks_.available(queries_.stacks, repo, labels, limit);
}

Result<std::vector<core::Stack>> Writer::used_last(const core::RepoName& repo, std::size_t count,
                                                   const StackBook::Random& random) {
  if (!stacks_.knows_free(repo))
    if (auto written = write_stacks(); !written) return std::unexpected(written.error());
  return stacks_.used_last(queries_.stacks, repo, count, random);
}

Result<std::vector<core::Stack>> Writer::due(core::Instant now, std::size_t limit) {
  if (none_due_before_ && now < *none_due_before_) return std::vector<core::Stack>{};
  if (auto written = write_stacks(); !written) return std::unexpected(written.error());
  auto found = queries_.stacks.due(now, limit);
  if (!found || !found->empty()) return found;
  const auto first = queries_.stacks.first_due();
  if (!first) return std::unexpected(first.error());
  none_due_before_ = *first;
  return found;
}

Result<std::vector<core::Request>> Writer::waiting(const core::RepoName& repo,
                                                   const std::optional<service::QueuePlace>& after,
                                                   std::size_t limit) {
  const auto row = repos_.look(queries_.repos, repo);
  if (!row) return std::unexpected(row.error());
  if ((*row)->waiting == 0) return std::vector<core::Request>{};
  return queries_.requests.waiting(repo, after, limit);
}

void Writer::batch_begins() {
  seen_.forget();  // what was seen before the batch may be old
  stacks_.batch_begins();
}

void Writer::batch_was_committed() {
  seen_.forget();
  repos_.keep();
  stacks_.batch_was_committed();
}

void Writer::batch_was_rolled_back() {
  seen_.forget();
  repos_.forget();
  stacks_.batch_was_rolled_back();
  none_due_before_.reset();  // it may have been moved past what the rollback brings back
  history_.look_again();
}

}  // namespace bddlock::stores::sqlite
