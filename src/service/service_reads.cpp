// Called by api; what only reads, on the read lane.
#include <utility>

#include "service/seen.hpp"
#include "service/service_state.hpp"

namespace bddlock::service {

using core::Error;
using core::Result;

namespace {

constexpr std::size_t page_stacks_max = 1000;
// A store lists the settled requests of all repos together. So many are looked through for one
// page, a thousand at a time, so that a list does not hold up the read lane.
constexpr std::size_t settled_at_once = 1000;
constexpr int settled_looks_max = 5;

// Collects one repo's available names, each page a job of its own.
struct Listing {
  ReadLane& reads;
  Clock& clock;
  StackQuery query;
  Done<std::vector<core::StackName>> done;
  std::vector<core::StackName> names = {};
};

// Claims and holds that are over, though nothing has written that down yet.
Result<void> add_due(Listing& listing, StoreReader& reader) {
  const core::Instant now = listing.clock.now();
  const auto due = reader.due(now, page_stacks_max);
  if (!due) return std::unexpected(due.error());
  for (const core::Stack& stack : *due)
    if (stack.repo_name == listing.query.repo_name &&
        core::decide(stack, core::Settle{}, now).next.state == core::State::available)
      listing.names.push_back(stack.stack_name);
  return {};
}

void read_next_page(std::shared_ptr<Listing> listing) {
  ReadLane& reads = listing->reads;
  reads.submit([listing = std::move(listing)](StoreReader& reader) mutable {
    auto page = reader.list(listing->query);
    if (!page) return listing->done(std::unexpected(std::move(page.error())));
    for (core::Stack& stack : page->items) listing->names.push_back(std::move(stack.stack_name));
    listing->query.after = std::move(page->next_after);
    if (listing->query.after) return read_next_page(std::move(listing));
    if (auto added = add_due(*listing, reader); !added)
      return listing->done(std::unexpected(std::move(added.error())));
    listing->done(std::move(listing->names));
  });
}

Result<RepoSummary> summary_of(StoreReader& reader, const core::RepoName& name, core::Instant now) {
  const auto totals = totals_seen(reader, name, now);
  if (!totals) return std::unexpected(totals.error());
  const auto waiting = reader.count_waiting(name);
  if (!waiting) return std::unexpected(waiting.error());
  return RepoSummary{.repo_name = name, .totals = *totals, .waiting = *waiting};
}

// Requests that are over are remembered for a day, also where there is no stack any more.
bool is_pool(const RepoSummary& repo) { return repo.totals.stacks > 0 || repo.waiting > 0; }

Result<RepoPage> repo_page(StoreReader& reader, const std::optional<core::RepoName>& after,
                           std::size_t limit, core::Instant now) {
  const auto names = reader.repos(after, limit);
  if (!names) return std::unexpected(names.error());
  RepoPage page;
  for (const core::RepoName& name : *names) {
    auto summary = summary_of(reader, name, now);
    if (!summary) return std::unexpected(summary.error());
    if (is_pool(*summary)) page.items.push_back(std::move(*summary));
  }
  if (names->size() >= limit) page.next_after = names->back();
  return page;
}

// Fills `page` with those that wait; true: that were all of them.
Result<bool> add_waiting(RequestPage& page, Lender& lender, StoreReader& reader,
                         const core::RepoName& repo, const RequestsAfter& after, std::size_t limit,
                         core::Instant now) {
  const auto waiting = reader.waiting(repo, after.place, limit);
  if (!waiting) return std::unexpected(waiting.error());
  const auto before = after.place ? reader.count_waiting_before(
                                        repo, {after.place->priority, after.place->arrival + 1})
                                  : Result<std::int64_t>{0};
  if (!before) return std::unexpected(before.error());
  std::int64_t position = *before;
  for (const core::Request& request : *waiting)
    page.items.push_back(
        {.request = request, .position = ++position, .ready = lender.is_ready(request, now)});
  if (waiting->size() < limit) return true;
  page.next_after =
      RequestsAfter{.place = QueuePlace{waiting->back().wish.priority, waiting->back().arrival}};
  return false;
}

Result<void> add_settled(RequestPage& page, StoreReader& reader, const core::RepoName& repo,
                         const std::optional<RequestKey>& after, std::size_t limit,
                         core::Instant now) {
  RequestKey last = after.value_or(RequestKey{repo, {}});
  for (int looks = 0; looks < settled_looks_max && page.items.size() < limit; ++looks) {
    auto settled =
        reader.settled_requests(std::pair{last.repo_name, last.request_id}, settled_at_once);
    if (!settled) return std::unexpected(settled.error());
    for (core::Request& request : *settled) {
      last = {request.repo_name, request.request_id};
      if (request.repo_name != repo) continue;
      const auto status = status_of(reader, request, now, nullptr);
      if (!status) return std::unexpected(status.error());
      page.items.push_back({.request = std::move(request), .status = *status});
      if (page.items.size() == limit) break;
    }
    if (page.items.size() < limit && settled->size() < settled_at_once) return {};
  }
  page.next_after = RequestsAfter{.settled = std::move(last)};
  return {};
}

Result<RequestPage> request_page(Lender& lender, StoreReader& reader, const core::RepoName& repo,
                                 const RequestsAfter& after, std::size_t limit, core::Instant now) {
  RequestPage page;
  if (!after.settled) {
    const auto all = add_waiting(page, lender, reader, repo, after, limit, now);
    if (!all) return std::unexpected(all.error());
    if (!*all) return page;
  }
  if (auto added = add_settled(page, reader, repo, after.settled, limit, now); !added)
    return std::unexpected(added.error());
  return page;
}

}  // namespace

void Service::find(core::StackName name, Done<std::optional<core::Stack>> done) {
  state_->look<std::optional<core::Stack>>(
      [name = std::move(name)](Lender&, StoreReader& reader, core::Instant now) {
        auto stack = reader.find(name);
        if (stack && *stack) **stack = seen_at(std::move(**stack), now);
        return stack;
      },
      std::move(done));
}

void Service::list(StackQuery query, Done<StackPage> done) {
  state_->look<StackPage>(
      [query = std::move(query)](Lender&, StoreReader& reader, core::Instant now) {
        return list_seen(reader, query, now);
      },
      std::move(done));
}

void Service::available(core::RepoName repo, Done<std::vector<core::StackName>> done) {
  StackQuery query{
      .repo_name = std::move(repo), .state = core::State::available, .limit = page_stacks_max};
  read_next_page(
      std::make_shared<Listing>(state_->reads, state_->clock, std::move(query), std::move(done)));
}

void Service::repos(std::optional<core::RepoName> after, std::size_t limit, Done<RepoPage> done) {
  state_->look<RepoPage>(
      [after = std::move(after), limit](Lender&, StoreReader& reader, core::Instant now) {
        return repo_page(reader, after, limit, now);
      },
      std::move(done));
}

void Service::repo(core::RepoName name, Done<std::optional<RepoSummary>> done) {
  using Answer = Result<std::optional<RepoSummary>>;
  state_->look<std::optional<RepoSummary>>(
      [name = std::move(name)](Lender& lender, StoreReader& reader, core::Instant now) -> Answer {
        auto summary = summary_of(reader, name, now);
        if (!summary) return std::unexpected(summary.error());
        if (!is_pool(*summary)) return std::nullopt;
        const auto typical = lender.typical_claim(reader, name);
        if (!typical) return std::unexpected(typical.error());
        if (*typical) summary->typical_claim = std::chrono::ceil<core::seconds>(**typical);
        return std::move(*summary);
      },
      std::move(done));
}

void Service::requests(core::RepoName repo, RequestsAfter after, std::size_t limit,
                       Done<RequestPage> done) {
  state_->look<RequestPage>(
      [repo = std::move(repo), after = std::move(after), limit = std::max<std::size_t>(limit, 1)](
          Lender& lender, StoreReader& reader, core::Instant now) {
        return request_page(lender, reader, repo, after, limit, now);
      },
      std::move(done));
}

void Service::explain(RequestKey key, Done<std::optional<Explanation>> done) {
  state_->look<std::optional<Explanation>>(
      [key = std::move(key)](Lender& lender, StoreReader& reader, core::Instant now) {
        return lender.explain(reader, key, now);
      },
      std::move(done));
}

void Service::events(EventQuery query, Done<EventPage> done) {
  state_->look<EventPage>(
      [query = std::move(query)](Lender&, StoreReader& reader, core::Instant) {
        return reader.events(query);
      },
      std::move(done));
}

void Service::probe(Done<void> done) {
  state_->look<void>(
      [state = state_](Lender&, StoreReader& reader, core::Instant) -> Result<void> {
        const auto mark = reader.mark("probe");
        if (!mark) return std::unexpected(mark.error());
        if (!state->writes.healthy())
          return std::unexpected(
              Error{core::Errc::store_unavailable, "the store did not take the last change"});
        return {};
      },
      std::move(done));
}

void Service::mark(std::string key, Done<std::optional<std::int64_t>> done) {
  state_->look<std::optional<std::int64_t>>(
      [key = std::move(key)](Lender&, StoreReader& reader, core::Instant) {
        return reader.mark(key);
      },
      std::move(done));
}

}  // namespace bddlock::service
