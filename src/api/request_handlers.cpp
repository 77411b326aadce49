// Requests of a repo in the API v1. Called by api.cpp, calls the service; the bodies are
// wire/request_document.hpp's.
#include "api/claim_answers.hpp"
#include "api/cursor.hpp"
#include "api/handlers.hpp"
#include "api/paging.hpp"
#include "wire/claim_bodies.hpp"
#include "wire/nearest.hpp"
#include "wire/request_document.hpp"

namespace bddlock::api {
namespace {

service::RequestKey key_of(Call& call) {
  return {core::RepoName(std::move(call.parameter)),
          core::RequestId(std::move(call.second_parameter))};
}

wire::ShownRequest shown(service::RequestSummary summary) {
  return {std::move(summary.request), std::string(service::to_text(summary.status)),
          summary.position, summary.ready};
}

Response page_response(service::RequestPage page) {
  wire::RequestList list;
  for (service::RequestSummary& summary : page.items)
    list.items.push_back(shown(std::move(summary)));
  if (page.next_after) list.next_cursor = to_cursor(*page.next_after);
  return json(200, wire::to_text(list));
}

Response unknown_repo(const core::RepoName& repo) {
  return problem(Code::repo_unknown,
                 "the repo " + wire::quoted(repo.text()) + " has neither stacks nor requests");
}

Response unknown_request(const service::RequestKey& key) {
  return problem(Code::request_unknown, "the repo " + wire::quoted(key.repo_name.text()) +
                                            " has no request " +
                                            wire::quoted(key.request_id.text()) +
                                            "; one that is over is forgotten after a day");
}

wire::Explained explained(service::Explanation explanation) {
  wire::Explained out;
  out.shown = {std::move(explanation.request), std::string(service::to_text(explanation.status)), 0,
               explanation.ready};
  if (explanation.place) {
    out.shown.position = explanation.place->position;
    out.estimated_wait = explanation.place->estimated_wait;
    out.never = explanation.place->never;
  }
  out.open = explanation.open;
  for (service::SuitableStack& suitable : explanation.suitable)
    out.suitable.push_back(
        {std::move(suitable.stack), std::string(service::to_text(suitable.why))});
  out.suitable_in_all = explanation.suitable_in_all;
  out.first = std::move(explanation.first);
  return out;
}

// A list without anything may be a repo's that nobody has heard of.
void answer_empty(Call call, core::RepoName repo) {
  service::Service& service = call.service;
  auto done = answer<std::optional<service::RepoSummary>>(
      call, [repo](const std::optional<service::RepoSummary>& summary) {
        return summary ? page_response({}) : unknown_repo(repo);
      });
  service.repo(std::move(repo), std::move(done));
}

}  // namespace

void list_requests(Call call) {
  const auto paging = read_paging<service::RequestsAfter>(call.query, parse_request_cursor);
  if (!paging) return call.respond.fail(Code::invalid_request, paging.error());
  core::RepoName repo(std::move(call.parameter));
  service::Service& service = call.service;
  const bool first = !paging->after;
  auto done = [call = std::move(call), repo,
               first](core::Result<service::RequestPage> page) mutable {
    try {
      if (!page) return call.respond.fail(page.error());
      if (first && page->items.empty() && !page->next_after)
        return answer_empty(std::move(call), std::move(repo));
      call.respond(page_response(std::move(*page)));
    } catch (const std::exception& error) {
      call.respond.fail(error);
    }
  };
  service.requests(repo, paging->after.value_or(service::RequestsAfter{}), paging->limit,
                   std::move(done));
}

void show_request(Call call) {
  service::RequestKey key = key_of(call);
  auto done = answer<std::optional<service::Explanation>>(
      call, [key](std::optional<service::Explanation> explanation) {
        if (!explanation) return unknown_request(key);
        return json(200, wire::to_text(explained(std::move(*explanation))));
      });
  call.service.explain(std::move(key), std::move(done));
}

void change_request(Call call) {
  const auto priority = wire::parse_priority_body(call.body);
  if (!priority) return call.respond.fail(Code::invalid_request, priority.error());
  service::RequestKey key = key_of(call);
  auto done = answer<service::PriorityAnswer>(call, [](const service::PriorityAnswer& result) {
    if (const auto* queued = std::get_if<service::Queued>(&result))
      return queued_response(200, *queued);
    if (const auto* granted = std::get_if<service::Granted>(&result))
      return granted_already_response(*granted);
    return not_granted_response(std::get<service::NotGranted>(result));
  });
  call.service.reprioritise(std::move(key), *priority, std::move(done));
}

void withdraw_request(Call call) {
  service::RequestKey key = key_of(call);
  auto done = answer<service::WithdrawAnswer>(call, [](const service::WithdrawAnswer& result) {
    if (std::holds_alternative<service::Withdrawn>(result)) return json(204, {});
    if (const auto* granted = std::get_if<service::Granted>(&result))
      return granted_already_response(*granted);
    return not_granted_response(std::get<service::NotGranted>(result));
  });
  call.service.withdraw(std::move(key), std::move(done));
}

}  // namespace bddlock::api
