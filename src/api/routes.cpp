#include "api/routes.hpp"

#include <array>

#include "api/handlers.hpp"

namespace bddlock::api {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 4> list_query{"repoName", "state", "limit", "cursor"};
constexpr std::array<std::string_view, 2> page_query{"limit", "cursor"};
constexpr std::array<std::string_view, 4> stack_history_query{"since", "until", "limit", "cursor"};
constexpr std::array<std::string_view, 5> history_query{"repoName", "since", "until", "limit",
                                                        "cursor"};
constexpr std::array<std::string_view, 1> import_query{"replace"};

using Text = std::string_view;

constexpr Route seed(Method method, Text pattern, Handler handler, Text summary) {
  return {method, pattern, handler, Style::seed, true, summary, {}};
}
constexpr Route v1(Method method, Text pattern, Handler handler, Text summary, Names query = {}) {
  return {method, pattern, handler, Style::v1, true, summary, query};
}
constexpr Route open(Method method, Text pattern, Handler handler, Text summary) {
  return {method, pattern, handler, Style::v1, false, summary, {}};
}

constexpr std::array routes{
    // The seed's first: they are the ones that are called most.
    seed(Method::put, "/claim-stack/{stackName}", claim_stack, "Claim a stack"),
    seed(Method::put, "/release-stack/{stackName}", release_stack, "Release a stack"),
    seed(Method::get, "/get-available/{repoName}", get_available, "List a repo's available stacks"),
    seed(Method::post, "/create-stack", create_stack, "Create a stack"),

    v1(Method::post, "/v1/repos/{repoName}/claims", claim_any, "Claim stacks of a repo"),
    v1(Method::get, "/v1/claims/{claimId}", show_claim, "Show a claim"),
    v1(Method::post, "/v1/claims/{claimId}/extend", extend_claim, "Extend a claim or hold"),
    v1(Method::post, "/v1/claims/{claimId}/release", release_claim,
       "Release a claim, or end a hold"),

    v1(Method::get, "/v1/repos", list_repos, "List repos", page_query),
    v1(Method::get, "/v1/repos/{repoName}", show_repo, "Show a repo"),
    v1(Method::get, "/v1/repos/{repoName}/requests", list_requests, "List a repo's requests",
       page_query),
    v1(Method::get, "/v1/repos/{repoName}/requests/{requestId}", show_request, "Explain a request"),
    v1(Method::patch, "/v1/repos/{repoName}/requests/{requestId}", change_request,
       "Change a waiting request's priority"),
    v1(Method::del, "/v1/repos/{repoName}/requests/{requestId}", withdraw_request,
       "Withdraw a waiting request"),

    v1(Method::get, "/v1/stacks", list_stacks, "List stacks", list_query),
    v1(Method::post, "/v1/stacks", add_stack, "Add an available stack"),
    v1(Method::get, "/v1/stacks/{stackName}", show_stack, "Show a stack"),
    v1(Method::patch, "/v1/stacks/{stackName}", change_stack,
       "Describe, disable or enable a stack"),
    v1(Method::del, "/v1/stacks/{stackName}", remove_stack, "Remove a stack"),
    v1(Method::post, "/v1/stacks/{stackName}/release", release_as_admin,
       "Release a stack as an admin"),
    v1(Method::post, "/v1/stacks/{stackName}/extend", extend_as_admin,
       "Extend a stack's claim as an admin"),
    v1(Method::post, "/v1/stacks/{stackName}/hold", hold_as_admin,
       "Keep a stack aside as an admin"),
    v1(Method::get, "/v1/stacks/{stackName}/history", show_stack_history, "A stack's history",
       stack_history_query),
    v1(Method::get, "/v1/history", show_history, "History", history_query),
    v1(Method::post, "/v1/sweep", sweep, "Sweep now"),
    v1(Method::get, "/v1/export", export_table, "Export the table"),
    v1(Method::post, "/v1/import", import_table, "Import stacks", import_query),

    open(Method::get, "/healthz", healthz, "Is the server running"),
    open(Method::get, "/readyz", readyz, "Does the store answer"),
    open(Method::get, "/openapi.json", openapi, "This API as an OpenAPI document"),
};

// A target's segments, or those behind its first.
using Segments = std::span<const std::string_view>;

// A route's pattern taken apart, when this file is compiled: one with more segments does not
// compile.
struct Pattern {
  static constexpr std::size_t segments_max = 5;
  std::array<std::string_view, segments_max> segments{};
  std::size_t count = 0;
};

constexpr Pattern split(std::string_view pattern) {
  Pattern out;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::string_view segment = pattern.substr(0, pattern.find('/'));
    out.segments[out.count++] = segment;
    pattern.remove_prefix(segment.size());
  }
  return out;
}

constexpr auto patterns = [] {
  std::array<Pattern, routes.size()> out;
  for (std::size_t i = 0; i < routes.size(); ++i) out[i] = split(routes[i].pattern);
  return out;
}();

constexpr bool is_parameter(std::string_view wanted) { return wanted.starts_with('{'); }

bool matches(const Pattern& pattern, Segments given) {
  if (pattern.count != given.size()) return false;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string_view wanted = pattern.segments[i];
    if (is_parameter(wanted) ? given[i].empty() : given[i] != wanted) return false;
  }
  return true;
}

void take_parameters(Match& match, const Pattern& pattern, Segments given) {
  std::string* next = &match.parameter;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!is_parameter(pattern.segments[i])) continue;
    next->assign(given[i]);
    next = &match.second_parameter;
  }
}

void add_to_allow(std::string& allow, Method method) {
  if (!allow.empty()) allow += ", ";
  allow += to_text(method);
  if (method == Method::get) allow += ", HEAD";
}

Match find_from(Method method, Segments segments) {
  Match out;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (!matches(patterns[i], segments)) continue;
    if (routes[i].method != method) {
      add_to_allow(out.allow, routes[i].method);
      continue;
    }
    out.route = &routes[i];
    take_parameters(out, patterns[i], segments);
    return out;
  }
  return out;
}

}  // namespace

std::span<const Route> all_routes() { return routes; }

std::string_view to_text(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
    case Method::head:
      return "HEAD";
    case Method::other:
      break;
  }
  return "other";
}

Match find_route(Method method, const Target& target) {
  if (method == Method::head) method = Method::get;
  const Segments segments(target.segments.data(), target.segment_count);
  if (segments.empty()) return {};
  Match found = find_from(method, segments);
  if (found.route != nullptr || !found.allow.empty()) return found;
  return find_from(method, segments.subspan(1));
}

}  // namespace bddlock::api
