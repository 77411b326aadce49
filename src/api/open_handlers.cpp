// What is answered without a token.
#include <boost/json/serialize.hpp>

#include "api/handlers.hpp"
#include "api/openapi.hpp"

namespace bddlock::api {

void healthz(Call call) {
  call.respond(json(200, boost::json::serialize(
                             boost::json::object{{"status", "ok"}, {"version", BDDLOCK_VERSION}})));
}

void readyz(Call call) {
  call.service.probe(answer<void>(call, [] { return json(200, R"({"status":"ok"})"); }));
}

void openapi(Call call) { call.respond(json(200, std::string(openapi_document))); }

}  // namespace bddlock::api
