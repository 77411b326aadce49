#include "api/responses.hpp"

#include "wire/nearest.hpp"
#include "wire/problem.hpp"
#include "wire/seed_documents.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::api {
namespace {

constexpr const char* retry_after_seconds = "1";

// What HTTP wants beside the body: RFC 9110, sections 11.6.1 and 15.6.4.
void add_headers(Response& response) {
  if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (response.status == 503) response.headers.emplace_back("Retry-After", retry_after_seconds);
}

std::string seed_body(Code code, std::string_view detail) {
  if (code == Code::unauthorized) return std::string(wire::seed_unauthorized);
  if (code == Code::forbidden) return std::string(wire::seed_forbidden);
  return wire::seed_error(detail);
}

std::string_view sentence_of(core::Errc code) {
  switch (code) {
    case core::Errc::store_unavailable:
      return "the store is not available; nothing was changed; try again";
    case core::Errc::outcome_unknown:
      return "the store failed while it wrote the change, which may or may not have been made; "
             "find out "
             "before you act on it or try again";
  }
  return "the store failed";
}

std::string sentence_of(const core::Refused& refused, const core::StackName& name) {
  const std::string stack = "the stack " + wire::quoted(name.text());
  switch (refused.why) {
    case core::Refusal::stack_unknown:
      return stack + " is not in the table";
    case core::Refusal::stack_exists:
      return stack + " exists already, in the repo " + wire::quoted(refused.stack.repo_name.text());
    case core::Refusal::stack_unavailable:
    case core::Refusal::stack_in_use:
      return stack + " is in use: it is " + use_of(refused.stack);
    case core::Refusal::nothing_to_end:
      return stack + " has no such use now: it is " + use_of(refused.stack);
    case core::Refusal::claim_lost:
      return "the claim is over; " + stack + " is " + use_of(refused.stack);
    case core::Refusal::fencing_token_moved:
      return stack + " is not with the claim that was named: its fencing token is " +
             std::to_string(refused.stack.fencing_token) + " by now";
  }
  return stack + " was refused";
}

// The most telling of what a holder said of itself.
std::string name_of(const core::Holder& holder) {
  for (const std::string* text :
       {&holder.job, &holder.job_url, &holder.actor, &holder.branch, &holder.ci})
    if (!text->empty()) return wire::quoted(*text);
  return {};
}

}  // namespace

Response json(unsigned status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response problem(Code code, std::string_view detail, boost::json::object facts) {
  const unsigned status = status_of(code);
  Response response =
      json(status, wire::to_text(wire::Problem{status, std::string(reason_of(status)),
                                               std::string(to_text(code)), std::string(detail),
                                               std::move(facts)}));
  response.content_type = "application/problem+json";
  response.code = to_text(code);
  add_headers(response);
  return response;
}

Response failure(Style style, Code code, std::string_view detail) {
  if (style == Style::v1) return problem(code, detail);
  Response response = json(status_of(code), seed_body(code, detail));
  response.code = to_text(code);
  add_headers(response);
  return response;
}

Response store_failure(Style style, core::Errc code) {
  return failure(style, code_of(code), sentence_of(code));
}

Response refusal(const core::Refused& refused, const core::StackName& name) {
  const bool has_stack = refused.why != core::Refusal::stack_unknown;
  return problem(code_of(refused.why), sentence_of(refused, name),
                 has_stack ? wire::stack_facts(refused.stack) : boost::json::object{});
}

std::string use_of(const core::Stack& stack) {
  std::string out(core::to_text(stack.state));
  if (!stack.claim) return out;
  if (const std::string name = name_of(stack.claim->holder); !name.empty()) out += " by " + name;
  return out + " until " + core::to_rfc3339(stack.claim->expires_at);
}

}  // namespace bddlock::api
