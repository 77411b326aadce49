#include "service/request_status.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace bddlock::service {

using core::Result;

namespace {

bool has_claim(const std::optional<core::Stack>& stack, const core::GrantedClaim& claim) {
  return stack && stack->state == core::State::claimed && stack->claim &&
         stack->claim->key == claim.key;
}

// When a claim ended that its stack does not have any more, as far as the stack still tells.
core::Instant end_of(const core::GrantedClaim& claim, const std::optional<core::Stack>& stack,
                     core::Instant now) {
  const bool told =
      stack && stack->last_end && stack->last_end->fencing_token == claim.fencing_token;
  return told ? std::min(stack->last_end->at, now) : now;
}

}  // namespace

std::string_view to_text(RequestStatus status) {
  switch (status) {
    case RequestStatus::waiting:
      return "waiting";
    case RequestStatus::offered:
      return "offered";
    case RequestStatus::granted:
      return "granted";
    case RequestStatus::ended:
      return "ended";
  }
  return "";
}

Result<RequestStatus> status_of(StoreReader& store, core::Request& request, core::Instant now,
                                std::vector<core::Stack>* live) {
  if (request.state == core::RequestState::waiting) return RequestStatus::waiting;
  if (request.state == core::RequestState::ended) return RequestStatus::ended;
  RequestStatus status = RequestStatus::ended;
  core::Instant end = core::Instant::min();
  for (const core::GrantedClaim& claim : request.claims) {
    auto stack = store.find(claim.stack_name);
    if (!stack) return std::unexpected(stack.error());
    if (!has_claim(*stack, claim)) {
      end = std::max(end, end_of(claim, *stack, now));
      continue;
    }
    const bool offered = (*stack)->claim->offered;
    if (!offered && core::is_due(**stack, now)) {
      end = std::max(end, (*stack)->claim->expires_at);
      continue;
    }
    status = offered ? RequestStatus::offered : RequestStatus::granted;
    if (live == nullptr) return status;
    if (!core::is_due(**stack, now)) live->push_back(std::move(**stack));
  }
  if (status != RequestStatus::ended) return status;
  request.state = core::RequestState::ended;
  request.ended_at = end;
  return status;
}

}  // namespace bddlock::service
