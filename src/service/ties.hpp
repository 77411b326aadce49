// Which of several stacks that are equally good is lent: chance decides, so that those who choose
// at the same time on several servers seldom choose the same.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace bddlock::service {

// How many more than are wanted are looked at, so that there is a choice.
inline constexpr std::size_t ties_looked_at = 3;

// Of `items`, which are sorted by `rank`, brings any of those that could as well be there to each
// of the first `count` places.
template <class Item, class Rank>
void break_ties(std::vector<Item>& items, std::size_t count, Rank rank,
                const std::function<std::uint64_t()>& random) {
  for (std::size_t at = 0; at < std::min(count, items.size()); ++at) {
    std::size_t end = at + 1;
    while (end < items.size() && rank(items[end]) == rank(items[at])) ++end;
    if (end - at > 1) std::swap(items[at], items[at + random() % (end - at)]);
  }
}

}  // namespace bddlock::service
