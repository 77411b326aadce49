#include "cli/claim_calls.hpp"

#include <boost/json/array.hpp>

#include "cli/stack_calls.hpp"
#include "cli/text.hpp"

namespace bddlock::cli {

namespace {

Ask with_limits(Ask ask, const CallLimits& limits) {
  ask.time_limit = limits.whole;
  ask.try_limit = limits.each_try;
  ask.should_stop = limits.should_stop;
  return ask;
}

std::string path_of_repo(const std::string& repo) { return "/v1/repos/" + percent_encoded(repo); }

// The claims in "claims" of an answer or a problem.
wire::Parsed<std::vector<wire::OwnClaim>> claims_in(std::string_view body) {
  const auto object = wire::parse_object(body);
  if (!object) return std::unexpected(object.error());
  const auto* array = object->if_contains("claims");
  if (array == nullptr || !array->is_array()) return std::unexpected("it has no claims");
  std::vector<wire::OwnClaim> claims;
  for (const auto& item : array->get_array()) {
    if (!item.is_object()) return std::unexpected("a claim is no object");
    auto claim = wire::read_own_claim(item.get_object());
    if (!claim) return std::unexpected(std::move(claim.error()));
    claims.push_back(std::move(*claim));
  }
  return claims;
}

std::expected<Grant, Trouble> grant_in(const Remote& remote, const Reply& reply) {
  auto claims = claims_in(reply.body);
  if (!claims) return std::unexpected(garbled(remote, "a claim's", claims.error()));
  return Grant{std::move(*claims), reply.sent_at, reply.tries == 1};
}

std::expected<Place, Trouble> place_in(const Remote& remote, const Reply& reply) {
  const auto object = wire::parse_object(reply.body);
  if (!object) return std::unexpected(garbled(remote, "a request's", object.error()));
  wire::ObjectReader reader(*object);
  Place place;
  place.position = reader.required_count("position");
  if (const auto estimate = reader.optional_integer("estimatedWaitSeconds", 0, wire::count_max))
    place.estimate = seconds(*estimate);
  place.never = reader.optional_string("never").value_or("");
  if (const auto after = reader.optional_integer("retryAfterSeconds", 0, wire::count_max))
    place.retry_after = seconds(*after);
  if (auto fault = reader.fault()) return std::unexpected(garbled(remote, "a request's", *fault));
  return place;
}

std::expected<Reply, Trouble> post_to_claim(Remote& remote, const std::string& claim_id,
                                            const std::string& verb, std::string body,
                                            const CallLimits& limits) {
  auto reply =
      remote.call(with_limits({.method = "POST",
                               .target = "/v1/claims/" + percent_encoded(claim_id) + "/" + verb,
                               .body = std::move(body)},
                              limits));
  if (!reply || reply->ok()) return reply;
  const std::string code = code_in(reply->body);
  const bool is_lost = code == "claim_lost" || code == "claim_unknown";
  return std::unexpected(Trouble{is_lost ? ExitCode::claim_lost : ExitCode::refused, said(*reply)});
}

}  // namespace

std::expected<Asked, Trouble> ask_for_claims(Remote& remote, const std::string& repo,
                                             const wire::ClaimBody& body,
                                             const CallLimits& limits) {
  const auto reply = remote.call(with_limits(
      {.method = "POST", .target = path_of_repo(repo) + "/claims", .body = wire::to_text(body)},
      limits));
  if (!reply) return std::unexpected(reply.error());
  if (!reply->ok()) {
    return Refusal{code_in(reply->body),
                   {.exit = ExitCode::refused, .message = "no stack was claimed: " + said(*reply)}};
  }
  if (reply->status == 202) {
    auto place = place_in(remote, *reply);
    if (!place) return std::unexpected(std::move(place.error()));
    return std::move(*place);
  }
  auto grant = grant_in(remote, *reply);
  if (!grant) return std::unexpected(std::move(grant.error()));
  if (grant->claims.empty())
    return std::unexpected(garbled(remote, "a claim's", "it has no claim in it"));
  return std::move(*grant);
}

std::expected<Grant, Trouble> withdraw_request(Remote& remote, const std::string& repo,
                                               const core::RequestId& id,
                                               const CallLimits& limits) {
  const auto reply = remote.call(
      with_limits({.method = "DELETE",
                   .target = path_of_repo(repo) + "/requests/" + percent_encoded(id.text())},
                  limits));
  if (!reply) return std::unexpected(reply.error());
  if (code_in(reply->body) == "request_granted") {
    auto grant = grant_in(remote, *reply);
    if (grant) grant->is_new = false;
    return grant;
  }
  if (reply->ok() || reply->status == 404 || reply->status == 410) return Grant{};
  return std::unexpected(refused("the request was not withdrawn", *reply));
}

std::expected<Extension, Trouble> extend_claim(Remote& remote, const std::string& claim_id,
                                               std::optional<seconds> lease,
                                               const CallLimits& limits) {
  const auto reply =
      post_to_claim(remote, claim_id, "extend", wire::to_text(wire::ExtendBody{lease}), limits);
  if (!reply) return std::unexpected(reply.error());
  const auto claim = wire::parse_claim(reply->body);
  if (!claim) return std::unexpected(garbled(remote, "a claim", claim.error()));
  return Extension{claim->stack.claim->expires_at, reply->sent_at, claim->stack.claim->lease};
}

std::expected<wire::ReleaseReport, Trouble> release_claim(Remote& remote,
                                                          const std::string& claim_id,
                                                          const core::Release& how,
                                                          const CallLimits& limits) {
  const auto reply = post_to_claim(remote, claim_id, "release", wire::to_text(how), limits);
  if (!reply) return std::unexpected(reply.error());
  auto report = wire::parse_release_report(reply->body);
  if (!report) return std::unexpected(garbled(remote, "a release's answer", report.error()));
  return std::move(*report);
}

}  // namespace bddlock::cli
