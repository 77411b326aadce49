// Called by handler.cpp.
#include "lambda/event.hpp"

#include <boost/json/parse.hpp>

#include "lambda/gateway_call.hpp"

namespace bddlock::lambda {
namespace {

constexpr std::size_t names_shown_max = 12;
constexpr std::size_t name_bytes_max = 40;

// A key of somebody else's document, fit for a sentence.
std::string shown(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, name_bytes_max)) out += c > ' ' && c < '\x7f' ? c : '?';
  return out;
}

std::string members_of(const Json& event) {
  std::string names;
  std::size_t count = 0;
  for (const auto& [name, value] : event) {
    if (++count > names_shown_max) return names + ", …";
    names += (names.empty() ? "" : ", ") + shown(name);
  }
  return names.empty() ? "no members" : "the members " + names;
}

bool is_authorizer_call(const Json& event) {
  return event.contains("methodArn") || event.contains("routeArn");
}

std::string what_else(const Json& event) {
  if (is_authorizer_call(event))
    return "a gateway asked this function to check a token: it is no authorizer. It checks the "
           "token of each request itself; take the authorizer away from the API";
  if (object_in(event, "Records") != nullptr || event.contains("Records"))
    return "the event holds records of a queue or a stream, which mean nothing here";
  if (const auto source = text_in(event, "source")) {
    const auto kind = text_in(event, "detail-type");
    return "an event of " + shown(*source) + " (" + (kind ? shown(*kind) : "no detail-type") +
           "), which is no schedule";
  }
  return "the event is neither a gateway's request nor a schedule's; it has " + members_of(event);
}

std::optional<SweepCall> sweep_of(const Json& event) {
  const auto source = text_in(event, "source").value_or("");
  const bool from_schedule = source == "aws.events" || source == "aws.scheduler";
  if (from_schedule && text_in(event, "detail-type") == "Scheduled Event") return SweepCall{source};
  if (text_in(event, "action") == "sweep") return SweepCall{"action"};
  return std::nullopt;
}

}  // namespace

Event read_event(std::string_view payload, std::size_t body_bytes_max) {
  boost::system::error_code no_json;
  const boost::json::value document =
      boost::json::parse(boost::json::string_view(payload.data(), payload.size()), no_json);
  if (no_json) return StrangeCall{"the event is no JSON document"};
  if (!document.is_object()) return StrangeCall{"the event is no JSON object"};
  const Json& event = document.get_object();
  if (is_v2_call(event)) return read_v2_call(event, body_bytes_max);
  if (is_v1_call(event)) return read_v1_call(event, body_bytes_max);
  if (auto sweep = sweep_of(event)) return std::move(*sweep);
  return StrangeCall{what_else(event)};
}

}  // namespace bddlock::lambda
