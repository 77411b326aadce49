#include "wire/claim_document.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "wire/json_text.hpp"
#include "wire/maps.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::wire {
namespace {

namespace json = boost::json;

constexpr std::string_view hold_limit = "hold_limit";

void append_map(std::string& out, const core::StringMap& map) {
  ObjectText object(out);
  for (const auto& [key, value] : map) append_quoted(object.any_member(key), value);
  object.end();
}

void append_stack_part(std::string& out, const core::Stack& stack) {
  ObjectText object(out);
  append_map(object.member("labels"), stack.labels);
  append_map(object.member("attributes"), stack.attributes);
  object.member("deployed") +=
      stack.deployed ? json::serialize(deployed_document(stack.deployed)) : "null";
  append_last_end(object.member("lastEnd"), stack.last_end);
  object.end();
}

void append_claim(std::string& out, const core::Stack& stack) {
  const core::Claim& claim = *stack.claim;
  ObjectText object(out);
  object.text("claimId", core::claim_id(claim.key, stack.stack_name))
      .text("stackName", stack.stack_name.text())
      .text("repoName", stack.repo_name.text())
      .text("requestId", claim.request_id.text())
      .text("state", core::to_text(stack.state))
      .number("fencingToken", stack.fencing_token)
      .time("claimedAt", claim.claimed_at)
      .time("expiresAt", claim.expires_at)
      .number("leaseSeconds", claim.lease.count())
      .flag("created", claim.created);
  append_stack_part(object.member("stack"), stack);
  object.end();
}

void append_claims(std::string& out, std::span<const core::Stack> stacks) {
  out += '[';
  for (std::size_t i = 0; i < stacks.size(); ++i) {
    if (i > 0) out += ',';
    append_claim(out, stacks[i]);
  }
  out += ']';
}

constexpr std::size_t claim_bytes_typical = 640;

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

std::string claim_text(const core::Stack& stack) {
  std::string out;
  out.reserve(claim_bytes_typical);
  append_claim(out, stack);
  return out;
}

json::array claims_document(std::span<const core::Stack> stacks) {
  std::string text;
  append_claims(text, stacks);
  return json::parse(text).as_array();
}

std::string claims_answer(const core::RequestId& id, std::span<const core::Stack> stacks) {
  std::string out;
  out.reserve(claim_bytes_typical * (stacks.size() + 1));
  ObjectText object(out);
  object.text("requestId", id.text());
  append_claims(object.member("claims"), stacks);
  object.end();
  return out;
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
  std::string out;
  ObjectText object(out);
  object.text("stackName", report.stack_name.text())
      .text("repoName", report.repo_name.text())
      .number("fencingToken", report.fencing_token)
      .flag("held", report.held);
  if (report.held_until) {
    object.time("heldUntil", *report.held_until);
  } else {
    object.null("heldUntil");
  }
  if (report.hold_refused) object.text("reason", hold_limit);
  object.end();
  return out;
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
