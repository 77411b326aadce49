// What admins do to a stack in use in the API v1: they name the claim by its fencing token, so that
// nobody ends one that began since they looked. Called by api.cpp, calls the service.
#include "api/handlers.hpp"
#include "wire/stack_bodies.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::api {
namespace {

template <class Command>
void change_as_admin(Call call, wire::Parsed<Command> (*parse)(std::string_view)) {
  const auto command = parse(call.body);
  if (!command) return call.respond.fail(Code::invalid_request, command.error());
  core::StackName name(std::move(call.parameter));
  auto done = answer<service::Changed>(call, [name](const service::Changed& changed) {
    if (const auto* refused = std::get_if<core::Refused>(&changed)) return refusal(*refused, name);
    return json(200, wire::to_text(std::get<core::Stack>(changed)));
  });
  call.service.change(std::move(name), {core::Command{*command}}, std::move(done));
}

}  // namespace

void release_as_admin(Call call) { change_as_admin(std::move(call), wire::parse_admin_release); }

void extend_as_admin(Call call) { change_as_admin(std::move(call), wire::parse_admin_extend); }

void hold_as_admin(Call call) { change_as_admin(std::move(call), wire::parse_admin_hold); }

}  // namespace bddlock::api
