// Called on the write lane by service.cpp; calls the rules (core/decide) and the store.
#include "service/lending.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace bddlock::service {
namespace {

using core::Reply;
using core::Result;

core::Error kept_changing(const core::StackName& name) {
  return {core::Errc::store_unavailable, "the record of \"" + name.text() +
                                             "\" was changed by others at each of " +
                                             std::to_string(tries_max) + " tries"};
}

// Runs `once` until it has an answer; nothing means that another writer was faster.
template <class T, class Once>
Result<T> with_retries(const core::StackName& name, Once once) {
  for (int i = 0; i < tries_max; ++i) {
    Result<std::optional<T>> answer = once();
    if (!answer) return std::unexpected(std::move(answer.error()));
    if (*answer) return std::move(**answer);
  }
  return std::unexpected(kept_changing(name));
}

Result<bool> save_one(Store& store, Change change) {
  const auto saved = store.save({&change, 1});
  if (!saved) return std::unexpected(saved.error());
  return *saved == Saved::yes;
}

Result<std::optional<Reply>> create_once(Store& store, const core::NewStack& wanted,
                                         core::Instant now) {
  auto present = store.find(wanted.stack_name);
  if (!present) return std::unexpected(std::move(present.error()));
  if (*present) return core::Refused{core::Refusal::stack_exists, std::move(**present)};
  const auto last_token = store.retired_token(wanted.stack_name);
  if (!last_token) return std::unexpected(last_token.error());
  const core::Stack stack = core::admit(wanted, *last_token, now);
  const auto saved = save_one(store, {.next = stack, .expected = 0});
  if (!saved) return std::unexpected(saved.error());
  if (!*saved) return std::nullopt;
  return core::Done{stack.fencing_token};
}

Result<std::optional<Reply>> apply_once(Store& store, const core::StackName& name,
                                        const core::Command& command, core::Instant now) {
  const auto stack = store.find(name);
  if (!stack) return std::unexpected(stack.error());
  if (!*stack) return core::Refused{core::Refusal::stack_unknown, {}};
  core::Decision decision = core::decide(**stack, command, now);
  if (decision.effect == core::Effect::none) return std::move(decision.reply);
  const auto saved = save_one(store, {.next = std::move(decision.next),
                                      .expected = (*stack)->version,
                                      .remove = decision.effect == core::Effect::remove});
  if (!saved) return std::unexpected(saved.error());
  if (!*saved) return std::nullopt;
  return std::move(decision.reply);
}

// What a sweep would do with this record; nothing for most of them.
std::optional<core::Command> sweep_command(const core::Stack& stack, const SweepRules& rules,
                                           core::Instant now) {
  const auto has_effect = [&](const core::Command& command) {
    return core::decide(stack, command, now).effect != core::Effect::none;
  };
  if (const core::Command release = core::SweepUnused{rules.expiry}; has_effect(release))
    return release;
  if (!rules.remove_unused_for) return std::nullopt;
  if (const core::Command removal = core::RemoveUnused{*rules.remove_unused_for};
      has_effect(removal))
    return removal;
  return std::nullopt;
}

void count(SweepCounts& counts, const core::StackName& name, const core::Command& command) {
  if (std::holds_alternative<core::SweepUnused>(command)) {
    ++counts.released;
  } else {
    ++counts.removed;
    counts.removed_names.push_back(name);
  }
}

using ImportAnswer = std::variant<Imported, NamesExist>;

// The changes of one import, and what they are to be answered with.
class ImportPlan {
 public:
  explicit ImportPlan(bool replace) : replace_(replace) {}

  Result<void> add(Store& store, const core::Stack& incoming) {
    const auto twice = index_.find(incoming.stack_name);
    if (twice != index_.end()) {
      if (!replace_) taken_.names.push_back(incoming.stack_name);
      merge_into(changes_[twice->second], incoming);
      return {};
    }
    auto present = store.find(incoming.stack_name);
    if (!present) return std::unexpected(std::move(present.error()));
    if (*present && !replace_) {
      taken_.names.push_back(incoming.stack_name);
      return {};
    }
    const auto last_token = store.retired_token(incoming.stack_name);
    if (!last_token) return std::unexpected(last_token.error());
    const core::Stack* old = *present ? &**present : nullptr;
    index_.emplace(incoming.stack_name, changes_.size());
    changes_.push_back({.next = core::merge_import(incoming, old, *last_token),
                        .expected = old != nullptr ? old->version : 0});
    ++(old != nullptr ? imported_.replaced : imported_.created);
    return {};
  }

  // The names that refuse it, or its counts once it is saved; nothing if another writer was faster.
  Result<std::optional<ImportAnswer>> save(Store& store) {
    if (!taken_.names.empty()) return std::move(taken_);
    if (changes_.empty()) return imported_;
    const auto saved = store.save(changes_);
    if (!saved) return std::unexpected(saved.error());
    if (*saved == Saved::version_moved) return std::nullopt;
    return imported_;
  }

 private:
  static void merge_into(Change& change, const core::Stack& incoming) {
    change.next = core::merge_import(incoming, &change.next, change.next.fencing_token);
  }

  bool replace_;
  std::vector<Change> changes_;
  std::unordered_map<core::StackName, std::size_t> index_;
  Imported imported_;
  NamesExist taken_;
};

Result<std::optional<ImportAnswer>> import_once(Store& store,
                                                const std::vector<core::Stack>& records,
                                                bool replace) {
  ImportPlan plan{replace};
  for (const core::Stack& record : records)
    if (auto added = plan.add(store, record); !added) return std::unexpected(added.error());
  return plan.save(store);
}

}  // namespace

Result<Reply> create(Store& store, const core::NewStack& wanted, core::Instant now) {
  return with_retries<Reply>(wanted.stack_name, [&] { return create_once(store, wanted, now); });
}

Result<Reply> apply(Store& store, const core::StackName& name, const core::Command& command,
                    core::Instant now) {
  return with_retries<Reply>(name, [&] { return apply_once(store, name, command, now); });
}

Result<SweepSlice> sweep_slice(Store& store, const SweepRules& rules,
                               std::optional<core::StackName> after, std::size_t limit,
                               core::Instant now) {
  auto page = store.list({.after = std::move(after), .limit = limit});
  if (!page) return std::unexpected(std::move(page.error()));
  SweepSlice slice;
  for (const core::Stack& stack : page->items) {
    // The page only says who comes into question; apply() decides on the record as it is then.
    const auto command = sweep_command(stack, rules, now);
    if (!command) continue;
    const auto reply = apply(store, stack.stack_name, *command, now);
    if (!reply) return std::unexpected(reply.error());
    if (std::holds_alternative<core::Done>(*reply)) count(slice.counts, stack.stack_name, *command);
  }
  slice.next_after = std::move(page->next_after);
  return slice;
}

Result<ImportAnswer> import_slice(Store& store, const std::vector<core::Stack>& records,
                                  bool replace) {
  if (records.empty()) return Imported{};
  return with_retries<ImportAnswer>(records.front().stack_name,
                                    [&] { return import_once(store, records, replace); });
}

}  // namespace bddlock::service
