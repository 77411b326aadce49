#include "core/request.hpp"

#include <algorithm>
#include <tuple>

namespace bddlock::core {

bool asks_the_same(const Request& request, const Wish& repeated) {
  const auto compared = [](const Wish& wish) {
    return std::tie(wish.count, wish.stack_name, wish.labels, wish.create_if_none, wish.name_prefix,
                    wish.lease);
  };
  return compared(request.wish) == compared(repeated) &&
         request.asked_priority == repeated.priority;
}

bool before(const Request& left, const Request& right) {
  if (left.wish.priority != right.wish.priority) return left.wish.priority > right.wish.priority;
  return left.arrival < right.arrival;
}

bool suits(const Wish& wish, const Stack& stack) {
  if (wish.stack_name && *wish.stack_name != stack.stack_name) return false;
  return std::all_of(wish.labels.begin(), wish.labels.end(), [&](const auto& label) {
    const auto found = stack.labels.find(label.first);
    return found != stack.labels.end() && found->second == label.second;
  });
}

int fit(const Wish& wish, const Stack& stack) {
  if (!stack.deployed) return 0;
  const auto equal = [](const std::string& wanted, const std::string& there) {
    return !wanted.empty() && wanted == there;
  };
  return (equal(wish.prefer_commit, stack.deployed->commit) ? 2 : 0) +
         (equal(wish.prefer_branch, stack.deployed->branch) ? 1 : 0);
}

}  // namespace bddlock::core
