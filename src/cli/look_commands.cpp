#include "cli/look_commands.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <ostream>

#include "cli/client_settings.hpp"
#include "cli/stack_calls.hpp"
#include "cli/stack_output.hpp"
#include "cli/text.hpp"
#include "wire/event_document.hpp"
#include "wire/json_reader.hpp"
#include "wire/nearest.hpp"
#include "wire/request_document.hpp"

namespace bddlock::cli {

namespace {

using Row = std::vector<std::string>;

constexpr std::size_t page_max = 1000;
constexpr seconds longest_ago = std::chrono::hours(24 * 365 * 10);

struct HistoryOptions {
  ClientSettings client;
  std::string name;
  std::string repo;
  std::string since;
  std::string until;
  std::size_t limit = 50;
  Output output = Output::automatic;
};

struct ExplainOptions {
  ClientSettings client;
  std::string request_id;
  std::string repo;
  Output output = Output::automatic;
};

// "2h" means so long ago; anything else is left to the server, which knows what a time is.
std::string time_text(const Environment& env, const std::string& text) {
  const auto ago = parse_duration(text, seconds(0), longest_ago);
  return ago ? core::to_rfc3339(env.wall_time() - *ago) : text;
}

void add_parameter(std::string& target, const std::string& name, const std::string& value) {
  if (value.empty()) return;
  target +=
      (target.find('?') == std::string::npos ? "?" : "&") + name + "=" + percent_encoded(value);
}

std::string history_target(const Environment& env, const HistoryOptions& options) {
  std::string target =
      options.name.empty() ? "/v1/history" : path_of_stack(options.name) + "/history";
  if (options.name.empty()) add_parameter(target, "repoName", options.repo);
  if (!options.since.empty()) add_parameter(target, "since", time_text(env, options.since));
  if (!options.until.empty()) add_parameter(target, "until", time_text(env, options.until));
  return target;
}

// Events, and the same as the server wrote them.
struct History {
  std::vector<core::Event> events;
  boost::json::array documents;
};

// Pages until there are as many as wished for.
std::expected<History, Trouble> read_history(const Environment& env, Remote& remote,
                                             const HistoryOptions& options) {
  History history;
  std::vector<core::Event>& events = history.events;
  std::string cursor;
  do {
    std::string target = history_target(env, options);
    add_parameter(target, "limit",
                  std::to_string(std::min(options.limit - events.size(), page_max)));
    add_parameter(target, "cursor", cursor);
    const auto reply = remote.get(target);
    if (!reply) return std::unexpected(reply.error());
    if (!reply->ok()) return std::unexpected(refused("cannot read the history", *reply));
    auto page = wire::parse_event_list(reply->body);
    if (!page) return std::unexpected(garbled(remote, "a history", page.error()));
    for (core::Event& event : page->items) events.push_back(std::move(event));
    auto document = wire::parse_object(reply->body);
    for (boost::json::value& item : document->at("items").as_array())
      history.documents.push_back(std::move(item));
    if (page->next_cursor && *page->next_cursor == cursor)
      return std::unexpected(garbled(remote, "a history", "its pages do not end"));
    cursor = page->next_cursor.value_or("");
  } while (!cursor.empty() && events.size() < options.limit);
  return history;
}

std::string states_of(const core::Event& event) {
  const auto text = [](const std::optional<core::State>& state) {
    return state ? std::string(core::to_text(*state)) : std::string("-");
  };
  return text(event.from) + ">" + text(event.to);
}

Row cells_of(const core::Event& event) {
  return {core::to_rfc3339(event.at),          std::string(core::to_text(event.kind)),
          printable(event.stack_name.text()),  states_of(event),
          std::to_string(event.fencing_token), std::string(core::to_text(event.by)),
          printable(name_of(event.holder)),    printable(event.note)};
}

std::string json_of(const boost::json::array& documents) {
  std::string text = "[";
  for (const boost::json::value& document : documents) {
    text += text.size() > 1 ? ",\n " : "";
    text += boost::json::serialize(document);
  }
  return text + "]\n";
}

ExitCode history(const Environment& env, Remote& remote, const HistoryOptions& options) {
  const auto read = read_history(env, remote, options);
  if (!read) return fail(env, read.error());
  if (options.output == Output::json) {
    *env.out << json_of(read->documents);
    return ExitCode::ok;
  }
  std::vector<Row> rows;
  const bool table = is_table(env, options.output);
  if (table) rows.push_back({"AT", "WHAT", "STACK", "STATE", "TOKEN", "BY", "WHO", "NOTE"});
  for (const core::Event& event : read->events) rows.push_back(cells_of(event));
  *env.out << (table ? aligned(rows) : plain_lines(rows));
  return ExitCode::ok;
}

std::string path_of_requests(const std::string& repo) {
  return "/v1/repos/" + percent_encoded(repo) + "/requests";
}

Row cells_of(const wire::ShownRequest& shown) {
  return {printable(shown.request.request_id.text()),
          shown.status,
          shown.position > 0 ? std::to_string(shown.position) : "",
          std::to_string(shown.request.wish.priority),
          std::to_string(shown.request.wish.count),
          core::to_rfc3339(shown.request.arrived_at),
          printable(name_of(shown.request.wish.holder))};
}

ExitCode list_requests(const Environment& env, Remote& remote, const ExplainOptions& options) {
  std::vector<Row> rows;
  boost::json::array documents;
  const bool table = is_table(env, options.output);
  if (table) rows.push_back({"REQUEST", "STATUS", "PLACE", "PRIORITY", "COUNT", "SINCE", "WHO"});
  std::string cursor;
  do {
    std::string target = path_of_requests(options.repo) + "?limit=1000";
    add_parameter(target, "cursor", cursor);
    const auto reply = remote.get(target);
    if (!reply) return fail(env, reply.error());
    if (!reply->ok()) return fail(env, refused("cannot list the requests", *reply));
    const auto page = wire::parse_request_list(reply->body);
    if (!page) return fail(env, garbled(remote, "a list of requests", page.error()));
    for (const wire::ShownRequest& shown : page->items) {
      rows.push_back(cells_of(shown));
      documents.push_back(wire::request_document(shown));
    }
    if (page->next_cursor && *page->next_cursor == cursor)
      return fail(env, garbled(remote, "a list of requests", "its pages do not end"));
    cursor = page->next_cursor.value_or("");
  } while (!cursor.empty());
  if (options.output == Output::json) {
    *env.out << boost::json::serialize(documents) << "\n";
  } else {
    *env.out << (table ? aligned(rows) : plain_lines(rows));
  }
  return ExitCode::ok;
}

std::string told(const wire::Explained& explained) {
  const wire::ShownRequest& shown = explained.shown;
  std::string text =
      "the request " + printable(shown.request.request_id.text()) + " is " + shown.status;
  if (shown.position > 0) text += ", at place " + std::to_string(shown.position);
  if (explained.estimated_wait)
    text += ", perhaps for " + duration_text(*explained.estimated_wait) + " more";
  text += "\n";
  for (const core::GrantedClaim& claim : shown.request.claims)
    text += "it has " + printable(claim.stack_name.text()) + ", fencing token " +
            std::to_string(claim.fencing_token) + "\n";
  if (!explained.never.empty())
    text += "it can never be granted: " + printable(explained.never) + "\n";
  for (const std::string& sentence : explained.first)
    text += "first: " + printable(sentence) + "\n";
  return text;
}

ExitCode explain(const Environment& env, Remote& remote, const ExplainOptions& options) {
  if (options.request_id.empty()) return list_requests(env, remote, options);
  const auto reply =
      remote.get(path_of_requests(options.repo) + "/" + percent_encoded(options.request_id));
  if (!reply) return fail(env, reply.error());
  if (!reply->ok()) return fail(env, refused("cannot explain the request", *reply));
  const auto explained = wire::parse_explained(reply->body);
  if (!explained) return fail(env, garbled(remote, "a request", explained.error()));
  *env.out << (options.output == Output::json ? reply->body + "\n" : told(*explained));
  return ExitCode::ok;
}

}  // namespace

Command history_command(const Environment& env) {
  auto options = std::make_shared<HistoryOptions>();
  Option name = name_argument(options->name, "only this stack's, also of one that was removed");
  name.required = false;
  return client_command(
      env, options, history,
      {.name = "history",
       .summary = "what happened to stacks, newest first",
       .about = "Columns: time, what, stack, states, fencing token, by whom, holder, note.\n",
       .examples =
           "  bdd-lock history testStack2192\n"
           "  bdd-lock history --repo paymentService --since 24h --limit 500 --output json\n",
       .options = {
           std::move(name),
           repo_option(options->repo, "only this repo's, without a NAME"),
           {.name = "since",
            .value = "WHEN",
            .help = "at or after this UTC time (2026-01-02T03:04:05Z), or so long ago (24h)",
            .assign = into(options->since)},
           {.name = "until",
            .value = "WHEN",
            .help = "before this time; as --since",
            .assign = into(options->until)},
           {.name = "limit",
            .value = "N",
            .fallback = "50",
            .help = "how many at most; 1 to 100000",
            .assign = into(options->limit,
                           [](std::string_view text) { return parse_count(text, 1, 100'000); })},
           output_option(options->output)}});
}

Command explain_command(const Environment& env) {
  auto options = std::make_shared<ExplainOptions>();
  Option request{.name = "REQUEST",
                 .help = "the request's id; without it all requests of the repo are listed",
                 .is_argument = true,
                 .assign = into(options->request_id)};
  return client_command(
      env, options, explain,
      {.name = "explain",
       .summary = "what a request waits for, and what must happen first",
       .about = "Without a REQUEST: the repo's requests. Columns: request, status, place, "
                "priority, count, since\n"
                "when, holder.\n",
       .examples = "  bdd-lock explain --repo paymentService\n"
                   "  bdd-lock explain build-4711 --repo paymentService\n",
       .options = {std::move(request), repo_option(options->repo, "the request's repo"),
                   output_option(options->output)},
       .check = [options]() -> Fault {
         if (options->repo.empty()) return "which repo's requests? Give --repo or set REPO_NAME";
         return std::nullopt;
       }});
}

}  // namespace bddlock::cli
