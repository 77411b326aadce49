#include "v1_request.hpp"

#include "http_answer.hpp"
#include "session.hpp"

namespace bddlock::bench {

V1Requests::V1Requests(const std::string& token)
    : head_(" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token + "\r\n") {}

std::string V1Requests::claim(std::string_view repo_name, std::string_view request_id,
                              unsigned wait_seconds) const {
  std::string body = R"({"requestId":")";
  body.append(request_id).append(R"(","waitSeconds":)").append(std::to_string(wait_seconds));
  body.append(R"(,"leaseSeconds":)").append(std::to_string(lease_seconds));
  body.append(R"(,"holder":{"ci":"bench","job":")").append(request_id).append(R"("}})");
  return with_body("/v1/repos/" + std::string(repo_name) + "/claims", body);
}

std::string V1Requests::release(std::string_view claim_id) const {
  return with_body("/v1/claims/" + std::string(claim_id) + "/release", R"({"outcome":"passed"})");
}

std::string V1Requests::show_repo(std::string_view repo_name) const {
  return "GET /v1/repos/" + std::string(repo_name) + head_ + "\r\n";
}

std::string V1Requests::with_body(std::string_view path, std::string_view body) const {
  std::string out = "POST ";
  out.append(path).append(head_).append("Content-Type: application/json\r\nContent-Length: ");
  return out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

std::optional<LentStack> read_claim(std::string_view body, std::string_view request_id,
                                    std::string_view repo_name) {
  const LentStack claim{json_string(body, "claimId"), json_string(body, "stackName"),
                        json_count(body, "fencingToken").value_or(0)};
  const bool is_its =
      json_string(body, "requestId") == request_id && json_string(body, "repoName") == repo_name &&
      json_string(body, "state") == "claimed" && body.find("claimId") == body.rfind("claimId");
  if (!is_its || claim.claim_id.empty() || claim.stack_name.empty() || claim.fencing_token == 0)
    return std::nullopt;
  return claim;
}

bool is_release_of(std::string_view body, std::string_view stack_name,
                   std::uint64_t fencing_token) {
  return json_string(body, "stackName") == stack_name &&
         json_count(body, "fencingToken") == fencing_token &&
         body.find(R"("held":false)") != std::string_view::npos;
}

}  // namespace bddlock::bench
