// The seed's API. Called by api.cpp, calls the service; the bodies are wire/seed_documents.hpp's.
#include "api/handlers.hpp"
#include "wire/seed_documents.hpp"

namespace bddlock::api {
namespace {

// A refusal with the original's body; the log gets the code that the body does not tell.
Response refused_as(std::string_view body, core::Refusal why) {
  Response response = json(400, std::string(body));
  response.code = to_text(code_of(why));
  return response;
}

Response reply_with(const core::Reply& reply, std::string_view done_body,
                    std::string_view refused_body) {
  if (const auto* refused = std::get_if<core::Refused>(&reply)) {
    return refused_as(refused_body, refused->why);
  }
  return json(200, std::string(done_body));
}

// Clients try the stacks in the order given: a random one keeps them from all fighting for the
// first.
void shuffle(std::vector<core::StackName>& names, const ApiOptions& options) {
  for (std::size_t left = names.size(); left > 1; --left) {
    std::swap(names[left - 1], names[options.random() % left]);
  }
}

}  // namespace

void create_stack(Call call) {
  auto wanted = wire::parse_create_stack(call.body);
  if (!wanted) return call.respond.fail(Code::invalid_request, wanted.error());
  call.service.create(std::move(*wanted), answer<core::Reply>(call, [](const core::Reply& reply) {
                        return reply_with(reply, wire::seed_created, wire::seed_exists);
                      }));
}

void get_available(Call call) {
  core::RepoName repo(std::move(call.parameter));
  auto done = answer<std::vector<core::StackName>>(
      call, [repo, &options = call.options](std::vector<core::StackName> names) {
        shuffle(names, options);
        return json(200, wire::available_stacks(repo, names));
      });
  call.service.available(std::move(repo), std::move(done));
}

void claim_stack(Call call) {
  call.service.apply(core::StackName(std::move(call.parameter)), core::SeedClaim{},
                     answer<core::Reply>(call, [](const core::Reply& reply) {
                       return reply_with(reply, wire::seed_claimed, wire::seed_cancelled);
                     }));
}

void release_stack(Call call) {
  call.service.apply(core::StackName(std::move(call.parameter)), core::SeedRelease{},
                     answer<core::Reply>(call, [](const core::Reply& reply) {
                       return reply_with(reply, wire::seed_released, wire::seed_cancelled);
                     }));
}

}  // namespace bddlock::api
