// The line of a repo: who waits, in the order of granting, and the free stacks as those in line see
// them one after the other. Used by the queue to hand over and by explain() to say why. Private to
// service.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/request.hpp"
#include "service/store.hpp"
#include "service/taken.hpp"

namespace bddlock::service {

// The waiting requests of a repo, read in pages.
class Waiting {
 public:
  Waiting(StoreReader& store, core::RepoName repo) : store_(store), repo_(std::move(repo)) {}

  // The next one, valid until the next call; null: that was all.
  [[nodiscard]] core::Result<const core::Request*> next();

 private:
  StoreReader& store_;
  core::RepoName repo_;
  std::vector<core::Request> page_{};
  std::size_t at_ = 0;
  std::size_t limit_ = 4;  // a stack that came free mostly suits one of the first
  bool last_page_ = false;
  std::optional<QueuePlace> after_{};
};

// Where others choose from the same stacks: among how many of the best pick() does at random, and
// which it leaves to last.
struct Choice {
  std::size_t among = 1;
  const Taken* taken = nullptr;
};

// The free stacks of a repo while its line is gone through. A request for several that cannot have
// all keeps what it could have from those behind it.
class FreeStacks {
 public:
  using Stacks = std::vector<core::Stack>;
  using Random = std::function<std::uint64_t()>;

  FreeStacks(StoreReader& store, core::RepoName repo, const Random& random, Choice choice = {})
      : store_(store), repo_(std::move(repo)), random_(random), choice_(choice) {}

  // Reads them once for a whole line, instead of once for each pick(). Without it there is nobody
  // but the one who picks.
  [[nodiscard]] core::Result<void> read();
  // After read(): nothing is left for anybody behind.
  [[nodiscard]] bool are_gone() const;

  // The best for the wish that are free and not kept for others, as many as it wants at most: by
  // fit, then the one used last, ties at random.
  [[nodiscard]] core::Result<Stacks> pick(const core::Wish& wish);
  // Without chance: of all that look, at all servers, nobody lends what another one keeps for the
  // first in line. If each kept another stack, together they could lend all of them.
  [[nodiscard]] core::Result<Stacks> pick_to_keep(const core::Wish& wish);

  void reserve(const Stacks& stacks);
  void take(const Stacks& stacks);  // they were granted
  [[nodiscard]] bool is_reserved(const core::StackName& name) const {
    return reserved_.contains(name);
  }
  [[nodiscard]] bool has_reserved() const { return !reserved_.empty(); }

 private:
  // What decides which stacks suit a wish.
  using Shape = std::pair<std::optional<core::StackName>, core::StringMap>;

  [[nodiscard]] core::Result<Stacks> candidates(const core::Wish& wish);
  [[nodiscard]] core::Result<Stacks> free_for(const core::Wish& wish);
  void shuffle(Stacks& stacks) const;
  static void best_first(Stacks& stacks, const core::Wish& wish);
  void mix_best(Stacks& stacks, const core::Wish& wish) const;

  StoreReader& store_;
  core::RepoName repo_;
  const Random& random_;
  const Choice choice_;
  bool others_wait_ = false;
  std::optional<Stacks> all_{};  // if they are few enough to be kept here
  std::set<core::StackName> reserved_{};
  std::set<Shape> in_vain_{};  // found nothing before, and so will not find anything
};

// Whether it may be lent, now or when its present use is over.
[[nodiscard]] bool is_for_sale(const core::Stack& stack);

// Whether the repo has enough stacks for a request for several that are not, and will not be,
// disabled: only then may it keep some of them from others.
[[nodiscard]] core::Result<bool> may_get_all(StoreReader& store, const core::RepoName& repo,
                                             const core::Wish& wish);

}  // namespace bddlock::service
