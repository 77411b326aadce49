// What lending is, in the plainest form: a std::map and no store, lane, retry or page. The real
// thing has to answer the same to every command (model_test.hpp).
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/instant.hpp"

namespace bddlock::model {

using core::Instant;
using core::microseconds;

struct ModelStack {
  std::string repo;
  bool claimed = false;
  Instant last_used{};
  std::int64_t token = 0;
  friend bool operator==(const ModelStack&, const ModelStack&) = default;
};

class LendingModel {
 public:
  std::map<std::string, ModelStack> stacks;
  std::map<std::string, std::int64_t> retired;  // last tokens of removed names

  std::string create(const std::string& name, const std::string& repo, bool free, Instant now) {
    if (stacks.contains(name)) return "stack_exists";
    const std::int64_t token = retired[name] + (free ? 0 : 1);
    stacks[name] = {repo, !free, now, token};
    return done(token);
  }

  std::string claim(const std::string& name, Instant now) {
    if (!stacks.contains(name)) return "stack_unknown";
    ModelStack& stack = stacks[name];
    if (stack.claimed) return "stack_unavailable";
    stack = {stack.repo, true, now, stack.token + 1};
    return done(stack.token);
  }

  std::string release(const std::string& name, Instant now) {
    if (!stacks.contains(name)) return "stack_unknown";
    ModelStack& stack = stacks[name];
    if (!stack.claimed) return "nothing_to_end";
    stack = {stack.repo, false, now, stack.token};
    return done(stack.token);
  }

  std::string remove(const std::string& name) {
    if (!stacks.contains(name)) return "stack_unknown";
    if (stacks[name].claimed) return "stack_in_use";
    retired[name] = stacks[name].token;
    stacks.erase(name);
    return done(retired[name]);
  }

  std::string sweep(microseconds expiry, microseconds remove_after, Instant now) {
    int released = 0;
    int removed = 0;
    const auto before = stacks;
    for (const auto& [name, stack] : before) {
      if (stack.claimed && now - stack.last_used > expiry) {
        release(name, now);
        ++released;
      } else if (!stack.claimed && now - stack.last_used > remove_after) {
        remove(name);
        ++removed;
      }
    }
    return std::to_string(released) + " released, " + std::to_string(removed) + " removed";
  }

  // Each name once.
  std::string import(const std::map<std::string, ModelStack>& records, bool replace) {
    std::string taken;
    for (const auto& [name, record] : records)
      if (stacks.contains(name)) taken += " " + name;
    if (!replace && !taken.empty()) return "exist:" + taken;
    int replaced = 0;
    for (const auto& [name, record] : records) {
      const bool present = stacks.contains(name);
      const std::int64_t token = std::max({record.token, retired[name], stacks[name].token});
      if (!present || !stacks[name].claimed) stacks[name] = record;
      stacks[name].token = token;
      replaced += present;
    }
    return std::to_string(records.size() - static_cast<std::size_t>(replaced)) + " created, " +
           std::to_string(replaced) + " replaced";
  }

  std::vector<std::string> available(const std::string& repo) const {
    std::vector<std::string> names;
    for (const auto& [name, stack] : stacks)
      if (stack.repo == repo && !stack.claimed) names.push_back(name);
    return names;
  }

 private:
  static std::string done(std::int64_t token) { return "done " + std::to_string(token); }
};

}  // namespace bddlock::model
