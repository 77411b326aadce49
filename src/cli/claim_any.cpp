#include "cli/claim_any.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "cli/patience.hpp"
#include "cli/stack_calls.hpp"
#include "cli/text.hpp"

namespace bddlock::cli {

namespace {

constexpr int unknown_outcomes_max = 3;  // then something is wrong that trying on does not mend
constexpr int new_names_max = 10;        // of 36^8 each: that many clashes are no accident
constexpr std::size_t random_name_characters = 8;

Trouble unknown_claim(Trouble trouble, const std::string& name) {
  trouble.message +=
      ". Look with: bdd-lock show " + quoted_for_sh(name) +
      " (if it is claimed there, nobody can tell whether by you; the server's sweep frees "
      "it when its time is over)";
  return trouble;
}

// "3 stacks (2 claimed, 1 disabled)"
std::string census(const std::vector<core::Stack>& stacks) {
  std::map<std::string, std::int64_t> by_state;
  for (const core::Stack& stack : stacks) ++by_state[std::string(core::to_text(stack.state))];
  std::string states;
  for (const auto& [state, count] : by_state) {
    states += (states.empty() ? "" : ", ") + std::to_string(count) + " " + state;
  }
  return counted(static_cast<std::int64_t>(stacks.size()), "stack") +
         (states.empty() ? "" : " (" + states + ")");
}

// Nobody gives back a disabled stack, so waiting is no advice when there are only such.
std::string waited(const ClaimWish& wish, std::string_view what, bool all_disabled) {
  if (wish.wait == seconds(0) && all_disabled) return {};
  if (wish.wait == seconds(0)) return " (--wait 10m would wait for " + std::string(what) + ")";
  return "; waited " + duration_text(wish.wait);
}

bool is_disabled(const core::Stack& stack) { return stack.state == core::State::disabled; }

class AnyClaim {
 public:
  AnyClaim(const Environment& env, Remote& remote, const ClaimWish& wish)
      : env_(env), remote_(remote), wish_(wish) {}

  std::expected<Claimed, Trouble> run() {
    for (;;) {
      const auto names = available_stacks(remote_, wish_.repo);
      if (!names) return std::unexpected(names.error());
      auto claimed = try_each(*names);
      if (!claimed) return std::unexpected(std::move(claimed.error()));
      if (*claimed) return std::move(**claimed);
      if (names->empty() && wish_.may_create) return create();
      if (!patience_.pause(limit(!names->empty()), reason(!names->empty()))) {
        return std::unexpected(none_in_time(!names->empty()));
      }
    }
  }

 private:
  // Losing races is no waiting: it may go on for a while even without --wait.
  [[nodiscard]] milliseconds limit(bool some_were_listed) const {
    const milliseconds wait = wish_.wait;
    return some_were_listed ? std::max(wait, remote_.target().time_limit) : wait;
  }

  [[nodiscard]] std::string reason(bool some_were_listed) const {
    if (some_were_listed)
      return "other jobs were faster with each free stack of " + printable(wish_.repo);
    return "no stack of " + printable(wish_.repo) + " is free";
  }

  [[nodiscard]] std::expected<std::optional<Claimed>, Trouble> try_each(
      const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const auto claimed = claim_stack(remote_, name);
      if (claimed && *claimed) return Claimed{name, false};
      if (claimed) continue;
      if (auto trouble = note_unknown(claimed.error(), name))
        return std::unexpected(std::move(*trouble));
    }
    return std::nullopt;
  }

  // Says that `name` may have been taken; a Trouble ends the search.
  [[nodiscard]] std::optional<Trouble> note_unknown(const Trouble& trouble,
                                                    const std::string& name) {
    if (!trouble.outcome_unknown) return trouble;
    if (++unknown_outcomes_ >= unknown_outcomes_max) return unknown_claim(trouble, name);
    complain(env_,
             trouble.message + ". The stack " + printable(name) +
                 " may have been claimed, nobody can tell for whom; going on with another one");
    return std::nullopt;
  }

  [[nodiscard]] std::expected<Claimed, Trouble> create() {
    const std::string prefix = wish_.name_prefix.empty() ? wish_.repo + "-" : wish_.name_prefix;
    for (int i = 0; i < new_names_max; ++i) {
      const std::string name = prefix + random_characters(random_name_characters, env_.random);
      const auto admission = create_stack(remote_, name, wish_.repo, false);
      if (!admission) {
        if (auto trouble = note_unknown(admission.error(), name))
          return std::unexpected(std::move(*trouble));
        continue;
      }
      if (admission->created) return created(name);
      if (!admission->name_exists) {
        return std::unexpected(
            Trouble{ExitCode::refused, "no stack of " + printable(wish_.repo) +
                                           " is free, and the server does not create " +
                                           printable(name) + ": " + admission->refusal});
      }
    }
    return std::unexpected(
        Trouble{ExitCode::refused, "no stack is free, and " + std::to_string(new_names_max) +
                                       " random names that begin with " + printable(prefix) +
                                       " are all taken; give another --name-prefix"});
  }

  [[nodiscard]] Claimed created(const std::string& name) const {
    complain(env_, "no stack of " + printable(wish_.repo) + " was free; created the new one " +
                       printable(name));
    if (!core::could_be_cloudformation_stack(name)) {
      complain(
          env_,
          "warning: CloudFormation takes no stack of this name (a letter, then letters, digits "
          "and hyphens, 128 at most); --name-prefix sets another beginning");
    }
    return {name, true};
  }

  [[nodiscard]] Trouble none_in_time(bool some_were_listed) {
    const auto stacks = list_stacks(remote_, wish_.repo, "");
    std::string message = reason(some_were_listed);
    if (!stacks) return {ExitCode::not_in_time, message + waited(wish_, "one", false)};
    if (stacks->empty()) {
      message += ": the table has none, and --no-create forbids to make one" +
                 waited(wish_, "one", false) + ". Is the repo's name right?";
      return {ExitCode::not_in_time, message};
    }
    const bool all_disabled = std::ranges::all_of(*stacks, is_disabled);
    message += ": the repo has " + census(*stacks) + waited(wish_, "one", all_disabled);
    return {ExitCode::not_in_time, message};
  }

  const Environment& env_;
  Remote& remote_;
  const ClaimWish& wish_;
  Patience patience_{env_};
  int unknown_outcomes_ = 0;
};

// Why a claim by name was refused: the seed's API gives one answer for all reasons. Nothing: it
// cannot be found out (the original has no look-up).
std::optional<core::Stack> look(Remote& remote, const std::string& name, bool& unknown) {
  const auto stack = find_stack(remote, name);
  unknown = stack && !*stack;
  return stack && *stack ? *stack : std::nullopt;
}

}  // namespace

std::expected<Claimed, Trouble> claim_by_name(const Environment& env, Remote& remote,
                                              const ClaimWish& wish) {
  Patience patience(env);
  for (;;) {
    const auto claimed = claim_stack(remote, wish.name);
    if (!claimed && claimed.error().outcome_unknown) {
      return std::unexpected(unknown_claim(claimed.error(), wish.name));
    }
    if (!claimed) return std::unexpected(claimed.error());
    if (*claimed) return Claimed{wish.name, false};
    bool unknown = false;
    const auto stack = look(remote, wish.name, unknown);
    if (unknown) {
      return std::unexpected(
          Trouble{ExitCode::refused,
                  "no stack " + printable(wish.name) +
                      " is in the table; \"bdd-lock list\" shows what there is, \"bdd-lock "
                      "create\" adds one"});
    }
    const std::string why = "the stack " + printable(wish.name) + " is not free" +
                            (stack ? ": " + state_sentence(*stack) : "");
    if (patience.pause(wish.wait, why)) continue;
    const bool disabled = stack && is_disabled(*stack);
    return std::unexpected(Trouble{ExitCode::not_in_time, why + waited(wish, "it", disabled)});
  }
}

std::expected<Claimed, Trouble> claim_any(const Environment& env, Remote& remote,
                                          const ClaimWish& wish) {
  return AnyClaim(env, remote, wish).run();
}

}  // namespace bddlock::cli
