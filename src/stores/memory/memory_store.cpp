#include "stores/memory/memory_store.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace bddlock::stores {
namespace {

using core::RepoName;
using core::Result;
using core::Stack;
using core::StackName;
using service::Change;
using service::Saved;
using service::StackPage;
using service::StackQuery;

// How many records one page looks at before it is ended, so that no list holds up a commit for
// long.
constexpr std::size_t page_looks_max = 4000;

struct ByName {
  using is_transparent = void;
  static const StackName& key(const Stack* stack) { return stack->stack_name; }
  static const StackName& key(const StackName& name) { return name; }
  bool operator()(const auto& left, const auto& right) const { return key(left) < key(right); }
};

// Stands behind the last stack of a repo.
struct EndOfRepo {
  const RepoName& repo_name;
};

struct ByRepo {
  using is_transparent = void;
  using Key = std::tuple<const RepoName&, const StackName&>;
  static Key key(const Stack* stack) { return {stack->repo_name, stack->stack_name}; }
  static Key key(const Key& key) { return key; }
  bool operator()(const auto& left, const auto& right) const { return key(left) < key(right); }
  bool operator()(const Stack* left, EndOfRepo right) const {
    return left->repo_name <= right.repo_name;
  }
};

// What a batch has changed and not yet committed; nothing: the stack is removed.
struct Overlay {
  std::map<StackName, std::optional<Stack>> stacks;
  std::unordered_map<StackName, core::FencingToken> retired;
  std::map<std::string, std::int64_t, std::less<>> marks;
};

// Committed records. The writer changes them under the mutex, so it may read them without.
struct Table {
  std::mutex mutex;
  std::unordered_map<StackName, Stack> stacks;
  std::set<const Stack*, ByName> by_name;
  std::set<const Stack*, ByRepo> by_repo;
  std::unordered_map<StackName, core::FencingToken> retired;
  std::map<std::string, std::int64_t, std::less<>> marks;

  void put(Stack stack) {
    const auto [at, is_new] = stacks.try_emplace(stack.stack_name, stack);
    if (is_new) by_name.insert(&at->second);
    if (!is_new) {
      if (at->second.repo_name == stack.repo_name) {
        at->second = std::move(stack);
        return;
      }
      by_repo.erase(&at->second);
      at->second = std::move(stack);
    }
    by_repo.insert(&at->second);
  }

  void erase(const StackName& name) {
    const auto at = stacks.find(name);
    if (at == stacks.end()) return;
    by_name.erase(&at->second);
    by_repo.erase(&at->second);
    stacks.erase(at);
  }

  void take(Overlay&& overlay) {
    for (auto& [name, stack] : overlay.stacks) {
      if (stack) {
        put(std::move(*stack));
      } else {
        erase(name);
      }
    }
    for (const auto& [name, token] : overlay.retired) retired.insert_or_assign(name, token);
    for (const auto& [key, value] : overlay.marks) marks.insert_or_assign(key, value);
  }
};

// Fills one page from records that come in the order of names.
class PageFiller {
 public:
  explicit PageFiller(const StackQuery& query) : query_(query) {}

  // False: the page is full, and `stack` is no longer of it.
  bool add(const Stack& stack) {
    if (page_.items.size() >= std::max<std::size_t>(query_.limit, 1) || looks_ == page_looks_max) {
      page_.next_after = last_;
      return false;
    }
    ++looks_;
    last_ = stack.stack_name;
    const bool wanted = (!query_.repo_name || stack.repo_name == *query_.repo_name) &&
                        (!query_.state || stack.state == *query_.state);
    if (wanted) page_.items.push_back(stack);
    return true;
  }

  StackPage take() { return std::move(page_); }

 private:
  const StackQuery& query_;
  StackPage page_;
  StackName last_;
  std::size_t looks_ = 0;
};

// Walks committed records and the overlay side by side; where both know a name the overlay is
// right.
template <class Position>
StackPage merge(Position at, Position end, const Overlay& overlay, const StackQuery& query) {
  auto over = query.after ? overlay.stacks.upper_bound(*query.after) : overlay.stacks.begin();
  PageFiller page{query};
  while (at != end || over != overlay.stacks.end()) {
    const bool from_overlay =
        at == end || (over != overlay.stacks.end() && over->first <= (*at)->stack_name);
    if (!from_overlay) {
      if (!page.add(**at++)) break;
      continue;
    }
    if (at != end && over->first == (*at)->stack_name) ++at;
    if (over->second && !page.add(*over->second)) break;
    ++over;
  }
  return page.take();
}

StackPage list_merged(const Table& table, const Overlay& overlay, const StackQuery& query) {
  // No stack's name is empty, so the empty one stands before the first.
  const StackName after = query.after.value_or(StackName{});
  if (!query.repo_name)
    return merge(table.by_name.upper_bound(after), table.by_name.end(), overlay, query);
  const auto begin = table.by_repo.upper_bound(ByRepo::Key{*query.repo_name, after});
  const auto end = table.by_repo.lower_bound(EndOfRepo{*query.repo_name});
  return merge(begin, end, overlay, query);
}

template <class Map, class Key>
const typename Map::mapped_type* look_up(const Map& map, const Key& key) {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : &at->second;
}

class MemoryReader final : public service::StoreReader {
 public:
  explicit MemoryReader(std::shared_ptr<Table> table) : table_(std::move(table)) {}

  Result<std::optional<Stack>> find(const StackName& name) override {
    const std::scoped_lock lock{table_->mutex};
    const Stack* stack = look_up(table_->stacks, name);
    return stack != nullptr ? std::optional{*stack} : std::nullopt;
  }

  Result<StackPage> list(const StackQuery& query) override {
    const std::scoped_lock lock{table_->mutex};
    return list_merged(*table_, {}, query);
  }

  Result<core::FencingToken> retired_token(const StackName& name) override {
    const std::scoped_lock lock{table_->mutex};
    const core::FencingToken* token = look_up(table_->retired, name);
    return token != nullptr ? *token : 0;
  }

  Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    const std::scoped_lock lock{table_->mutex};
    const std::int64_t* value = look_up(table_->marks, key);
    return value != nullptr ? std::optional{*value} : std::nullopt;
  }

 private:
  std::shared_ptr<Table> table_;
};

class MemoryStore final : public service::Store {
 public:
  explicit MemoryStore(std::shared_ptr<Table> table) : table_(std::move(table)) {}

  Result<std::optional<Stack>> find(const StackName& name) override {
    const Stack* stack = present(name);
    return stack != nullptr ? std::optional{*stack} : std::nullopt;
  }

  Result<StackPage> list(const StackQuery& query) override {
    return list_merged(*table_, overlay_, query);
  }

  Result<core::FencingToken> retired_token(const StackName& name) override {
    const core::FencingToken* token = look_up(overlay_.retired, name);
    if (token == nullptr) token = look_up(table_->retired, name);
    return token != nullptr ? *token : 0;
  }

  Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    const std::int64_t* value = look_up(overlay_.marks, key);
    if (value == nullptr) value = look_up(table_->marks, key);
    return value != nullptr ? std::optional{*value} : std::nullopt;
  }

  Result<Saved> save(std::span<const Change> changes) override {
    const bool as_expected = std::ranges::all_of(changes, [this](const Change& change) {
      const Stack* stack = present(change.next.stack_name);
      return (stack != nullptr ? stack->version : 0) == change.expected;
    });
    if (!as_expected) return Saved::version_moved;
    for (const Change& change : changes) put(change);
    if (!in_batch_) (void)commit();
    return Saved::yes;
  }

  Result<void> put_mark(std::string_view key, std::int64_t value) override {
    overlay_.marks.insert_or_assign(std::string{key}, value);
    return in_batch_ ? Result<void>{} : commit();
  }

  Result<void> begin() override {
    in_batch_ = true;
    return {};
  }

  Result<void> commit() override {
    {
      const std::scoped_lock lock{table_->mutex};
      table_->take(std::move(overlay_));
    }
    rollback();
    return {};
  }

  void rollback() noexcept override {
    overlay_ = {};
    in_batch_ = false;
  }

 private:
  [[nodiscard]] const Stack* present(const StackName& name) const {
    const auto over = overlay_.stacks.find(name);
    if (over == overlay_.stacks.end()) return look_up(table_->stacks, name);
    return over->second ? &*over->second : nullptr;
  }

  void put(const Change& change) {
    std::optional<Stack>& slot = overlay_.stacks[change.next.stack_name];
    if (change.remove) {
      slot.reset();
      overlay_.retired.insert_or_assign(change.next.stack_name, change.next.fencing_token);
      return;
    }
    slot = change.next;
    slot->version = change.expected + 1;
  }

  std::shared_ptr<Table> table_;
  Overlay overlay_;
  bool in_batch_ = false;
};

}  // namespace

MemoryTable make_memory_table() {
  auto table = std::make_shared<Table>();
  return {std::make_unique<MemoryStore>(table), std::make_unique<MemoryReader>(table)};
}

}  // namespace bddlock::stores
