#include "wire/claim_document.hpp"

#include <boost/json/serialize.hpp>

#include "wire/maps.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

constexpr std::string_view hold_limit = "hold_limit";

json::object stack_part(const core::Stack& stack) {
  return {{"labels", map_document(stack.labels)},
          {"attributes", map_document(stack.attributes)},
          {"deployed", deployed_document(stack.deployed)},
          {"lastEnd", last_end_document(stack.last_end)}};
}

void read_stack_part(ObjectReader& outer, core::Stack& stack) {
  const json::object* object = outer.optional_object("stack");
  if (object == nullptr) return;
  ObjectReader reader(*object, "stack.");
  stack.labels = read_map(reader, "labels");
  stack.attributes = read_map(reader, "attributes");
  stack.deployed = read_deployed(reader);
  stack.last_end = read_last_end(reader);
  outer.absorb(reader);
}

}  // namespace

json::object claim_document(const core::Stack& stack) {
  const core::Claim& claim = *stack.claim;
  return {{"claimId", core::claim_id(claim.key, stack.stack_name)},
          {"stackName", stack.stack_name.text()},
          {"repoName", stack.repo_name.text()},
          {"requestId", claim.request_id.text()},
          {"state", core::to_text(stack.state)},
          {"fencingToken", stack.fencing_token},
          {"claimedAt", core::to_rfc3339(claim.claimed_at)},
          {"expiresAt", core::to_rfc3339(claim.expires_at)},
          {"leaseSeconds", claim.lease.count()},
          {"created", claim.created},
          {"stack", stack_part(stack)}};
}

json::array claims_document(std::span<const core::Stack> stacks) {
  json::array claims;
  claims.reserve(stacks.size());
  for (const core::Stack& stack : stacks) claims.push_back(claim_document(stack));
  return claims;
}

std::string claims_answer(const core::RequestId& id, std::span<const core::Stack> stacks) {
  return json::serialize(
      json::object{{"requestId", id.text()}, {"claims", claims_document(stacks)}});
}

Parsed<OwnClaim> read_own_claim(const json::object& document) {
  ObjectReader reader(document);
  OwnClaim own{.claim_id = reader.required_string("claimId")};
  own.stack.stack_name = core::StackName(reader.required_string("stackName"));
  own.stack.repo_name = core::RepoName(reader.required_string("repoName"));
  own.stack.fencing_token = reader.required_count("fencingToken");
  own.stack.state = core::parse_state(reader.optional_string("state").value_or(""))
                        .value_or(core::State::claimed);
  core::Claim claim;
  if (const auto ref = core::parse_claim_id(own.claim_id)) claim.key = ref->key;
  claim.request_id = core::RequestId(reader.optional_string("requestId").value_or(""));
  claim.claimed_at = required_time(reader, "claimedAt");
  claim.expires_at = required_time(reader, "expiresAt");
  claim.lease = core::seconds{reader.required_count("leaseSeconds")};
  claim.created = reader.optional_bool("created").value_or(false);
  own.stack.claim = std::move(claim);
  read_stack_part(reader, own.stack);
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return own;
}

Parsed<OwnClaim> parse_claim(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  return read_own_claim(*object);
}

std::string to_text(const Waiting& waiting) {
  json::object out{{"requestId", waiting.request_id.text()},
                   {"position", waiting.position},
                   {"estimatedWaitSeconds", nullptr},
                   {"retryAfterSeconds", core::retry_after.count()}};
  if (waiting.estimated_wait) out["estimatedWaitSeconds"] = waiting.estimated_wait->count();
  if (!waiting.never.empty()) out.emplace("never", waiting.never);
  return json::serialize(out);
}

std::string to_text(const ReleaseReport& report) {
  json::object out{{"stackName", report.stack_name.text()},
                   {"repoName", report.repo_name.text()},
                   {"fencingToken", report.fencing_token},
                   {"held", report.held},
                   {"heldUntil", time_document(report.held_until)}};
  if (report.hold_refused) out.emplace("reason", hold_limit);
  return json::serialize(out);
}

Parsed<ReleaseReport> parse_release_report(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  ObjectReader reader(*object);
  ReleaseReport report;
  report.stack_name = core::StackName(reader.required_string("stackName"));
  report.repo_name = core::RepoName(reader.required_string("repoName"));
  report.fencing_token = reader.required_count("fencingToken");
  report.held = reader.required_bool("held");
  report.held_until = read_time(reader, "heldUntil");
  report.hold_refused = reader.optional_string("reason") == hold_limit;
  if (auto fault = reader.fault()) return std::unexpected(std::move(*fault));
  return report;
}

}  // namespace bddlock::wire
