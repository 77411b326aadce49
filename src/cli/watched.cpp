#include "cli/watched.hpp"

#include <boost/json/serialize.hpp>
#include <functional>
#include <map>
#include <string_view>

#include "cli/stack_calls.hpp"
#include "cli/stack_output.hpp"
#include "cli/text.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::cli {

namespace {

// Ended requests are remembered for a day and come last: what is read stops where they begin.
constexpr std::string_view page_of_requests = "/requests?limit=100";

std::expected<std::vector<wire::ShownRequest>, Trouble> read_line(Remote& remote,
                                                                  const std::string& repo) {
  std::vector<wire::ShownRequest> line;
  std::string cursor;
  do {
    std::string target = "/v1/repos/" + percent_encoded(repo) + std::string(page_of_requests);
    if (!cursor.empty()) target += "&cursor=" + percent_encoded(cursor);
    const auto reply = remote.get(target);
    if (!reply) return std::unexpected(reply.error());
    if (reply->status == 404 && code_in(reply->body) == "repo_unknown") return line;
    if (!reply->ok()) return std::unexpected(refused("cannot list the requests", *reply));
    auto page = wire::parse_request_list(reply->body);
    if (!page) return std::unexpected(garbled(remote, "a list of requests", page.error()));
    for (wire::ShownRequest& shown : page->items) {
      if (shown.position == 0) return line;
      line.push_back(std::move(shown));
    }
    if (page->next_cursor && *page->next_cursor == cursor)
      return std::unexpected(garbled(remote, "a list of requests", "its pages do not end"));
    cursor = page->next_cursor.value_or("");
  } while (!cursor.empty());
  return line;
}

bool same(core::Stack left, core::Stack right) {
  for (core::Stack* stack : {&left, &right})
    if (stack->claim && stack->state == core::State::claimed) stack->claim->expires_at = {};
  return left == right;
}

bool same(const wire::ShownRequest& left, const wire::ShownRequest& right) {
  return left.position == right.position &&
         left.request.wish.priority == right.request.wish.priority;
}

const std::string& key_of(const core::Stack& stack) { return stack.stack_name.text(); }
const std::string& key_of(const wire::ShownRequest& shown) {
  return shown.request.request_id.text();
}

// One of them may be null.
template <class T>
using OnChange = std::function<void(const T* before, const T* now)>;

template <class T>
void compare(const std::vector<T>& before, const std::vector<T>& now,
             const OnChange<T>& on_change) {
  std::map<std::string_view, const T*> gone;
  for (const T& one : before) gone.emplace(key_of(one), &one);
  for (const T& one : now) {
    const auto found = gone.extract(key_of(one));
    const T* old = found.empty() ? nullptr : found.mapped();
    if (old == nullptr || !same(*old, one)) on_change(old, &one);
  }
  for (const auto& [key, one] : gone) on_change(one, nullptr);
}

std::string_view what_of(const core::Stack* before, const core::Stack* now) {
  if (before == nullptr) return "stack";
  return now == nullptr ? "stack removed" : "stack changed";
}

std::string_view what_of(const wire::ShownRequest* before, const wire::ShownRequest* now) {
  if (before == nullptr) return "request waits";
  return now == nullptr ? "request left" : "request moved";
}

std::string state_of(const core::Stack* stack) {
  return stack == nullptr ? "-" : std::string(core::to_text(stack->state));
}

std::string place_of(const wire::ShownRequest* shown) {
  return shown == nullptr ? "-" : std::to_string(shown->position);
}

std::vector<std::string> change_cells(const core::Stack* before, const core::Stack* now) {
  const core::Stack& stack = now == nullptr ? *before : *now;
  const bool in_use = now != nullptr && stack.claim;
  return {printable(key_of(stack)), state_of(before) + ">" + state_of(now),
          std::to_string(stack.fencing_token),
          in_use ? core::to_rfc3339(stack.claim->expires_at) : "",
          in_use ? printable(name_of(stack.claim->holder)) : ""};
}

std::vector<std::string> change_cells(const wire::ShownRequest* before,
                                      const wire::ShownRequest* now) {
  const core::Request& request = (now == nullptr ? *before : *now).request;
  return {printable(request.request_id.text()), place_of(before) + ">" + place_of(now),
          std::to_string(request.wish.count), core::to_rfc3339(request.arrived_at),
          printable(name_of(request.wish.holder))};
}

// Calls `line(before, now)` with each pair of stacks, then of requests, that differs.
template <class Line>
void each_change(const Watched& before, const Watched& now, const Line& line) {
  compare<core::Stack>(before.stacks, now.stacks, line);
  compare<wire::ShownRequest>(before.waiting, now.waiting, line);
}

boost::json::object shown_object(const core::Stack& stack) { return wire::stack_document(stack); }
boost::json::object shown_object(const wire::ShownRequest& shown) {
  return wire::request_document(shown);
}

std::string_view kind_of(const core::Stack&) { return "stack"; }
std::string_view kind_of(const wire::ShownRequest&) { return "request"; }

}  // namespace

std::expected<Watched, Trouble> read_watched(Remote& remote, const std::string& repo) {
  auto stacks = list_stacks(remote, repo, "");
  if (!stacks) return std::unexpected(std::move(stacks.error()));
  auto waiting = read_line(remote, repo);
  if (!waiting) return std::unexpected(std::move(waiting.error()));
  return Watched{.stacks = std::move(*stacks), .waiting = std::move(*waiting)};
}

std::string plain_changes(const Watched& before, const Watched& now, core::Instant at) {
  std::vector<std::vector<std::string>> rows;
  each_change(before, now, [&](const auto* old, const auto* one) {
    std::vector<std::string> row = {core::to_rfc3339(at), std::string(what_of(old, one))};
    for (std::string& cell : change_cells(old, one)) row.push_back(std::move(cell));
    rows.push_back(std::move(row));
  });
  return plain_lines(rows);
}

std::string json_changes(const Watched& before, const Watched& now, core::Instant at) {
  std::string text;
  each_change(before, now, [&](const auto* old, const auto* one) {
    const auto& shown = one == nullptr ? *old : *one;
    const boost::json::object line{{"at", core::to_rfc3339(at)},
                                   {"what", what_of(old, one)},
                                   {kind_of(shown), shown_object(shown)}};
    text += boost::json::serialize(line) + "\n";
  });
  return text;
}

}  // namespace bddlock::cli
