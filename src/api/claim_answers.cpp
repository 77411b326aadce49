#include "api/claim_answers.hpp"

#include <boost/json/object.hpp>

#include "api/responses.hpp"
#include "wire/claim_document.hpp"
#include "wire/maps.hpp"
#include "wire/nearest.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::api {
namespace {

namespace json_ = boost::json;

// What was asked for and what there is, for whoever must ask for less.
json_::object shortage_facts(const core::Wish& wish, const std::optional<service::Pool>& pool) {
  json_::object wanted{{"count", wish.count}, {"labels", wire::map_document(wish.labels)}};
  if (wish.stack_name) wanted.emplace("stackName", wish.stack_name->text());
  json_::object facts{{"wanted", std::move(wanted)}};
  if (pool)
    facts.emplace("pool", json_::object{{"stacks", pool->stacks}, {"suitable", pool->suitable}});
  return facts;
}

json_::object facts_of(const service::NotGranted& refused) {
  return refused.stack ? wire::stack_facts(*refused.stack) : json_::object{};
}

}  // namespace

Response claim_response(const service::ClaimAnswer& answer, const core::Wish& wish) {
  if (const auto* granted = std::get_if<service::Granted>(&answer))
    return json(200, wire::claims_answer(granted->key.request_id, granted->stacks));
  if (const auto* queued = std::get_if<service::Queued>(&answer))
    return queued_response(202, *queued);
  const auto& refused = std::get<service::NotGranted>(answer);
  if (refused.why == service::NoClaim::never_satisfiable)
    return problem(code_of(refused.why), refused.detail, shortage_facts(wish, refused.pool));
  return not_granted_response(refused);
}

Response queued_response(unsigned status, const service::Queued& queued) {
  return json(status, wire::to_text(wire::Waiting{queued.key.request_id, queued.position,
                                                  queued.estimated_wait, queued.never}));
}

Response not_granted_response(const service::NotGranted& refused) {
  return problem(code_of(refused.why), refused.detail, facts_of(refused));
}

Response granted_already_response(const service::Granted& granted) {
  return problem(Code::request_granted,
                 "the request " + wire::quoted(granted.key.request_id.text()) +
                     " has been granted; release its claims if they are not wanted any more",
                 {{"claims", wire::claims_document(granted.stacks)}});
}

}  // namespace bddlock::api
