// History in the API v1, newest first. Called by api.cpp, calls the service; the bodies are
// wire/event_document.hpp's.
#include "api/cursor.hpp"
#include "api/handlers.hpp"
#include "api/paging.hpp"
#include "wire/event_document.hpp"
#include "wire/nearest.hpp"

namespace bddlock::api {
namespace {

using Time = std::expected<std::optional<core::Instant>, std::string>;

Time read_time(const Query& query, std::string_view name) {
  const auto text = query.value(name);
  if (!text) return std::nullopt;
  if (const auto at = core::parse_seed_text(*text)) return at;
  return std::unexpected(std::string(name) +
                         R"( must be a UTC time such as "2019-11-20T23:10:28Z", not )" +
                         wire::quoted(*text));
}

std::expected<service::EventQuery, std::string> read_query(const Query& query) {
  const auto paging = read_paging<std::int64_t>(query, parse_event_cursor);
  if (!paging) return std::unexpected(paging.error());
  service::EventQuery out{.before = paging->after, .limit = paging->limit};
  for (const auto& [name, target] :
       {std::pair{"since", &out.since}, std::pair{"until", &out.until}}) {
    const auto at = read_time(query, name);
    if (!at) return std::unexpected(at.error());
    *target = *at;
  }
  if (out.since && out.until && *out.since >= *out.until)
    return std::unexpected(
        "since must be before until; nothing is at or after the one and before the other");
  return out;
}

Response page_response(service::EventPage page) {
  wire::EventList list{std::move(page.items), std::nullopt};
  if (page.next_before) list.next_cursor = to_cursor(*page.next_before);
  return json(200, wire::to_text(list));
}

// The history of a stack that was removed is still there; where there is none at all, the name may
// be wrong.
void answer_empty(Call call, core::StackName name) {
  service::Service& service = call.service;
  auto done =
      answer<std::optional<core::Stack>>(call, [name](const std::optional<core::Stack>& stack) {
        if (stack) return page_response({});
        return refusal(core::Refused{core::Refusal::stack_unknown, {}}, name);
      });
  service.find(std::move(name), std::move(done));
}

}  // namespace

void show_stack_history(Call call) {
  auto query = read_query(call.query);
  if (!query) return call.respond.fail(Code::invalid_request, query.error());
  core::StackName name(std::move(call.parameter));
  query->stack_name = name;
  const bool whole = !query->before && !query->since && !query->until;
  service::Service& service = call.service;
  auto done = [call = std::move(call), name, whole](core::Result<service::EventPage> page) mutable {
    try {
      if (!page) return call.respond.fail(page.error());
      if (whole && page->items.empty() && !page->next_before)
        return answer_empty(std::move(call), std::move(name));
      call.respond(page_response(std::move(*page)));
    } catch (const std::exception& error) {
      call.respond.fail(error);
    }
  };
  service.events(std::move(*query), std::move(done));
}

void show_history(Call call) {
  auto query = read_query(call.query);
  if (!query) return call.respond.fail(Code::invalid_request, query.error());
  if (auto repo = call.query.value("repoName")) {
    if (repo->empty())
      return call.respond.fail(Code::invalid_request,
                               "repoName is empty; leave it out for the history of all repos");
    query->repo_name = core::RepoName(std::move(*repo));
  }
  call.service.events(std::move(*query), answer<service::EventPage>(call, page_response));
}

}  // namespace bddlock::api
