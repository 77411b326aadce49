#include "cli/owner_target.hpp"

#include "cli/files.hpp"
#include "cli/stack_calls.hpp"
#include "cli/text.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

namespace {

constexpr std::string_view white_space = " \t\r\n";

Fault take_token(OwnerTarget& target, std::string_view text) {
  if (text == "present") {
    target.present_token = true;
    return std::nullopt;
  }
  const auto number =
      parse_count(text, 0, static_cast<std::size_t>(core::fencing_token_import_max));
  if (!number) return number.error() + R"(; or "present", for the one that the stack has now)";
  target.fencing_token = static_cast<core::FencingToken>(*number);
  return std::nullopt;
}

std::string in_use_message(const core::Stack& stack) {
  const std::string name = printable(stack.stack_name.text());
  return "the stack " + name + " is somebody's: " + state_sentence(stack) +
         ". To end that claim all the same give "
         "--fencing-token " +
         std::to_string(stack.fencing_token);
}

}  // namespace

std::vector<Option> target_options(OwnerTarget& target) {
  Option name = name_argument(target.name, "the stack's name");
  name.required = false;
  return {
      std::move(name),
      {.name = "claim-id-file",
       .value = "FILE",
       .help = "a file with the claimId, for the claim's owner; instead of NAME",
       .assign = into(target.claim_id_file)},
      claim_file_option(target.claim_file),
      {.name = "fencing-token",
       .value = "N",
       .help = "which claim of the stack NAME is meant: its fencing token, or \"present\"",
       .assign = [&target](std::string_view text, Source) { return take_token(target, text); }}};
}

Fault fault_in(const OwnerTarget& target) {
  if (!target.name.empty() && !target.claim_id_file.empty())
    return "which claim is meant? Give the stack's NAME or --claim-id-file, not both";
  if (target.name.empty() && (target.fencing_token || target.present_token))
    return "--fencing-token goes with a stack's NAME; a claimId says which claim is meant";
  return std::nullopt;
}

std::expected<std::string, Trouble> read_claim_id(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(Trouble{ExitCode::usage, text.error()});
  const std::size_t first = text->find_first_not_of(white_space);
  std::string id;
  if (first != std::string::npos) {
    const std::size_t end = text->find_first_of(white_space, first);
    id = text->substr(first, end == std::string::npos ? end : end - first);
  }
  if (core::parse_claim_id(id)) return id;
  return std::unexpected(
      Trouble{ExitCode::usage, "there is no claimId in the file " + path +
                                   "; it is in the answer to the claim, as claimId"});
}

std::expected<Owned, Trouble> find_owned(const Environment& env, const Remote& remote,
                                         const OwnerTarget& target) {
  if (!target.claim_id_file.empty()) {
    auto id = read_claim_id(target.claim_id_file);
    if (!id) return std::unexpected(std::move(id.error()));
    return Owned{std::move(*id)};
  }
  auto job = find_job_claim(env, target.claim_file);
  if (!job) return std::unexpected(std::move(job.error()));
  auto id = claim_id_of(*job, remote);
  if (!id) return std::unexpected(std::move(id.error()));
  return Owned{std::move(*id), std::move(*job)};
}

std::expected<Named, Trouble> find_named(Remote& remote, const OwnerTarget& target,
                                         bool ends_claim) {
  auto stack = find_stack(remote, target.name);
  if (!stack) return std::unexpected(stack.error());
  if (!*stack)
    return std::unexpected(
        Trouble{ExitCode::refused, "no stack " + printable(target.name) +
                                       " is in the table; \"bdd-lock list\" shows what there is"});
  const bool live_claim = (*stack)->state == core::State::claimed && (*stack)->claim;
  const bool was_named = target.fencing_token || target.present_token;
  if (ends_claim && live_claim && !was_named)
    return std::unexpected(Trouble{ExitCode::refused, in_use_message(**stack)});
  const core::FencingToken token = target.fencing_token.value_or((*stack)->fencing_token);
  return Named{std::move(**stack), token};
}

std::expected<Reply, Trouble> act_on_stack(Remote& remote, const std::string& name,
                                           const std::string& verb, std::string body) {
  auto reply = remote.call({.method = "POST",
                            .target = path_of_stack(name) + "/" + verb,
                            .body = std::move(body),
                            .repeat = Repeat::unsafe});
  if (!reply || reply->ok()) return reply;
  return std::unexpected(refused("the stack " + printable(name) + " was left as it is", *reply));
}

std::expected<Reply, Trouble> act_on_claim(Remote& remote, const std::string& claim_id,
                                           const std::string& verb, std::string body) {
  // Whoever repeats it gets the first answer again, so that it may be.
  auto reply = remote.call({.method = "POST",
                            .target = "/v1/claims/" + percent_encoded(claim_id) + "/" + verb,
                            .body = std::move(body)});
  if (!reply || reply->ok()) return reply;
  Trouble trouble = refused("the claim was left as it is", *reply);
  if (code_in(reply->body) == "claim_lost") trouble.exit = ExitCode::claim_lost;
  return std::unexpected(std::move(trouble));
}

}  // namespace bddlock::cli
