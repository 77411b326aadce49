// Called on the write lane by service.cpp. The use cases of stacks by their names, of the sweep and
// the import.
#include <algorithm>
#include <unordered_map>

#include "service/lender_work.hpp"
#include "service/retry.hpp"

namespace bddlock::service {

using core::Result;

Result<core::Reply> Lender::create(Store& store, const core::NewStack& wanted, core::Instant now,
                                   Woken& woken) {
  Work work{*this, store, now, woken};
  auto reply = with_retries<core::Reply>([&]() -> Result<std::optional<core::Reply>> {
    auto present = work.load(wanted.stack_name);
    if (!present) return std::unexpected(present.error());
    if (*present) return core::Refused{core::Refusal::stack_exists, std::move(**present)};
    const auto last_token = store.retired_token(wanted.stack_name);
    if (!last_token) return std::unexpected(last_token.error());
    core::Decision decision = core::admit(wanted, *last_token, now);
    core::Reply done = decision.reply;
    const auto saved = work.save({}, std::move(decision));
    if (!saved) return std::unexpected(saved.error());
    if (!*saved) return std::nullopt;
    return done;
  });
  if (!reply) return reply;
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return reply;
}

Result<core::Reply> Lender::apply(Store& store, const core::StackName& name,
                                  const core::Command& command, core::Instant now, Woken& woken) {
  const auto changed = change(store, name, {&command, 1}, now, woken);
  if (!changed) return std::unexpected(changed.error());
  if (const auto* refused = std::get_if<core::Refused>(&*changed)) return *refused;
  return core::Done{std::get<core::Stack>(*changed).fencing_token};
}

Result<Changed> Lender::change(Store& store, const core::StackName& name,
                               std::span<const core::Command> commands, core::Instant now,
                               Woken& woken) {
  Work work{*this, store, now, woken};
  auto changed = with_retries<Changed>([&] { return work.change_once(name, commands); });
  if (!changed) return changed;
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return changed;
}

// What a command leaves to whoever runs the server.
core::Command Lender::Work::by_rules(core::Command command) const {
  if (auto* release = std::get_if<core::SeedRelease>(&command))
    release->ends_claims = lender_.rules_.seed_release_ends_claims;
  if (auto* extend = std::get_if<core::AdminExtend>(&command))
    extend->claim_longest = lender_.rules_.claim_longest;
  return command;
}

Result<std::optional<Changed>> Lender::Work::change_once(const core::StackName& name,
                                                         std::span<const core::Command> commands) {
  const auto recalled = recall(name);
  const auto stack = recalled ? Result<std::optional<core::Stack>>{recalled} : load(name);
  if (!stack) return std::unexpected(stack.error());
  if (!*stack) return core::Refused{core::Refusal::stack_unknown, {}};
  core::Stack next = **stack;
  core::Effect effect = core::Effect::none;
  std::vector<core::Event> events;
  for (const core::Command& command : commands) {
    core::Decision decision = core::decide(next, by_rules(command), now_);
    auto* refused = std::get_if<core::Refused>(&decision.reply);
    if (refused != nullptr && recalled) return std::nullopt;
    if (refused != nullptr) return std::move(*refused);
    effect = std::max(effect, decision.effect);
    if (decision.event) events.push_back(std::move(*decision.event));
    next = std::move(decision.next);
  }
  if (effect == core::Effect::none && recalled) return std::nullopt;
  const auto saved = save(**stack, next, effect, std::move(events));
  if (!saved) return std::unexpected(saved.error());
  if (!*saved) return std::nullopt;
  if (effect == core::Effect::save) ++next.version;
  return next;
}

// The page only says who comes into question: each record is decided on as it is then.
Result<SweepSlice> Lender::sweep_slice(Store& store, const SweepRules& rules,
                                       std::optional<core::StackName> after, std::size_t limit,
                                       core::Instant now, Woken& woken) {
  auto page = store.list({.after = std::move(after), .limit = limit});
  if (!page) return std::unexpected(page.error());
  Work work{*this, store, now, woken};
  for (const core::Stack& stack : page->items) {
    const auto swept = work.sweep(stack, rules);
    if (!swept) return std::unexpected(swept.error());
  }
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return SweepSlice{std::move(work.counts), std::move(page->next_after)};
}

Result<void> Lender::Work::sweep(const core::Stack& seen, const SweepRules& rules) {
  std::vector<core::Command> commands{core::SweepUnused{rules.expiry}};
  if (rules.remove_unused_for) commands.push_back(core::RemoveUnused{*rules.remove_unused_for});
  const auto does_something = [&](const core::Command& command) {
    return core::decide(seen, command, now_).effect != core::Effect::none;
  };
  const auto command = std::ranges::find_if(commands, does_something);
  if (command == commands.end()) {
    if (!core::is_due(seen, now_)) return {};
    const auto settled = load(seen.stack_name);
    if (!settled) return std::unexpected(settled.error());
    return {};
  }
  const auto done =
      with_retries<Changed>([&] { return change_once(seen.stack_name, {&*command, 1}); });
  if (!done) return std::unexpected(done.error());
  return {};
}

namespace {

// The changes of one import, and what they are to be answered with.
class ImportPlan {
 public:
  using Load = std::function<Result<std::optional<core::Stack>>(const core::StackName&)>;

  ImportPlan(StoreReader& store, Load load, bool replace, core::Instant now)
      : store_(store), load_(std::move(load)), replace_(replace), now_(now) {}

  Result<void> add(const core::Stack& incoming) {
    const auto twice = index_.find(incoming.stack_name);
    if (twice != index_.end()) {
      if (!replace_) taken_.names.push_back(incoming.stack_name);
      merge_into(twice->second, incoming);
      return {};
    }
    const auto present = load_(incoming.stack_name);
    if (!present) return std::unexpected(present.error());
    if (*present && !replace_) {
      taken_.names.push_back(incoming.stack_name);
      return {};
    }
    const auto last_token = store_.retired_token(incoming.stack_name);
    if (!last_token) return std::unexpected(last_token.error());
    const core::Stack* old = *present ? &**present : nullptr;
    index_.emplace(incoming.stack_name, changes.stacks.size());
    core::Decision decision = core::merge_import(incoming, old, *last_token, now_);
    changes.events.push_back(std::move(*decision.event));
    changes.stacks.push_back(
        {.next = std::move(decision.next), .expected = old != nullptr ? old->version : 0});
    ++(old != nullptr ? imported_.replaced : imported_.created);
    if (old != nullptr) repos.insert(old->repo_name);
    repos.insert(changes.stacks.back().next.repo_name);
    return {};
  }

  // The names that refuse it, or its counts.
  [[nodiscard]] ImportAnswer answer() const {
    if (!taken_.names.empty()) return taken_;
    return imported_;
  }

  Changes changes{};
  std::set<core::RepoName> repos{};  // that gain or lose stacks

 private:
  void merge_into(std::size_t at, const core::Stack& incoming) {
    core::Stack& next = changes.stacks[at].next;
    next = core::merge_import(incoming, &next, next.fencing_token, now_).next;
    changes.events[at].to = next.state;
    changes.events[at].repo_name = next.repo_name;
    changes.events[at].fencing_token = next.fencing_token;
    repos.insert(next.repo_name);
  }

  StoreReader& store_;
  Load load_;
  const bool replace_;
  const core::Instant now_;
  std::unordered_map<core::StackName, std::size_t> index_{};
  Imported imported_{};
  NamesExist taken_{};
};

}  // namespace

Result<ImportAnswer> Lender::import_slice(Store& store, const std::vector<core::Stack>& records,
                                          bool replace, core::Instant now, Woken& woken) {
  Work work{*this, store, now, woken};
  auto answer = with_retries<ImportAnswer>([&] { return work.import_once(records, replace); });
  if (!answer) return answer;
  const auto handed = work.hand_over();
  if (!handed) return std::unexpected(handed.error());
  return answer;
}

Result<std::optional<ImportAnswer>> Lender::Work::import_once(
    const std::vector<core::Stack>& records, bool replace) {
  ImportPlan plan{store_, [this](const core::StackName& name) { return load(name); }, replace,
                  now_};
  for (const core::Stack& record : records)
    if (auto added = plan.add(record); !added) return std::unexpected(added.error());
  auto answer = plan.answer();
  if (plan.changes.stacks.empty() || std::holds_alternative<NamesExist>(answer)) return answer;
  for (const core::RepoName& repo : plan.repos) {
    note_free(repo);
    note_room(repo);
  }
  const auto saved = store_.save(plan.changes);
  if (!saved) return std::unexpected(saved.error());
  if (*saved != Saved::yes) return std::nullopt;
  return answer;
}

}  // namespace bddlock::service
