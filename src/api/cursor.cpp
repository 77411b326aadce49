#include "api/cursor.hpp"

#include <charconv>

#include "core/base64url.hpp"

namespace bddlock::api {
namespace {

std::optional<std::string> name_in(std::string_view cursor) {
  auto name = core::parse_base64url(cursor);
  if (!name || core::fault_in_name(*name)) return std::nullopt;
  return name;
}

// The whole of `text` as a number.
std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

// "p<priority>:<arrival>" of those that wait, "s<requestId>/<repoName>" of the others: no requestId
// has a slash.
std::string text_of(const service::RequestsAfter& last) {
  if (last.settled)
    return "s" + last.settled->request_id.text() + "/" + last.settled->repo_name.text();
  const service::QueuePlace place = last.place.value_or(service::QueuePlace{});
  return "p" + std::to_string(place.priority) + ":" + std::to_string(place.arrival);
}

}  // namespace

std::string to_cursor(const core::StackName& last) { return core::to_base64url(last.text()); }

std::string to_cursor(const core::RepoName& last) { return core::to_base64url(last.text()); }

std::string to_cursor(std::int64_t last_event) {
  return core::to_base64url(std::to_string(last_event));
}

std::string to_cursor(const service::RequestsAfter& last) {
  return core::to_base64url(text_of(last));
}

std::optional<core::StackName> parse_cursor(std::string_view cursor) {
  auto name = name_in(cursor);
  if (!name) return std::nullopt;
  return core::StackName(std::move(*name));
}

std::optional<core::RepoName> parse_repo_cursor(std::string_view cursor) {
  auto name = name_in(cursor);
  if (!name) return std::nullopt;
  return core::RepoName(std::move(*name));
}

std::optional<std::int64_t> parse_event_cursor(std::string_view cursor) {
  const auto text = core::parse_base64url(cursor);
  return text ? number_in(*text) : std::nullopt;
}

std::optional<service::RequestsAfter> parse_request_cursor(std::string_view cursor) {
  const auto text = core::parse_base64url(cursor);
  if (!text || text->empty()) return std::nullopt;
  const std::string_view rest = std::string_view(*text).substr(1);
  service::RequestsAfter after;
  if (text->front() == 's') {
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    after.settled = service::RequestKey{core::RepoName(std::string(rest.substr(slash + 1))),
                                        core::RequestId(std::string(rest.substr(0, slash)))};
    return after;
  }
  const std::size_t colon = rest.find(':');
  if (text->front() != 'p' || colon == std::string_view::npos) return std::nullopt;
  const auto priority = number_in(rest.substr(0, colon));
  const auto arrival = number_in(rest.substr(colon + 1));
  if (!priority || !arrival || *priority < -core::priority_max || *priority > core::priority_max)
    return std::nullopt;
  after.place = service::QueuePlace{static_cast<int>(*priority), *arrival};
  return after;
}

}  // namespace bddlock::api
