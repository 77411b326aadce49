#include <algorithm>
#include <boost/json/array.hpp>
#include <set>

#include "stores/dynamodb/reads.hpp"

namespace bddlock::stores::dynamodb {
namespace {

json::object scan_of(const std::string& table) {
  return {{"TableName", table}, {"ConsistentRead", true}};
}

json::object by_repo_index(const std::string& table, const core::RepoName& repo) {
  auto input = query_of(table, "repoName = :repo", {{":repo", text_value(repo.text())}});
  input.emplace("IndexName", "repoIndex");
  return input;
}

// DynamoDB has no code of its own for that.
bool says_index_is_missing(const core::Error& error) {
  return error.detail.find("does not have the specified index") != std::string::npos;
}

json::object scan_of_repo(const std::string& table, const core::RepoName& repo) {
  auto input = scan_of(table);
  input.emplace("FilterExpression", "repoName = :repo");
  input.emplace("ExpressionAttributeValues", json::object{{":repo", text_value(repo.text())}});
  return input;
}

void count_state(service::RepoTotals& totals, core::State state) {
  ++totals.stacks;
  switch (state) {
    case core::State::available:
      ++totals.available;
      break;
    case core::State::claimed:
      ++totals.claimed;
      break;
    case core::State::held:
      ++totals.held;
      break;
    case core::State::disabled:
      ++totals.disabled;
      break;
  }
}

}  // namespace

core::Result<core::Stack> Reads::stack_of(const Item& item) const {
  auto read = caught_up(read_stack(item));
  if (!read) return std::unexpected(read.error());
  if (seen_ != nullptr) {
    seen_->note(*read);
    shared_->note(*read);
  }
  return by_own_clock(std::move(*read));
}

core::Stack Reads::by_own_clock(StackItem read) const {
  const LeaseClock& clock = table_.clock();
  if (read.stack.claim)
    read.stack.claim->skew =
        read.lease_by == clock.server ? core::seconds{0} : clock.skew_of_others;
  return std::move(read.stack);
}

core::Result<std::optional<core::Stack>> Reads::find(const core::StackName& name) const {
  if (name.text().empty()) return std::nullopt;  // DynamoDB has no such keys
  const auto item = table_.get(table_.names().stacks, stack_key(name));
  if (!item) return std::unexpected(item.error());
  if (!*item) return std::nullopt;
  auto stack = stack_of(**item);
  if (!stack) return std::unexpected(stack.error());
  return std::move(*stack);
}

core::Result<Reads::Stacks> Reads::stacks_of(const std::vector<core::StackName>& names) const {
  std::vector<json::object> keys;
  for (const core::StackName& name : names) keys.push_back(stack_key(name));
  const auto items = table_.get_all(table_.names().stacks, keys, "stackName");
  if (!items) return std::unexpected(items.error());
  Stacks stacks;
  for (const Item& item : *items) {
    auto stack = stack_of(item);
    if (!stack) return std::unexpected(stack.error());
    stacks.push_back(std::move(*stack));
  }
  return stacks;
}

core::Result<Reads::Stacks> Reads::all_stacks(
    const std::optional<core::RepoName>& repo,
    const std::function<bool(const core::Stack&)>& wanted) const {
  Stacks found;
  const auto take = [&](const json::array& items) {
    for (const json::value& item : items) {
      core::Stack each = by_own_clock(read_stack(item.as_object()));
      if (wanted(each)) found.push_back(std::move(each));
    }
    return true;
  };
  const std::string& table = table_.names().stacks;
  const bool by_index = repo && table_.has_repo_index();
  auto read =
      by_index ? table_.each_page("Query", by_repo_index(table, *repo), take)
               : table_.each_page("Scan", repo ? scan_of_repo(table, *repo) : scan_of(table), take);
  if (!read && by_index && says_index_is_missing(read.error())) {
    table_.note_missing_index();
    found.clear();
    read = table_.each_page("Scan", scan_of_repo(table, *repo), take);
  }
  if (!read) return std::unexpected(read.error());
  std::ranges::sort(found, {}, &core::Stack::stack_name);
  return found;
}

// A scan has no order, so each page of a list of all reads the whole table.
core::Result<service::StackPage> Reads::list(const service::StackQuery& query) const {
  auto found = all_stacks(query.repo_name, [&](const core::Stack& stack) {
    return (!query.state || stack.state == *query.state) &&
           (!query.after || stack.stack_name > *query.after);
  });
  if (!found) return std::unexpected(found.error());
  service::StackPage page{.items = std::move(*found)};
  const std::size_t limit = std::max<std::size_t>(query.limit, 1);
  if (page.items.size() > limit) {
    page.items.resize(limit);
    page.next_after = page.items.back().stack_name;
  }
  return page;
}

core::Result<service::RepoTotals> Reads::totals(const core::RepoName& repo) const {
  service::RepoTotals totals;
  const auto all = all_stacks(repo, [&](const core::Stack& stack) {
    count_state(totals, stack.state);
    return false;
  });
  if (!all) return std::unexpected(all.error());
  return totals;
}

core::Result<std::vector<core::RepoName>> Reads::repos(const std::optional<core::RepoName>& after,
                                                       std::size_t limit) const {
  std::set<core::RepoName> names;
  auto input = scan_of(table_.names().stacks);
  input.emplace("ProjectionExpression", "repoName");
  const auto read = table_.each_page("Scan", std::move(input), [&](const json::array& items) {
    for (const json::value& item : items) {
      const std::string_view name = text_in(item.as_object(), "repoName").value_or("");
      if (!name.empty()) names.emplace(std::string(name));
    }
    return true;
  });
  if (!read) return std::unexpected(read.error());
  const auto others = repos_with_requests("");
  if (!others) return std::unexpected(others.error());
  for (const core::RepoName& repo : *others) {
    if (names.contains(repo)) continue;
    const auto has = has_requests(repo);
    if (!has) return std::unexpected(has.error());
    if (*has) names.insert(repo);
  }
  std::vector<core::RepoName> page;
  for (auto at = after ? names.upper_bound(*after) : names.begin();
       at != names.end() && page.size() < limit; ++at)
    page.push_back(*at);
  return page;
}

}  // namespace bddlock::stores::dynamodb
