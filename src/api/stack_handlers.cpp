// Stacks in the API v1. Called by api.cpp, calls the service; the bodies are
// wire/stack_document.hpp's.
#include "api/cursor.hpp"
#include "api/handlers.hpp"
#include "api/paging.hpp"
#include "wire/nearest.hpp"
#include "wire/stack_bodies.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::api {
namespace {

using Faulty = std::optional<std::string>;  // a sentence, or nothing is wrong

Faulty read_repo(const Query& query, service::StackQuery& out) {
  auto name = query.value("repoName");
  if (!name) return {};
  if (name->empty()) return "repoName is empty; leave it out to list the stacks of all repos";
  out.repo_name = core::RepoName(std::move(*name));
  return {};
}

Faulty read_state(const Query& query, service::StackQuery& out) {
  const auto text = query.value("state");
  if (!text) return {};
  out.state = core::parse_state(*text);
  if (out.state) return {};
  return "state must be available, claimed, held or disabled, not " + wire::quoted(*text);
}

std::expected<service::StackQuery, std::string> read_query(const Query& query) {
  auto paging = read_paging<core::StackName>(query, parse_cursor);
  if (!paging) return std::unexpected(paging.error());
  service::StackQuery out{.after = std::move(paging->after), .limit = paging->limit};
  for (const auto read : {read_repo, read_state}) {
    if (auto fault = read(query, out)) return std::unexpected(std::move(*fault));
  }
  return out;
}

Response stack_page_response(service::StackPage page) {
  wire::StackList list{std::move(page.items), std::nullopt};
  if (page.next_after) list.next_cursor = to_cursor(*page.next_after);
  return json(200, wire::to_text(list));
}

// The new stack as the store has it by now, which tells when it was created. Where it cannot be
// read, or is gone again, it is shown as it was asked for: it was added, and that is what the
// client must learn.
void answer_with_added(Call call, core::Stack added) {
  service::Service& service = call.service;
  service.find(added.stack_name, [respond = std::move(call.respond),
                                  added](core::Result<std::optional<core::Stack>> found) mutable {
    try {
      const bool there = found && *found;
      respond(json(201, wire::to_text(there ? **found : added)));
    } catch (const std::exception& error) {
      respond.fail(error);
    }
  });
}

}  // namespace

void list_stacks(Call call) {
  auto query = read_query(call.query);
  if (!query) return call.respond.fail(Code::invalid_request, query.error());
  call.service.list(std::move(*query), answer<service::StackPage>(call, stack_page_response));
}

void show_stack(Call call) {
  core::StackName name(std::move(call.parameter));
  auto done = answer<std::optional<core::Stack>>(call, [name](std::optional<core::Stack> stack) {
    if (stack) return json(200, wire::to_text(*stack));
    return refusal(core::Refused{core::Refusal::stack_unknown, {}}, name);
  });
  call.service.find(std::move(name), std::move(done));
}

void add_stack(Call call) {
  auto wanted = wire::parse_stack_to_add(call.body);
  if (!wanted) return call.respond.fail(Code::invalid_request, wanted.error());
  core::Stack added{.stack_name = wanted->stack_name,
                    .repo_name = wanted->repo_name,
                    .state = core::State::available,
                    .last_used = call.options.now(),
                    .labels = wanted->labels,
                    .attributes = wanted->attributes,
                    .note = wanted->note};
  service::Service& service = call.service;
  service.create(std::move(*wanted), [call = std::move(call), added = std::move(added)](
                                         core::Result<core::Reply> reply) mutable {
    try {
      if (!reply) return call.respond.fail(reply.error());
      if (const auto* refused = std::get_if<core::Refused>(&*reply)) {
        return call.respond(refusal(*refused, added.stack_name));
      }
      added.fencing_token = std::get<core::Done>(*reply).fencing_token;
      answer_with_added(std::move(call), std::move(added));
    } catch (const std::exception& error) {
      call.respond.fail(error);
    }
  });
}

void change_stack(Call call) {
  auto patch = wire::parse_stack_patch(call.body);
  if (!patch) return call.respond.fail(Code::invalid_request, patch.error());
  std::vector<core::Command> commands;
  if (patch->describe) commands.emplace_back(std::move(*patch->describe));
  if (patch->disabled)
    std::visit([&](auto& command) { commands.emplace_back(std::move(command)); }, *patch->disabled);
  core::StackName name(std::move(call.parameter));
  auto done = answer<service::Changed>(call, [name](const service::Changed& changed) {
    if (const auto* refused = std::get_if<core::Refused>(&changed)) return refusal(*refused, name);
    return json(200, wire::to_text(std::get<core::Stack>(changed)));
  });
  call.service.change(std::move(name), std::move(commands), std::move(done));
}

void remove_stack(Call call) {
  core::StackName name(std::move(call.parameter));
  auto done = answer<core::Reply>(call, [name](const core::Reply& reply) {
    if (const auto* refused = std::get_if<core::Refused>(&reply)) return refusal(*refused, name);
    return json(204, {});
  });
  call.service.apply(std::move(name), core::Remove{}, std::move(done));
}

}  // namespace bddlock::api
