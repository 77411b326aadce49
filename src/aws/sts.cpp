#include "aws/sts.hpp"

#include "aws/credential_document.hpp"
#include "aws/place.hpp"
#include "aws/signed_post.hpp"

namespace bddlock::aws {
namespace {

std::string sts_form(const StsCall& call) {
  std::string form = "Action=" + call.action + "&Version=2011-06-15";
  for (const auto& [name, value] : call.parameters)
    if (!value.empty()) form += "&" + name + "=" + percent_encoded(value);
  return form;
}

net::ClientRequest sts_request(const Post& post, const net::Endpoint& endpoint,
                               const std::string& region, const Credentials* signer, Instant now) {
  auto request =
      signer != nullptr
          ? signed_post(post, endpoint, {region, "sts"}, *signer, now)
          : net::ClientRequest{
                .method = "POST", .target = "/", .headers = post.headers, .body = post.body};
  request.time_limit = std::chrono::seconds{10};
  return request;
}

}  // namespace

std::unexpected<std::string> no_role(const std::string& from, const std::string& why) {
  return std::unexpected("the role of " + from + " cannot be had: " + why);
}

Found ask_sts(const Surroundings& surroundings, const StsCall& call, const Credentials* signer) {
  const auto region = find_region(surroundings);
  if (!region) return no_role(call.from, region.error());
  const auto endpoint = find_endpoint(surroundings, "sts", *region);
  if (!endpoint) return no_role(call.from, endpoint.error());
  const Post post{.headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                  .body = sts_form(call)};
  net::Client sts(*endpoint, surroundings.net);
  const auto answer = sts.call(sts_request(post, *endpoint, *region, signer, surroundings.now()));
  if (!answer) return no_role(call.from, answer.error().detail);
  if (answer->status != 200)
    return no_role(call.from, "STS answers " + std::to_string(answer->status) + " " +
                                  xml_text(answer->body, "Code") + ": " +
                                  xml_text(answer->body, "Message"));
  auto credentials = parse_credential_xml(answer->body);
  if (!credentials) return no_role(call.from, "the answer of STS " + credentials.error());
  credentials->source = "the role of " + call.from;
  return std::move(*credentials);
}

}  // namespace bddlock::aws
