// Repos in the API v1. Called by api.cpp, calls the service; the bodies are
// wire/repo_document.hpp's.
#include "api/cursor.hpp"
#include "api/handlers.hpp"
#include "api/paging.hpp"
#include "wire/nearest.hpp"
#include "wire/repo_document.hpp"

namespace bddlock::api {
namespace {

wire::ShownRepo shown(const service::RepoSummary& repo) {
  return {repo.repo_name,   repo.totals.stacks,   repo.totals.available, repo.totals.claimed,
          repo.totals.held, repo.totals.disabled, repo.waiting,          repo.typical_claim};
}

}  // namespace

void list_repos(Call call) {
  auto paging = read_paging<core::RepoName>(call.query, parse_repo_cursor);
  if (!paging) return call.respond.fail(Code::invalid_request, paging.error());
  auto done = answer<service::RepoPage>(call, [](const service::RepoPage& page) {
    wire::RepoList list;
    for (const service::RepoSummary& repo : page.items) list.items.push_back(shown(repo));
    if (page.next_after) list.next_cursor = to_cursor(*page.next_after);
    return json(200, wire::to_text(list));
  });
  call.service.repos(std::move(paging->after), paging->limit, std::move(done));
}

void show_repo(Call call) {
  core::RepoName name(std::move(call.parameter));
  auto done = answer<std::optional<service::RepoSummary>>(
      call, [name](const std::optional<service::RepoSummary>& repo) {
        if (repo) return json(200, wire::to_text(shown(*repo)));
        return problem(Code::repo_unknown, "the repo " + wire::quoted(name.text()) +
                                               " has no stacks, and nobody waits in it");
      });
  call.service.repo(std::move(name), std::move(done));
}

}  // namespace bddlock::api
