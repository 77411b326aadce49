#include "cli/stack_output.hpp"

#include <vector>

#include "cli/text.hpp"
#include "wire/nearest.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::cli {

namespace {

using Row = std::vector<std::string>;

std::string map_text(const core::StringMap& map) {
  std::string text;
  for (const auto& [key, value] : map)
    text += (text.empty() ? "" : ",") + printable(key) + "=" + printable(value);
  return text;
}

std::string until_of(const core::Stack& stack) {
  return stack.claim ? core::to_rfc3339(stack.claim->expires_at) : "";
}

std::string who_has(const core::Stack& stack) {
  return stack.claim ? printable(name_of(stack.claim->holder)) : "";
}

Row cells_of(const core::Stack& stack) {
  return {printable(stack.stack_name.text()),
          printable(stack.repo_name.text()),
          std::string(core::to_text(stack.state)),
          core::to_rfc3339(stack.last_used),
          std::to_string(stack.fencing_token),
          until_of(stack),
          who_has(stack),
          map_text(stack.labels)};
}

void add(std::vector<Row>& rows, std::string what, std::string value) {
  if (!value.empty()) rows.push_back({std::move(what), std::move(value)});
}

void add_holder(std::vector<Row>& rows, const core::Holder& holder) {
  for (const auto& [what, value] :
       {std::pair{"ci", &holder.ci}, std::pair{"job", &holder.job},
        std::pair{"job link", &holder.job_url}, std::pair{"for repo", &holder.repo},
        std::pair{"branch", &holder.branch}, std::pair{"commit", &holder.commit},
        std::pair{"actor", &holder.actor}})
    add(rows, what, printable(*value));
}

void add_claim(std::vector<Row>& rows, const core::Stack& stack) {
  if (!stack.claim) return;
  const core::Claim& claim = *stack.claim;
  add(rows, "claimed at", core::to_rfc3339(claim.claimed_at));
  add(rows, stack.state == core::State::held ? "held until" : "expires at",
      core::to_rfc3339(claim.expires_at));
  add(rows, "request", printable(claim.request_id.text()));
  if (claim.offered) add(rows, "offered", "not collected yet");
  if (claim.created) add(rows, "created", "for this claim; nothing was deployed before");
  add_holder(rows, claim.holder);
}

void add_disabled(std::vector<Row>& rows, const core::Stack& stack) {
  const bool now = stack.state == core::State::disabled;
  if (!now && !stack.disable_after_claim) return;
  add(rows, now ? "disabled because" : "to be disabled because",
      stack.disabled_reason.empty() ? "(no reason was given)" : printable(stack.disabled_reason));
}

void add_past(std::vector<Row>& rows, const core::Stack& stack) {
  if (stack.deployed) {
    add(rows, "deployed",
        printable(stack.deployed->branch) + " " + printable(stack.deployed->commit) + " at " +
            core::to_rfc3339(stack.deployed->at));
  }
  if (!stack.last_end) return;
  const core::LastEnd& end = *stack.last_end;
  std::string text(core::to_text(end.reason));
  if (end.outcome) text += ", " + std::string(core::to_text(*end.outcome));
  add(rows, "last claim", text + ", at " + core::to_rfc3339(end.at));
  add(rows, "its note", printable(end.note));
}

}  // namespace

std::string name_of(const core::Holder& holder) {
  for (const std::string* text :
       {&holder.job, &holder.job_url, &holder.actor, &holder.branch, &holder.ci})
    if (!text->empty()) return *text;
  return {};
}

Option output_option(Output& output) {
  return {.name = "output",
          .value = "FORM",
          .fallback = "table on a terminal, else plain",
          .help = "table, plain (tab separated, no heading) or json",
          .choices = {"table", "plain", "json"},
          .assign = into(output, parse_output)};
}

bool is_table(const Environment& env, Output output) {
  return output == Output::table || (output == Output::automatic && env.out_is_terminal);
}

std::string plain_lines(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : "\t") + row[i];
    text += "\n";
  }
  return text;
}

std::string details_of(const core::Stack& stack) {
  std::vector<Row> rows;
  add(rows, "stack", printable(stack.stack_name.text()));
  add(rows, "repo", printable(stack.repo_name.text()));
  add(rows, "state", std::string(core::to_text(stack.state)));
  add(rows, "last used", core::to_rfc3339(stack.last_used));
  add(rows, "fencing token", std::to_string(stack.fencing_token));
  add_disabled(rows, stack);
  add_claim(rows, stack);
  add(rows, "labels", map_text(stack.labels));
  for (const auto& [key, value] : stack.attributes)
    add(rows, "attribute " + printable(key), printable(value));
  add(rows, "note", printable(stack.note));
  add_past(rows, stack);
  return aligned(rows);
}

Value<Output> parse_output(std::string_view text) {
  if (text == "table") return Output::table;
  if (text == "plain") return Output::plain;
  if (text == "json") return Output::json;
  return std::unexpected(wire::quoted(text) + " is no output: table, plain and json are allowed");
}

std::string table_of(std::span<const core::Stack> stacks) {
  std::vector<Row> rows = {
      {"STACK", "REPO", "STATE", "LAST USED", "TOKEN", "UNTIL", "WHO", "LABELS"}};
  for (const core::Stack& stack : stacks) rows.push_back(cells_of(stack));
  return aligned(rows);
}

std::string plain_lines_of(std::span<const core::Stack> stacks) {
  std::vector<Row> rows;
  for (const core::Stack& stack : stacks) rows.push_back(cells_of(stack));
  return plain_lines(rows);
}

std::string json_array_of(std::span<const core::Stack> stacks) {
  std::string text = "[";
  for (const core::Stack& stack : stacks) {
    text += text.size() > 1 ? ",\n " : "";
    text += wire::to_text(stack);
  }
  return text + "]\n";
}

}  // namespace bddlock::cli
