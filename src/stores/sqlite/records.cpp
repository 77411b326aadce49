#include "stores/sqlite/records.hpp"

#include <utility>

#include "stores/sqlite/encoding.hpp"

namespace bddlock::stores::sqlite {

namespace {

constexpr std::int64_t form = 1;  // of every column of bytes

core::Instant time_of(std::int64_t microseconds) {
  return core::Instant(core::microseconds(microseconds));
}

std::int64_t bits(std::initializer_list<bool> flags) {
  std::int64_t all = 0;
  std::int64_t bit = 1;
  for (const bool flag : flags) {
    if (flag) all |= bit;
    bit <<= 1;
  }
  return all;
}

// Reads the flags in the order in which bits() took them.
class Flags {
 public:
  explicit Flags(std::int64_t all) : left_(all) {}
  [[nodiscard]] bool next() { return (std::exchange(left_, left_ >> 1) & 1) != 0; }

 private:
  std::int64_t left_;
};

template <class Enum>
std::int64_t number_of(Enum value) {
  return static_cast<std::int64_t>(value);
}

// 0 stands for none: the enumerations begin at 1.
template <class Enum>
std::int64_t number_of(const std::optional<Enum>& value) {
  return value ? number_of(*value) : 0;
}

template <class Enum>
std::optional<Enum> maybe(Decoder& from, Enum last) {
  const std::int64_t number = from.number();
  if (number < 0 || number > number_of(last)) from.fail();
  return number == 0 ? std::nullopt : std::optional(static_cast<Enum>(number));
}

template <class Enum>
Enum surely(Decoder& from, Enum last) {
  const auto value = maybe(from, last);
  if (!value) from.fail();
  return value.value_or(last);
}

bool starts_well(Decoder& from) {
  if (from.number() != form) from.fail();
  return !from.failed();
}

// The fields of `details`, each behind its number; those that are empty are left out. A number is
// never given to another field.
enum class Detail {
  labels = 1,
  attributes,
  note,
  disabled_reason,
  disable_after_claim,
  undeployed,
  deployed,
  last_end,
};

class DetailsEncoder {
 public:
  explicit DetailsEncoder(std::string& to) : to_(to) {}

  // The encoder to write the field's value with.
  Encoder field(Detail detail) {
    Encoder encoder(to_);
    if (to_.empty()) encoder.number(form);
    encoder.number(number_of(detail));
    return encoder;
  }

 private:
  std::string& to_;
};

core::LastEnd last_end_of(Decoder& from) {
  core::LastEnd end;
  end.reason = surely(from, core::EndReason::swept);
  end.outcome = maybe(from, core::Outcome::cancelled);
  end.at = from.time();
  end.fencing_token = from.number();
  end.note = from.text();
  return end;
}

void decode_detail(Decoder& from, core::Stack& stack) {
  switch (static_cast<Detail>(from.number())) {
    case Detail::labels:
      stack.labels = from.map();
      return;
    case Detail::attributes:
      stack.attributes = from.map();
      return;
    case Detail::note:
      stack.note = from.text();
      return;
    case Detail::disabled_reason:
      stack.disabled_reason = from.text();
      return;
    case Detail::disable_after_claim:
      stack.disable_after_claim = true;
      return;
    case Detail::undeployed:
      stack.undeployed = true;
      return;
    case Detail::deployed:
      stack.deployed.emplace();
      stack.deployed->branch = from.text();
      stack.deployed->commit = from.text();
      stack.deployed->at = from.time();
      return;
    case Detail::last_end:
      stack.last_end = last_end_of(from);
      return;
  }
  from.fail();
}

bool decode_details(std::string_view bytes, core::Stack& stack) {
  if (bytes.empty()) return true;
  Decoder from(bytes);
  for (bool well = starts_well(from); well && !from.at_end(); well = !from.failed())
    decode_detail(from, stack);
  return !from.failed();
}

bool decode_claim(std::string_view bytes, std::int64_t expires_at, core::Stack& stack) {
  if (bytes.empty()) return true;
  Decoder from(bytes);
  if (!starts_well(from)) return false;
  core::Claim& claim = stack.claim.emplace();
  Flags flags(from.number());
  claim.created = flags.next();
  claim.offered = flags.next();
  const bool has_holder = flags.next();
  claim.key = from.key();
  claim.request_id = core::RequestId(from.text());
  claim.claimed_at = from.time();
  claim.expires_at = time_of(expires_at);
  claim.lease = core::seconds(from.number());
  if (has_holder) claim.holder = from.holder();
  return !from.failed();
}

std::vector<core::GrantedClaim> granted_of(Decoder& from) {
  std::vector<core::GrantedClaim> claims;
  for (std::int64_t left = from.number(); left > 0 && !from.failed(); --left) {
    core::GrantedClaim claim;
    claim.stack_name = core::StackName(from.text());
    claim.key = from.key();
    claim.fencing_token = from.number();
    claims.push_back(std::move(claim));
  }
  return claims;
}

void encode_claims(const std::vector<core::GrantedClaim>& claims, Encoder& to) {
  to.number(static_cast<std::int64_t>(claims.size()));
  for (const core::GrantedClaim& claim : claims)
    to.text(claim.stack_name.text()).key(claim.key).number(claim.fencing_token);
}

bool prefers(const core::Wish& wish) {
  return !wish.prefer_branch.empty() || !wish.prefer_commit.empty();
}

}  // namespace

void encode_claim(const core::Stack& stack, std::string& to) {
  to.clear();
  if (!stack.claim) return;
  const core::Claim& claim = *stack.claim;
  const bool has_holder = !claim.holder.is_empty();
  Encoder encoder(to);
  encoder.number(form)
      .number(bits({claim.created, claim.offered, has_holder}))
      .key(claim.key)
      .text(claim.request_id.text())
      .time(claim.claimed_at)
      .number(claim.lease.count());
  if (has_holder) encoder.holder(claim.holder);
}

void encode_details(const core::Stack& stack, std::string& to) {
  to.clear();
  DetailsEncoder encoder(to);
  if (!stack.labels.empty()) encoder.field(Detail::labels).map(stack.labels);
  if (!stack.attributes.empty()) encoder.field(Detail::attributes).map(stack.attributes);
  if (!stack.note.empty()) encoder.field(Detail::note).text(stack.note);
  if (!stack.disabled_reason.empty())
    encoder.field(Detail::disabled_reason).text(stack.disabled_reason);
  if (stack.disable_after_claim) encoder.field(Detail::disable_after_claim);
  if (stack.undeployed) encoder.field(Detail::undeployed);
  if (const auto& deployed = stack.deployed)
    encoder.field(Detail::deployed)
        .text(deployed->branch)
        .text(deployed->commit)
        .time(deployed->at);
  if (const auto& end = stack.last_end)
    encoder.field(Detail::last_end)
        .number(number_of(end->reason))
        .number(number_of(end->outcome))
        .time(end->at)
        .number(end->fencing_token)
        .text(end->note);
}

std::optional<core::Stack> stack_of(const Statement& row) {
  core::Stack stack;
  stack.stack_name = core::StackName(std::string(row.text(0)));
  stack.repo_name = core::RepoName(std::string(row.text(1)));
  stack.state = static_cast<core::State>(row.integer(stack_state_column));
  stack.last_used = time_of(row.integer(3));
  stack.fencing_token = row.integer(4);
  stack.version = row.integer(5);
  if (!row.is_null(6) && !decode_claim(row.bytes(7), row.integer(6), stack)) return std::nullopt;
  if (!decode_details(row.bytes(8), stack)) return std::nullopt;
  return stack;
}

void encode_body(const core::Request& request, std::string& to) {
  to.clear();
  const core::Wish& wish = request.wish;
  const bool has_holder = !wish.holder.is_empty();
  const bool was_changed = request.asked_priority != wish.priority;
  Encoder encoder(to);
  encoder.number(form)
      .number(bits({wish.stack_name.has_value(), !wish.labels.empty(), prefers(wish),
                    wish.create_if_none, !wish.name_prefix.empty(), has_holder,
                    !request.claims.empty(), was_changed}))
      .number(wish.count)
      .number(wish.lease.count())
      .time(request.arrived_at)
      .time(request.ended_at);
  if (wish.stack_name) encoder.text(wish.stack_name->text());
  if (!wish.labels.empty()) encoder.map(wish.labels);
  if (prefers(wish)) encoder.text(wish.prefer_branch).text(wish.prefer_commit);
  if (!wish.name_prefix.empty()) encoder.text(wish.name_prefix);
  if (has_holder) encoder.holder(wish.holder);
  if (!request.claims.empty()) encode_claims(request.claims, encoder);
  if (was_changed) encoder.number(request.asked_priority);
}

std::optional<core::Request> request_of(const Statement& row) {
  core::Request request;
  core::Wish& wish = request.wish;
  request.repo_name = core::RepoName(std::string(row.text(0)));
  request.request_id = core::RequestId(std::string(row.text(1)));
  request.state = static_cast<core::RequestState>(row.integer(2));
  wish.priority = static_cast<int>(row.integer(3));
  request.arrival = row.integer(4);
  request.ready_until = time_of(row.integer(5));
  request.version = row.integer(6);
  Decoder from(row.bytes(7));
  if (!starts_well(from)) return std::nullopt;
  Flags flags(from.number());
  wish.count = static_cast<int>(from.number());
  wish.lease = core::seconds(from.number());
  request.arrived_at = from.time();
  request.ended_at = from.time();
  if (flags.next()) wish.stack_name = core::StackName(from.text());
  if (flags.next()) wish.labels = from.map();
  if (flags.next()) {
    wish.prefer_branch = from.text();
    wish.prefer_commit = from.text();
  }
  wish.create_if_none = flags.next();
  if (flags.next()) wish.name_prefix = from.text();
  if (flags.next()) wish.holder = from.holder();
  if (flags.next()) request.claims = granted_of(from);
  request.asked_priority = flags.next() ? static_cast<int>(from.number()) : wish.priority;
  if (from.failed()) return std::nullopt;
  return request;
}

void encode_body(const core::Event& event, std::string& to) {
  to.clear();
  const bool has_holder = !event.holder.is_empty();
  const bool held = event.held_until != core::Instant{};
  Encoder encoder(to);
  encoder.number(form)
      .number(bits({!event.request_id.text().empty(), has_holder, event.key.has_value(),
                    !event.note.empty(), event.lasted.count() != 0, held, event.hold_refused}))
      .number(number_of(event.by))
      .number(number_of(event.from))
      .number(number_of(event.to))
      .number(number_of(event.outcome))
      .number(event.fencing_token);
  if (!event.request_id.text().empty()) encoder.text(event.request_id.text());
  if (has_holder) encoder.holder(event.holder);
  if (event.key) encoder.key(*event.key);
  if (!event.note.empty()) encoder.text(event.note);
  if (event.lasted.count() != 0) encoder.number(event.lasted.count());
  if (held) encoder.time(event.held_until);
}

std::optional<core::Event> event_of(const Statement& row) {
  core::Event event;
  event.id = row.integer(0);
  event.at = time_of(row.integer(1));
  event.kind = static_cast<core::EventKind>(row.integer(2));
  event.stack_name = core::StackName(std::string(row.text(3)));
  event.repo_name = core::RepoName(std::string(row.text(4)));
  Decoder from(row.bytes(5));
  if (!starts_well(from)) return std::nullopt;
  Flags flags(from.number());
  event.by = surely(from, core::By::import);
  event.from = maybe(from, core::State::disabled);
  event.to = maybe(from, core::State::disabled);
  event.outcome = maybe(from, core::Outcome::cancelled);
  event.fencing_token = from.number();
  if (flags.next()) event.request_id = core::RequestId(from.text());
  if (flags.next()) event.holder = from.holder();
  if (flags.next()) event.key = from.key();
  if (flags.next()) event.note = from.text();
  if (flags.next()) event.lasted = core::microseconds(from.number());
  if (flags.next()) event.held_until = from.time();
  event.hold_refused = flags.next();
  if (from.failed()) return std::nullopt;
  return event;
}

core::Error damaged_row(const char* table) {
  return {core::Errc::store_unavailable,
          std::string("a row of ") + table + " is damaged: restore a back-up"};
}

}  // namespace bddlock::stores::sqlite
