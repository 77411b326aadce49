// Granting: free stacks, and new ones where the request allows it, become the claims of a request.
#include <algorithm>
#include <utility>

#include "service/lender_work.hpp"
#include "service/retry.hpp"

namespace bddlock::service {

using core::Result;

namespace {

constexpr std::size_t random_characters = 8;

// The first `bytes_max` bytes at most, cut between characters.
std::string_view shortened(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

core::Event created_event(const core::Stack& stack, const core::Request& request,
                          core::Instant now) {
  return {.at = now,
          .kind = core::EventKind::created,
          .by = core::By::owner,
          .stack_name = stack.stack_name,
          .repo_name = stack.repo_name,
          .request_id = request.request_id,
          .to = stack.state,
          .holder = request.wish.holder,
          .fencing_token = stack.fencing_token};
}

}  // namespace

core::Claim Lender::Work::new_claim(const core::Request& request, bool offered) {
  core::Claim claim{.request_id = request.request_id,
                    .holder = request.wish.holder,
                    .claimed_at = now_,
                    .lease = std::min(request.wish.lease, lender_.rules_.claim_longest),
                    .offered = offered};
  claim.expires_at = now_ + (offered ? core::retry_after + core::ready_grace : claim.lease);
  for (std::size_t i = 0; i < claim.key.bytes.size(); i += 8) {
    std::uint64_t number = lender_.random_();
    for (std::size_t j = 0; j < 8; ++j, number >>= 8)
      claim.key.bytes[i + j] = static_cast<std::uint8_t>(number & 255);
  }
  return claim;
}

// Stacks and request change together: there is no moment at which one knows of the grant and the
// other not. Nothing: another server was faster.
Result<std::optional<Granted>> Lender::Work::grant(core::Request request, const Stacks& stacks,
                                                   bool offered, const Stacks& created) {
  Changes changes;
  Granted granted{.key = {request.repo_name, request.request_id}};
  request.state = core::RequestState::granted;
  request.claims.clear();
  const auto take = [&](const core::Stack& stack) {
    core::Decision decision = core::decide(stack, core::Grant{new_claim(request, offered)}, now_);
    if (!decision.event) return false;
    request.claims.push_back(
        {stack.stack_name, decision.next.claim->key, decision.next.fencing_token});
    changes.events.push_back(std::move(*decision.event));
    changes.stacks.push_back({.next = std::move(decision.next), .expected = stack.version});
    return true;
  };
  for (const core::Stack& stack : stacks)
    if (!take(stack)) return std::nullopt;
  for (const core::Stack& stack : created) {
    changes.events.push_back(created_event(stack, request, now_));
    if (!take(stack)) return std::nullopt;
  }
  for (const core::Stack& stack : stacks)
    if (lender_.rules_.choices > 1) lender_.taken_.note(stack);
  const core::Version expected = request.version;
  changes.requests.push_back({.next = std::move(request), .expected = expected});
  const auto saved = store_.save(changes);
  if (!saved) return std::unexpected(saved.error());
  if (*saved != Saved::yes) return std::nullopt;
  for (StackChange& change : changes.stacks) {
    granted.stacks.push_back(std::move(change.next));
    granted.stacks.back().version = change.expected + 1;
  }
  return granted;
}

// Whether what it lacks may be created: within the repo's limit, and a stack that it names only if
// there is none of that name.
Result<bool> Lender::Work::may_create(const core::Request& request, std::int64_t missing,
                                      std::int64_t room) {
  if (!request.wish.create_if_none || room < missing) return false;
  if (!request.wish.stack_name) return true;
  const auto present = store_.find(*request.wish.stack_name);
  if (!present) return std::unexpected(present.error());
  return !*present;
}

Result<std::optional<Granted>> Lender::Work::create_and_grant(const core::Request& request,
                                                              const Stacks& found, bool offered) {
  Stacks created;
  const auto missing = static_cast<std::size_t>(request.wish.count) - found.size();
  while (created.size() < missing) {
    auto stack = new_stack(request, created);
    if (!stack) return std::unexpected(stack.error());
    created.push_back(std::move(*stack));
  }
  return grant(request, found, offered, created);
}

std::string Lender::Work::new_name(const core::Request& request) {
  constexpr std::string_view characters = "abcdefghijklmnopqrstuvwxyz0123456789";
  const std::string prefix =
      request.wish.name_prefix.empty() ? request.repo_name.text() + "-" : request.wish.name_prefix;
  std::string name{shortened(prefix, core::name_bytes_max - random_characters)};
  for (std::size_t i = 0; i < random_characters; ++i)
    name += characters[lender_.random_() % characters.size()];
  return name;
}

// A new stack for the request, under a name that was free when it was looked up.
Result<core::Stack> Lender::Work::new_stack(const core::Request& request, const Stacks& taken) {
  for (int i = 0; i < tries_max; ++i) {
    const core::StackName name =
        request.wish.stack_name.value_or(core::StackName{new_name(request)});
    const auto present = store_.find(name);
    if (!present) return std::unexpected(present.error());
    const bool is_ours = std::any_of(taken.begin(), taken.end(), [&](const core::Stack& stack) {
      return stack.stack_name == name;
    });
    if (*present || is_ours) continue;
    const auto token = store_.retired_token(name);
    if (!token) return std::unexpected(token.error());
    const core::NewStack wanted{.stack_name = name,
                                .repo_name = request.repo_name,
                                .available = true,
                                .labels = request.wish.labels};
    core::Stack stack = core::admit(wanted, *token, now_).next;
    stack.undeployed = true;
    return stack;
  }
  return std::unexpected(kept_changing());
}

}  // namespace bddlock::service
