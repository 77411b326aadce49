#include <algorithm>
#include <boost/json/array.hpp>

#include "stores/dynamodb/documents.hpp"
#include "stores/dynamodb/reads.hpp"

namespace bddlock::stores::dynamodb {
namespace {

core::Request request_of(const Item& item) {
  core::Request request = parse_request(text_in(item, "body").value_or(""));
  request.version = number_in(item, "version").value_or(1);
  return request;
}

json::object waiting_of(const Table& table, const core::RepoName& repo, std::string_view condition,
                        json::object values) {
  values.emplace(":pk", text_value(requests_of(repo)));
  auto input = query_of(table.names().requests(), condition, std::move(values));
  input.emplace("IndexName", "byLine");
  input.emplace("ConsistentRead", true);
  return input;
}

}  // namespace

core::Result<std::int64_t> Reads::number(std::string_view pk, std::string_view sk,
                                         std::string_view name) const {
  if (sk.empty()) return 0;
  const auto item = table_.get(table_.names().requests(), row_key(pk, sk));
  if (!item) return std::unexpected(item.error());
  return *item ? number_in(**item, name).value_or(0) : 0;
}

core::Result<std::optional<std::int64_t>> Reads::mark(std::string_view key) const {
  const auto item = table_.get(table_.names().requests(), row_key("mark", key));
  if (!item) return std::unexpected(item.error());
  return *item ? number_in(**item, "value") : std::nullopt;
}

core::Result<std::optional<core::Request>> Reads::find_request(const core::RepoName& repo,
                                                               const core::RequestId& id) const {
  if (id.text().empty()) return std::nullopt;
  const auto item = table_.get(table_.names().requests(), request_key(repo, id));
  if (!item) return std::unexpected(item.error());
  if (!*item) return std::nullopt;
  return request_of(**item);
}

core::Result<Reads::Requests> Reads::waiting(const core::RepoName& repo,
                                             const std::optional<service::QueuePlace>& after,
                                             std::size_t limit) const {
  Requests found;
  if (limit == 0) return found;
  auto input = after ? waiting_of(table_, repo, "pk = :pk AND line > :after",
                                  {{":after", digits_value(line_of(*after))}})
                     : waiting_of(table_, repo, "pk = :pk", {});
  input.emplace("Limit", limit);
  const auto read = table_.each_page("Query", std::move(input), [&](const json::array& items) {
    for (const json::value& item : items)
      if (found.size() < limit) found.push_back(request_of(item.as_object()));
    return found.size() < limit;
  });
  if (!read) return std::unexpected(read.error());
  return found;
}

core::Result<std::int64_t> Reads::count_waiting(
    const core::RepoName& repo, const std::optional<service::QueuePlace>& before) const {
  if (!before) return table_.count(waiting_of(table_, repo, "pk = :pk", {}));
  return table_.count(waiting_of(table_, repo, "pk = :pk AND line < :place",
                                 {{":place", digits_value(line_of(*before))}}));
}

core::Result<std::int64_t> Reads::last_arrival(const core::RepoName& repo) const {
  auto last = number("repos", repo.text(), "lastArrival");
  if (last && seen_ != nullptr) seen_->note_arrival(repo, *last);
  return last;
}

core::Result<Reads::Requests> Reads::ready_until_before(core::Instant at, std::size_t limit) const {
  auto input = query_of(
      table_.names().requests(), "pk = :pk AND line <= :at",
      {{":pk", text_value("ready")}, {":at", number_value(at.time_since_epoch().count())}});
  input.emplace("IndexName", "byLine");
  input.emplace("ConsistentRead", true);
  input.emplace("Limit", std::max<std::size_t>(limit, 1));
  Requests found;
  core::Result<void> fetched;
  const auto read = table_.each_page("Query", std::move(input), [&](const json::array& items) {
    for (const json::value& item : items) {
      const std::string_view sk = text_in(item.as_object(), "sk").value_or("");
      const auto cut = sk.find('\n');
      if (cut == std::string_view::npos || found.size() == limit) continue;
      auto request = find_request(core::RepoName{std::string(sk.substr(0, cut))},
                                  core::RequestId{std::string(sk.substr(cut + 1))});
      if (!request) {
        fetched = std::unexpected(request.error());
        return false;
      }
      if (*request && (*request)->state == core::RequestState::waiting)
        found.push_back(std::move(**request));
    }
    return found.size() < limit;
  });
  if (!read) return std::unexpected(read.error());
  if (!fetched) return std::unexpected(fetched.error());
  return found;
}

// Those that ever had a request, from the name `from` on.
core::Result<std::vector<core::RepoName>> Reads::repos_with_requests(std::string_view from) const {
  auto input = from.empty()
                   ? query_of(table_.names().requests(), "pk = :pk", {{":pk", text_value("repos")}})
                   : query_of(table_.names().requests(), "pk = :pk AND sk >= :from",
                              {{":pk", text_value("repos")}, {":from", text_value(from)}});
  input.emplace("ConsistentRead", true);
  std::vector<core::RepoName> repos;
  const auto read = table_.each_page("Query", std::move(input), [&](const json::array& items) {
    for (const json::value& item : items)
      repos.emplace_back(std::string(text_in(item.as_object(), "sk").value_or("")));
    return true;
  });
  if (!read) return std::unexpected(read.error());
  return repos;
}

core::Result<bool> Reads::has_requests(const core::RepoName& repo) const {
  auto input =
      query_of(table_.names().requests(), "pk = :pk", {{":pk", text_value(requests_of(repo))}});
  input.emplace("ConsistentRead", true);
  input.emplace("Limit", 1);
  bool has = false;
  const auto read = table_.each_page("Query", std::move(input), [&](const json::array& items) {
    has = !items.empty();
    return false;
  });
  if (!read) return std::unexpected(read.error());
  return has;
}

core::Result<void> Reads::add_settled(const core::RepoName& repo, std::string_view after,
                                      std::size_t limit, Requests& found) const {
  const std::string pk = requests_of(repo);
  auto input = after.empty()
                   ? query_of(table_.names().requests(), "pk = :pk", {{":pk", text_value(pk)}})
                   : query_of(table_.names().requests(), "pk = :pk AND sk > :after",
                              {{":pk", text_value(pk)}, {":after", text_value(after)}});
  input.emplace("ConsistentRead", true);
  input.emplace("FilterExpression", "attribute_not_exists(line)");
  return table_.each_page("Query", std::move(input), [&](const json::array& items) {
    for (const json::value& item : items)
      if (found.size() < limit) found.push_back(request_of(item.as_object()));
    return found.size() < limit;
  });
}

core::Result<Reads::Requests> Reads::settled_requests(
    const std::optional<std::pair<core::RepoName, core::RequestId>>& after,
    std::size_t limit) const {
  const auto repos = repos_with_requests(after ? after->first.text() : "");
  if (!repos) return std::unexpected(repos.error());
  Requests found;
  for (const core::RepoName& repo : *repos) {
    if (found.size() >= limit) break;
    const bool goes_on = after && after->first == repo;
    const auto added = add_settled(repo, goes_on ? after->second.text() : "", limit, found);
    if (!added) return std::unexpected(added.error());
  }
  return found;
}

}  // namespace bddlock::stores::dynamodb
