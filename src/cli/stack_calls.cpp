#include "cli/stack_calls.hpp"

#include "cli/stack_output.hpp"
#include "cli/text.hpp"
#include "wire/problem.hpp"
#include "wire/seed_documents.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::cli {

namespace {

std::string list_target(const std::string& repo, const std::string& state,
                        const std::string& cursor) {
  std::string target = "/v1/stacks?limit=1000";
  if (!repo.empty()) target += "&repoName=" + percent_encoded(repo);
  if (!state.empty()) target += "&state=" + percent_encoded(state);
  if (!cursor.empty()) target += "&cursor=" + percent_encoded(cursor);
  return target;
}

}  // namespace

std::string path_of_stack(std::string_view name) { return "/v1/stacks/" + percent_encoded(name); }

std::expected<std::optional<core::Stack>, Trouble> find_stack(Remote& remote,
                                                              const std::string& name) {
  const auto reply = remote.get(path_of_stack(name));
  if (!reply) return std::unexpected(reply.error());
  if (reply->status == 404 && code_in(reply->body) == "stack_unknown")
    return std::optional<core::Stack>();
  if (!reply->ok()) return std::unexpected(refused("cannot look up the stack", *reply));
  auto stack = wire::parse_stack(reply->body);
  if (!stack) return std::unexpected(garbled(remote, "a stack", stack.error()));
  return std::optional(std::move(*stack));
}

std::expected<std::vector<core::Stack>, Trouble> list_stacks(Remote& remote,
                                                             const std::string& repo,
                                                             const std::string& state) {
  std::vector<core::Stack> stacks;
  std::string cursor;
  do {
    const auto reply = remote.get(list_target(repo, state, cursor));
    if (!reply) return std::unexpected(reply.error());
    if (!reply->ok()) return std::unexpected(refused("cannot list stacks", *reply));
    auto page = wire::parse_stack_list(reply->body);
    if (!page) return std::unexpected(garbled(remote, "a list of stacks", page.error()));
    for (core::Stack& stack : page->items) stacks.push_back(std::move(stack));
    if (page->next_cursor && *page->next_cursor == cursor) {
      return std::unexpected(garbled(remote, "a list of stacks", "its pages do not end"));
    }
    cursor = page->next_cursor.value_or("");
  } while (!cursor.empty());
  return stacks;
}

std::expected<std::vector<std::string>, Trouble> available_stacks(Remote& remote,
                                                                  const std::string& repo) {
  const auto reply = remote.get("/get-available/" + percent_encoded(repo));
  if (!reply) return std::unexpected(reply.error());
  if (!reply->ok()) return std::unexpected(refused("cannot list the available stacks", *reply));
  const auto names = wire::parse_available_stacks(reply->body);
  if (!names) return std::unexpected(garbled(remote, "a list of available stacks", names.error()));
  std::vector<std::string> texts;
  for (const core::StackName& name : *names) texts.push_back(name.text());
  return texts;
}

std::expected<bool, Trouble> claim_stack(Remote& remote, const std::string& name) {
  const auto reply = remote.call({.method = "PUT",
                                  .target = "/claim-stack/" + percent_encoded(name),
                                  .repeat = Repeat::unsafe});
  if (!reply) return std::unexpected(reply.error());
  if (reply->ok()) return true;
  // The original gives 400 "Transaction Cancelled" for "not free" and "no such stack" alike.
  if (wire::sentence_in(reply->body) == "Transaction Cancelled" || reply->status == 409)
    return false;
  return std::unexpected(refused("cannot claim the stack " + printable(name), *reply));
}

std::expected<Admission, Trouble> create_stack(Remote& remote, const std::string& name,
                                               const std::string& repo, bool available) {
  const core::NewStack wanted{core::StackName(name), core::RepoName(repo), available};
  const auto reply = remote.call({.method = "POST",
                                  .target = "/create-stack",
                                  .body = wire::create_stack_body(wanted),
                                  .repeat = Repeat::unsafe});
  if (!reply) return std::unexpected(reply.error());
  if (reply->ok()) return Admission{.created = true};
  if (wire::sentence_in(reply->body) == "Stack Name already exists")
    return Admission{.name_exists = true};
  return Admission{.refusal = said(*reply)};
}

std::string state_sentence(const core::Stack& stack) {
  std::string text = "it is " + std::string(core::to_text(stack.state));
  if (stack.claim) {
    if (const std::string who = name_of(stack.claim->holder); !who.empty())
      text += " by " + printable(who);
    text += " until " + core::to_rfc3339(stack.claim->expires_at);
  }
  return text + ", last used " + core::to_rfc3339(stack.last_used);
}

ExitCode fail_about(const Environment& env, Trouble trouble, const std::string& name) {
  if (trouble.outcome_unknown) {
    trouble.message += ". Look with: bdd-lock show " + quoted_for_sh(name);
  }
  return fail(env, trouble);
}

ExitCode refuse_unknown(const Environment& env, const std::string& name) {
  complain(env, "no stack " + printable(name) +
                    " is in the table; \"bdd-lock list\" shows what there is");
  return ExitCode::refused;
}

Trouble refused(const std::string& what, const Reply& reply) {
  return {.exit = ExitCode::refused, .message = what + ": " + said(reply)};
}

Trouble garbled(const Remote& remote, const std::string& what, const std::string& fault) {
  return {.message = "the answer of " + remote.target().endpoint + " is not " + what + ": " +
                     fault + ". Is it another program's, or a newer version's?"};
}

}  // namespace bddlock::cli
