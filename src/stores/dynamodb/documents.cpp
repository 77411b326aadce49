#include "stores/dynamodb/documents.hpp"

#include <boost/json/array.hpp>

#include "stores/dynamodb/fields.hpp"

namespace bddlock::stores::dynamodb {
namespace {

// Whatever else is written in its place reads as `otherwise`.
template <class Enum, class Parse>
Enum enum_of(const std::string& text, Parse parse, Enum otherwise) {
  return parse(text).value_or(otherwise);
}

constexpr std::string_view request_states[] = {"waiting", "granted", "ended"};

std::string_view to_text(core::RequestState state) {
  return request_states[static_cast<std::size_t>(state) - 1];
}
std::optional<core::RequestState> parse_request_state(std::string_view text) {
  for (std::size_t i = 0; i < std::size(request_states); ++i)
    if (request_states[i] == text) return static_cast<core::RequestState>(i + 1);
  return std::nullopt;
}

boost::json::value wish_value(const core::Wish& wish) {
  Writer out;
  if (wish.stack_name) out.value("stackName", boost::json::value(wish.stack_name->text()));
  return out.number("count", wish.count)
      .map("labels", wish.labels)
      .text("branch", wish.prefer_branch)
      .text("commit", wish.prefer_commit)
      .flag("createIfNone", wish.create_if_none)
      .text("namePrefix", wish.name_prefix)
      .number("lease", wish.lease.count())
      .number("priority", wish.priority)
      .holder("holder", wish.holder)
      .object();
}

core::Wish parse_wish(const Fields& in) {
  core::Wish wish{.count = static_cast<int>(in.number("count")),
                  .labels = in.map("labels"),
                  .prefer_branch = in.text("branch"),
                  .prefer_commit = in.text("commit"),
                  .create_if_none = in.flag("createIfNone"),
                  .name_prefix = in.text("namePrefix"),
                  .lease = core::seconds{in.number("lease")},
                  .priority = static_cast<int>(in.number("priority")),
                  .holder = in.holder("holder")};
  if (in.has("stackName")) wish.stack_name = core::StackName{in.text("stackName")};
  return wish;
}

}  // namespace

std::string claim_text(const core::Claim& claim) {
  return Writer{}
      .key("key", claim.key)
      .text("requestId", claim.request_id.text())
      .holder("holder", claim.holder)
      .time("claimedAt", claim.claimed_at)
      .time("expiresAt", claim.expires_at)
      .number("lease", claim.lease.count())
      .flag("created", claim.created)
      .flag("offered", claim.offered)
      .text();
}

std::optional<core::Claim> parse_claim(std::string_view text) {
  const Fields in(text);
  if (!in.has_time("expiresAt")) return std::nullopt;
  return core::Claim{.key = in.key("key"),
                     .request_id = core::RequestId{in.text("requestId")},
                     .holder = in.holder("holder"),
                     .claimed_at = in.time("claimedAt"),
                     .expires_at = in.time("expiresAt"),
                     .lease = core::seconds{in.number("lease")},
                     .created = in.flag("created"),
                     .offered = in.flag("offered")};
}

std::string map_text(const core::StringMap& map) {
  Writer out;
  for (const auto& [key, text] : map) out.value(key, boost::json::value(text));
  return out.text();
}
core::StringMap parse_map(std::string_view text) { return Fields(text).all_texts(); }

std::string deployed_text(const core::Deployed& deployed) {
  return Writer{}
      .text("branch", deployed.branch)
      .text("commit", deployed.commit)
      .time("at", deployed.at)
      .text();
}
core::Deployed parse_deployed(std::string_view text) {
  const Fields in(text);
  return {in.text("branch"), in.text("commit"), in.time("at")};
}

std::string last_end_text(const core::LastEnd& end) {
  return Writer{}
      .text("reason", core::to_text(end.reason))
      .text("outcome", end.outcome ? core::to_text(*end.outcome) : "")
      .time("at", end.at)
      .number("fencingToken", end.fencing_token)
      .text("note", end.note)
      .text();
}
core::LastEnd parse_last_end(std::string_view text) {
  const Fields in(text);
  return {.reason = enum_of(in.text("reason"), core::parse_end_reason, core::EndReason::released),
          .outcome = core::parse_outcome(in.text("outcome")),
          .at = in.time("at"),
          .fencing_token = in.number("fencingToken"),
          .note = in.text("note")};
}

std::string request_text(const core::Request& request) {
  boost::json::array claims;
  for (const core::GrantedClaim& claim : request.claims)
    claims.push_back(Writer{}
                         .text("stackName", claim.stack_name.text())
                         .key("key", claim.key)
                         .number("fencingToken", claim.fencing_token)
                         .object());
  return Writer{}
      .text("repoName", request.repo_name.text())
      .text("requestId", request.request_id.text())
      .text("state", to_text(request.state))
      .value("wish", wish_value(request.wish))
      .number("askedPriority", request.asked_priority)
      .number("arrival", request.arrival)
      .time("arrivedAt", request.arrived_at)
      .time("readyUntil", request.ready_until)
      .value("claims", std::move(claims))
      .time("endedAt", request.ended_at)
      .text();
}

core::Request parse_request(std::string_view text) {
  const Fields in(text);
  core::Request request{
      .repo_name = core::RepoName{in.text("repoName")},
      .request_id = core::RequestId{in.text("requestId")},
      .state = enum_of(in.text("state"), parse_request_state, core::RequestState::ended),
      .asked_priority = static_cast<int>(in.number("askedPriority")),
      .arrival = in.number("arrival"),
      .arrived_at = in.time("arrivedAt"),
      .ready_until = in.time("readyUntil"),
      .ended_at = in.time("endedAt")};
  for (const auto& value : in.list("claims")) {
    const Fields claim(value);
    request.claims.push_back(
        {core::StackName{claim.text("stackName")}, claim.key("key"), claim.number("fencingToken")});
  }
  request.wish = parse_wish(in.inner("wish"));
  return request;
}

std::string event_text(const core::Event& event) {
  Writer out;
  out.time("at", event.at)
      .text("kind", core::to_text(event.kind))
      .text("by", core::to_text(event.by))
      .text("stackName", event.stack_name.text())
      .text("repoName", event.repo_name.text())
      .text("requestId", event.request_id.text())
      .text("from", event.from ? core::to_text(*event.from) : "")
      .text("to", event.to ? core::to_text(*event.to) : "")
      .holder("holder", event.holder)
      .number("fencingToken", event.fencing_token)
      .text("outcome", event.outcome ? core::to_text(*event.outcome) : "")
      .text("note", event.note)
      .number("lasted", event.lasted.count())
      .time("heldUntil", event.held_until)
      .flag("holdRefused", event.hold_refused);
  if (event.key) out.key("key", *event.key);
  return out.text();
}

core::Event parse_event(std::string_view text) {
  const Fields in(text);
  core::Event event{
      .at = in.time("at"),
      .kind = enum_of(in.text("kind"), core::parse_event_kind, core::EventKind::described),
      .by = enum_of(in.text("by"), core::parse_by, core::By::admin),
      .stack_name = core::StackName{in.text("stackName")},
      .repo_name = core::RepoName{in.text("repoName")},
      .request_id = core::RequestId{in.text("requestId")},
      .from = core::parse_state(in.text("from")),
      .to = core::parse_state(in.text("to")),
      .holder = in.holder("holder"),
      .fencing_token = in.number("fencingToken"),
      .outcome = core::parse_outcome(in.text("outcome")),
      .note = in.text("note"),
      .lasted = core::microseconds{in.number("lasted")},
      .held_until = in.time("heldUntil"),
      .hold_refused = in.flag("holdRefused")};
  if (in.has("key")) event.key = in.key("key");
  return event;
}

}  // namespace bddlock::stores::dynamodb
