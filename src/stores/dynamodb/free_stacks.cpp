// Which stacks of a repo are free: the index says who comes into question, the records whether they
// are.
#include <algorithm>
#include <boost/json/array.hpp>

#include "core/request.hpp"
#include "stores/dynamodb/reads.hpp"

namespace bddlock::stores::dynamodb {
namespace {

constexpr std::size_t free_page = 100;  // also Amazon's limit of a BatchGetItem

using Names = std::vector<core::StackName>;

Names names_in(const json::array& items) {
  Names names;
  for (const json::value& item : items)
    names.emplace_back(std::string(text_in(item.as_object(), "stackName").value_or("")));
  return names;
}

bool is_free(const core::Stack& stack, const core::RepoName& repo, const core::Wish& wish) {
  return stack.state == core::State::available && stack.repo_name == repo &&
         core::suits(wish, stack);
}

}  // namespace

json::object Reads::free_query(const core::RepoName& repo) const {
  auto input = query_of(table_.names().stacks, "repoName = :repo AND isAvailable = :x",
                        {{":repo", text_value(repo.text())}, {":x", text_value("x")}});
  input.emplace("IndexName", "availableByRepoIndex");
  input.emplace("Limit", free_page);
  return input;
}

core::Result<Names> Reads::free_names(const core::RepoName& repo) const {
  Names names;
  const auto read = table_.each_page("Query", free_query(repo), [&](const json::array& items) {
    names = names_in(items);
    return false;
  });
  if (!read) return std::unexpected(read.error());
  return names;
}

core::Result<void> Reads::add_free(const core::RepoName& repo, const core::Wish& wish,
                                   const Names& names, Stacks& found) const {
  auto stacks = stacks_of(names);
  if (!stacks) return std::unexpected(stacks.error());
  for (core::Stack& stack : *stacks)
    if (is_free(stack, repo, wish)) found.push_back(std::move(stack));
  return {};
}

// Takes those out of `names` that this process knows to suit. A grant asks that they are still as
// they were, so to be wrong costs a try, and to be right saves reading all that are free. If they
// are enough, those go too that it knows not to suit: mostly it has just lent them itself, and the
// index lags behind.
void Reads::add_remembered(const core::RepoName& repo, const core::Wish& wish, std::size_t enough,
                           Names& names, Stacks& found) const {
  Names unsuitable;
  std::erase_if(names, [&](const core::StackName& name) {
    auto item = shared_->recall(name);
    if (!item) return false;
    if (!is_free(item->stack, repo, wish)) {
      unsuitable.push_back(name);
      return true;
    }
    seen_->note_remembered(*item);
    found.push_back(by_own_clock(std::move(*item)));
    return true;
  });
  if (found.size() < enough) names.insert(names.end(), unsuitable.begin(), unsuitable.end());
}

// A page at a time, and no more than is wanted: of a repo with more than a page of free stacks the
// best are the best of those that were read. What this job made available comes first: the index
// may lag behind.
core::Result<Reads::Stacks> Reads::find_free(const core::RepoName& repo,
                                             const core::StringMap& labels, std::size_t limit,
                                             std::size_t enough_remembered) const {
  const core::Wish wish{.labels = labels};
  Names freed;
  if (seen_ != nullptr)
    for (const auto& [name, of] : seen_->freed())
      if (of == repo) freed.push_back(name);
  Names freed_left = freed;
  Stacks found;
  core::Result<void> added;
  const auto read = table_.each_page("Query", free_query(repo), [&](const json::array& items) {
    Names names = names_in(items);
    std::erase_if(names, [&](const auto& name) { return std::ranges::count(freed, name) > 0; });
    names.insert(names.end(), freed_left.begin(), freed_left.end());
    freed_left.clear();
    if (enough_remembered > 0) add_remembered(repo, wish, enough_remembered, names, found);
    if (!names.empty() && found.size() < limit) added = add_free(repo, wish, names, found);
    return added && found.size() < limit;
  });
  if (!read) return std::unexpected(read.error());
  if (!added) return std::unexpected(added.error());
  std::ranges::stable_sort(found, std::greater{}, &core::Stack::last_used);
  if (found.size() > limit) found.resize(limit);
  return found;
}

core::Result<Reads::Stacks> Reads::available(const core::RepoName& repo,
                                             const core::StringMap& labels,
                                             std::size_t limit) const {
  return find_free(repo, labels, limit, 0);
}

core::Result<Reads::Stacks> Reads::likely_available(const core::RepoName& repo,
                                                    const core::StringMap& labels,
                                                    std::size_t enough, std::size_t limit) const {
  const bool remembers = seen_ != nullptr && seen_->may_remember() && shared_->trusts_memory();
  return find_free(repo, labels, limit, remembers ? enough : 0);
}

}  // namespace bddlock::stores::dynamodb
