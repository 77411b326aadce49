#include "cli/transfer_commands.hpp"

#include <algorithm>
#include <istream>
#include <iterator>
#include <memory>
#include <ostream>

#include "cli/client_settings.hpp"
#include "cli/files.hpp"
#include "cli/slices.hpp"
#include "cli/stack_calls.hpp"
#include "cli/text.hpp"
#include "cli/values.hpp"
#include "wire/problem.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::cli {

namespace {

struct ExportOptions {
  ClientSettings client;
  std::string file = "-";
};

struct ImportOptions {
  ClientSettings client;
  std::string file;
  bool replace = false;
};

ExitCode export_table(const Environment& env, Remote& remote, const ExportOptions& options) {
  const auto reply = remote.call({.target = "/v1/export", .any_length = true});
  if (!reply) return fail(env, reply.error());
  if (!reply->ok()) return fail(env, refused("the export was refused", *reply));
  // Not read line by line: a newer server's lines may have fields that this program does not know.
  if (reply->content_type.find("ndjson") == std::string::npos ||
      (!reply->body.empty() && !reply->body.ends_with('\n'))) {
    return fail(env, garbled(remote, "an export", "it has no complete JSON lines"));
  }
  if (options.file == "-") {
    *env.out << reply->body << std::flush;
    return ExitCode::ok;
  }
  if (const auto written = replace_file(options.file, reply->body); !written) {
    complain(env, written.error());
    return ExitCode::refused;
  }
  complain(env, "exported " + counted(std::ranges::count(reply->body, '\n'), "stack") + " to " +
                    options.file);
  return ExitCode::ok;
}

std::expected<std::string, std::string> read_input(const Environment& env,
                                                   const std::string& file) {
  if (file != "-") return read_file(file);
  std::string text{std::istreambuf_iterator<char>(*env.in), std::istreambuf_iterator<char>()};
  if (env.in->bad()) return std::unexpected("reading the standard input failed");
  return text;
}

std::string lines_text(std::size_t first, std::size_t last) {
  return first == last ? "line " + std::to_string(first)
                       : "lines " + std::to_string(first) + " to " + std::to_string(last);
}

// "; a, b and 7 more"
std::string names_in(const std::string& problem_body) {
  constexpr std::size_t shown_max = 10;
  const auto problem = wire::parse_problem(problem_body);
  if (!problem) return {};
  const auto* names = problem->facts.if_contains("stackNames");
  if (names == nullptr || !names->is_array()) return {};
  std::string text;
  const auto& array = names->get_array();
  for (std::size_t i = 0; i < std::min(array.size(), shown_max); ++i) {
    if (array[i].is_string())
      text += (text.empty() ? "" : ", ") + printable(std::string(array[i].get_string()));
  }
  if (array.size() > shown_max)
    text += " and " + std::to_string(array.size() - shown_max) + " more";
  return text;
}

class Import {
 public:
  Import(const Environment& env, Remote& remote, const ImportOptions& options,
         const std::vector<Slice>& slices)
      : env_(env), remote_(remote), options_(options), slices_(slices) {}

  ExitCode run() {
    for (std::size_t i = 0; i < slices_.size(); ++i) {
      const auto counts = send(slices_[i]);
      if (!counts) return stop(i, counts.error());
      total_.created += counts->created;
      total_.replaced += counts->replaced;
      if (slices_.size() > 1) {
        complain(env_, lines_text(slices_[i].first_line, slices_[i].last_line) + " of " +
                           std::to_string(slices_.back().last_line) + " are in");
      }
    }
    *env_.out << "created " << total_.created << "\nreplaced " << total_.replaced << "\n";
    return ExitCode::ok;
  }

 private:
  [[nodiscard]] std::expected<wire::ImportCounts, Trouble> send(const Slice& slice) {
    const auto reply =
        remote_.call({.method = "POST",
                      .target = options_.replace ? "/v1/import?replace=true" : "/v1/import",
                      .body = slice.body,
                      .content_type = "application/x-ndjson",
                      .repeat = options_.replace ? Repeat::harmless : Repeat::unsafe});
    if (!reply) return std::unexpected(reply.error());
    if (!reply->ok()) return std::unexpected(refusal(*reply));
    const auto counts = wire::parse_import_counts(reply->body);
    // It was carried out; only how many were new is not known.
    return counts ? *counts : wire::ImportCounts{};
  }

  [[nodiscard]] static Trouble refusal(const Reply& reply) {
    if (code_in(reply.body) != "stack_exists") return refused("the import was refused", reply);
    return {ExitCode::refused, "these stacks are in the table already: " + names_in(reply.body) +
                                   ". --replace overwrites them"};
  }

  [[nodiscard]] ExitCode stop(std::size_t failed, Trouble trouble) {
    const Slice& slice = slices_[failed];
    const std::string these = lines_text(slice.first_line, slice.last_line);
    // With --replace the last try may have been carried out too, though its repeats were not
    // answered.
    const bool maybe =
        trouble.outcome_unknown || (options_.replace && trouble.exit == ExitCode::unavailable);
    trouble.message +=
        ".\n  In the table: " +
        (failed == 0 ? std::string("none of the lines")
                     : lines_text(slices_.front().first_line, slices_[failed - 1].last_line));
    trouble.message += maybe ? "\n  Perhaps: " + these : "";
    const std::size_t first_missing = maybe ? failed + 1 : failed;
    if (first_missing < slices_.size()) {
      trouble.message +=
          "\n  Not: " + lines_text(slices_[first_missing].first_line, slices_.back().last_line);
    }
    trouble.message +=
        "\n  Running it again with --replace is safe: it takes no stack from whoever uses it";
    return fail(env_, trouble);
  }

  const Environment& env_;
  Remote& remote_;
  const ImportOptions& options_;
  const std::vector<Slice>& slices_;
  wire::ImportCounts total_;
};

ExitCode import_table(const Environment& env, Remote& remote, const ImportOptions& options) {
  const auto text = read_input(env, options.file);
  if (!text) {
    complain(env, text.error());
    return ExitCode::usage;
  }
  const auto slices = slices_of(*text);
  if (!slices) {
    complain(env, "nothing was imported, as " + options.file + " is not an export:");
    for (const std::string& fault : slices.error()) *env.err << "  " << fault << "\n";
    return ExitCode::usage;
  }
  if (slices->empty()) {
    complain(env, options.file + " has no lines; nothing was imported");
    return ExitCode::usage;
  }
  return Import(env, remote, options, *slices).run();
}

}  // namespace

Command export_command(const Environment& env) {
  auto options = std::make_shared<ExportOptions>();
  return client_command(
      env, options, export_table,
      {.name = "export",
       .summary = "writes the whole table as JSON lines",
       .about =
           "FILE is replaced only once the export is complete. The lines have the seed's fields\n"
           "stackName, repoName, isAvailable and lastUsed, then v1's.\n",
       .examples = "  bdd-lock export stacks.jsonl\n"
                   "  bdd-lock export | wc -l\n",
       .options = {{.name = "FILE",
                    .fallback = "standard output",
                    .help = "where to write; - is the standard output",
                    .is_argument = true,
                    .assign = into(options->file)}}});
}

Command import_command(const Environment& env) {
  auto options = std::make_shared<ImportOptions>();
  return client_command(
      env, options, import_table,
      {.name = "import",
       .summary = "puts the stacks of an export into the table",
       .about = "All lines are checked before the first is sent. They go in slices of 60 KiB, each "
                "of which is\n"
                "taken as a whole or not at all. A stack in use stays in use, whatever the import "
                "says.\n",
       .examples = "  bdd-lock import stacks.jsonl\n"
                   "  bdd-lock export --endpoint http://old:8080 | bdd-lock import - --replace\n",
       .options = {
           {.name = "FILE",
            .help = "JSON lines as export writes them; - is the standard input",
            .is_argument = true,
            .required = true,
            .assign = into(options->file)},
           {.name = "replace",
            .help =
                "overwrite stacks whose names are in the table; without it they refuse their slice",
            .assign = into(options->replace, parse_switch)}}});
}

}  // namespace bddlock::cli
