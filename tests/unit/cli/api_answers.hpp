// What the API v1 answers about claims and requests of the repo "pay".
#pragma once

#include <string>

#include "fake_world.hpp"

namespace bddlock::cli::testing {

inline constexpr const char* granted_claim_id = "AAECAwQFBgcICQoLDA0ODw.YQ";
inline constexpr const char* claims_call = "POST /v1/repos/pay/claims";
inline constexpr const char* request_call = "DELETE /v1/repos/pay/requests/id-1";

inline std::string claim_path(const std::string& verb) {
  return std::string("POST /v1/claims/") + granted_claim_id + "/" + verb;
}

// The claim of the stack `a`; it was made at 03:04:05.
inline std::string own_claim_json(const std::string& expires_at = "2026-01-02T03:19:05.000Z") {
  return std::string(R"({"claimId":")") + granted_claim_id +
         R"(","stackName":"a","repoName":"pay","requestId":"id-1","state":"claimed",)"
         R"("fencingToken":7,"claimedAt":"2026-01-02T03:04:05.000Z","expiresAt":")" +
         expires_at +
         R"(","leaseSeconds":900,"created":false,"stack":{"labels":{},)"
         R"("attributes":{"url":"http://a"},"deployed":null,"lastEnd":null}})";
}

inline Answer granted() {
  return json(200, R"({"requestId":"id-1","claims":[)" + own_claim_json() + "]}");
}

inline Answer waits(int position, const std::string& estimate = "null") {
  return json(202, R"({"requestId":"id-1","position":)" + std::to_string(position) +
                       R"(,"estimatedWaitSeconds":)" + estimate + R"(,"retryAfterSeconds":3})");
}

inline Answer withdrawn() { return net::ClientResponse{204, {}, ""}; }
inline Answer granted_meanwhile() {
  return problem(409, "request_granted", R"(,"claims":[)" + own_claim_json() + "]");
}
inline Answer given_back() {
  return json(200, R"({"stackName":"a","repoName":"pay","fencingToken":7,"held":false,)"
                   R"("heldUntil":null})");
}

}  // namespace bddlock::cli::testing
