#include "stores/memory/event_log.hpp"

#include <algorithm>
#include <utility>

#include "stores/memory/page_limit.hpp"

namespace bddlock::stores::memory {

using service::EventPage;
using service::EventQuery;

namespace {

template <class Map, class Key>
std::int64_t last_of(const Map& map, const Key& key) {
  const auto at = map.find(key);
  return at == map.end() ? 0 : at->second;
}

template <class Map, class Key>
void set_last(Map& map, const Key& key, std::int64_t id) {
  if (id == 0)
    map.erase(key);
  else
    map.insert_or_assign(key, id);
}

bool wanted(const EventQuery& query, const core::Event& event) {
  return (!query.since || event.at >= *query.since) && (!query.until || event.at < *query.until);
}

}  // namespace

void EventLog::append(EventRecord event) {
  if (!entries_.empty() && event->at < at(last_id())) falls_.push_back(event->id);
  const core::Event& told = *event;
  entries_.push_back({std::move(event), last_of(last_of_stack_, told.stack_name),
                      last_of(last_of_repo_, told.repo_name)});
  set_last(last_of_stack_, told.stack_name, told.id);
  set_last(last_of_repo_, told.repo_name, told.id);
}

void EventLog::take_back_to(std::int64_t id) {
  while (last_id() > id) {
    const Entry& last = entries_.back();
    set_last(last_of_stack_, last.event->stack_name, last.before_of_stack);
    set_last(last_of_repo_, last.event->repo_name, last.before_of_repo);
    if (!falls_.empty() && falls_.back() == last_id()) falls_.pop_back();
    entries_.pop_back();
  }
}

void EventLog::drop_forgotten() {
  for (; base_ < first_ && !entries_.empty(); ++base_) {
    const core::Event& event = *entries_.front().event;
    if (last_of(last_of_stack_, event.stack_name) == base_) last_of_stack_.erase(event.stack_name);
    if (last_of(last_of_repo_, event.repo_name) == base_) last_of_repo_.erase(event.repo_name);
    entries_.pop_front();
  }
  std::erase_if(falls_, [this](std::int64_t id) { return id <= base_; });
}

std::int64_t EventLog::keep_from(core::Instant before, std::int64_t keep, std::size_t limit) const {
  std::int64_t from = first_;
  for (; limit > 0 && from <= last_id(); --limit, ++from)
    if (at(from) >= before && last_id() - from < keep) break;
  return from;
}

EventPage EventLog::find(const EventQuery& query) const {
  if (query.stack_name)
    return find_along(
        [&](const Entry* entry) {
          return entry == nullptr ? last_of(last_of_stack_, *query.stack_name)
                                  : entry->before_of_stack;
        },
        query);
  if (query.repo_name)
    return find_along(
        [&](const Entry* entry) {
          return entry == nullptr ? last_of(last_of_repo_, *query.repo_name)
                                  : entry->before_of_repo;
        },
        query);
  EventPage page;
  std::int64_t id = last_id();
  if (query.before && *query.before <= id) id = std::max(*query.before, first_) - 1;
  for (id = wanted_at_or_before(id, query); id >= first_; id = wanted_at_or_before(id - 1, query)) {
    if (page.items.size() >= std::max<std::size_t>(query.limit, 1)) {
      page.next_before = page.items.back().id;
      break;
    }
    page.items.push_back(*record(id));
  }
  return page;
}

// Each stack's (or repo's) events from the newest back: `chain` gives the one before an entry, or
// the newest for none.
template <class Chain>
EventPage EventLog::find_along(const Chain& chain, const EventQuery& query) const {
  const std::int64_t first = query.since ? first_since(*query.since) : first_;
  std::int64_t id = chain(nullptr);
  // A page goes on where the one before ended: a step from there saves the way down the chain.
  if (query.before && *query.before >= first_ && *query.before <= last_id()) {
    const core::Event& last_seen = *record(*query.before);
    if ((query.stack_name && last_seen.stack_name == *query.stack_name) ||
        (query.repo_name && last_seen.repo_name == *query.repo_name))
      id = chain(&entry(*query.before));
  }
  while (query.before && id >= std::max(first, *query.before)) id = chain(&entry(id));
  EventPage page;
  std::size_t looks = 0;
  for (std::int64_t last_seen = 0; id >= first; id = chain(&entry(id))) {
    const core::Event& event = *record(id);
    const bool take = wanted(query, event);
    if ((take && page.items.size() >= std::max<std::size_t>(query.limit, 1)) ||
        looks == page_looks_max) {
      page.next_before = last_seen;
      break;
    }
    ++looks;
    last_seen = id;
    if (take) page.items.push_back(event);
  }
  return page;
}

std::int64_t EventLog::wanted_at_or_before(std::int64_t id, const EventQuery& query) const {
  while (id >= first_) {
    const std::int64_t begin = begin_of_rise(id);
    if (query.until && at(id) >= *query.until)
      id = first_at_or_after(begin, id, *query.until) - 1;
    else if (query.since && at(id) < *query.since)
      id = begin - 1;
    else
      return id;
  }
  return id;
}

std::int64_t EventLog::first_since(core::Instant since) const {
  std::int64_t first = last_id() + 1;
  for (std::int64_t end = last_id() + 1; end > first_;) {
    const std::int64_t begin = begin_of_rise(end - 1);
    const std::int64_t found = first_at_or_after(begin, end, since);
    if (found < end) first = found;
    end = begin;
  }
  return first;
}

std::int64_t EventLog::first_at_or_after(std::int64_t begin, std::int64_t end,
                                         core::Instant time) const {
  while (begin < end) {
    const std::int64_t middle = begin + (end - begin) / 2;
    if (at(middle) < time)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

std::int64_t EventLog::begin_of_rise(std::int64_t id) const {
  const auto after = std::ranges::upper_bound(falls_, id);
  return after == falls_.begin() ? first_ : std::max(first_, *std::prev(after));
}

}  // namespace bddlock::stores::memory
