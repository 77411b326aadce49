// Called by loop.cpp and app.
#include "lambda/runtime_api.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

namespace bddlock::lambda {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view version = "/2018-06-01";
// No time limit is meant: a sandbox is frozen between two invocations, and lives for some hours.
constexpr std::chrono::hours next_time_limit{24 * 7};
constexpr milliseconds post_time_limit{10'000};
constexpr int tries_max = 6;  // with 50 + 100 + … + 800 ms between them
constexpr milliseconds first_wait{50};

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string error_document(const FunctionError& error) {
  return boost::json::serialize(boost::json::object{{"errorType", error.type},
                                                    {"errorMessage", error.message},
                                                    {"stackTrace", boost::json::array{}}});
}

RuntimeTrouble unexpected_answer(const net::ClientResponse& response, std::string_view to) {
  return {"the Runtime API answers " + std::to_string(response.status) + " to " + std::string(to) +
              (response.body.empty() ? "" : ": " + response.body.substr(0, 300)),
          response.status >= 500};
}

}  // namespace

RuntimeApi::RuntimeApi(net::Endpoint endpoint, Sleep sleep)
    : client_(std::move(endpoint)), sleep_(std::move(sleep)) {}

RuntimeApi::Result<net::ClientResponse> RuntimeApi::call(const net::ClientRequest& request) {
  milliseconds wait = first_wait;
  for (int tried = 1;; ++tried) {
    auto answer = client_.call(request);
    if (answer) return std::move(*answer);
    if (tried == tries_max || answer.error().permanent)
      return std::unexpected(RuntimeTrouble{"the Runtime API: " + answer.error().detail});
    sleep_(wait);
    wait *= 2;
  }
}

RuntimeApi::Result<Invocation> RuntimeApi::next() {
  auto response = call({.method = "GET",
                        .target = std::string(version) + "/runtime/invocation/next",
                        .time_limit = next_time_limit});
  if (!response) return std::unexpected(std::move(response.error()));
  std::string id = response->header("Lambda-Runtime-Aws-Request-Id");
  if (response->status != 200 || id.empty()) {
    auto trouble = unexpected_answer(*response, "the question for the next invocation");
    trouble.is_fatal = true;  // there is nothing else to do
    return std::unexpected(std::move(trouble));
  }
  return Invocation{.request_id = std::move(id),
                    .trace_id = response->header("Lambda-Runtime-Trace-Id"),
                    .deadline_ms = number_of(response->header("Lambda-Runtime-Deadline-Ms")),
                    .payload = std::move(response->body)};
}

RuntimeApi::Result<void> RuntimeApi::post(std::string target, std::string body,
                                          std::string_view error_type) {
  net::ClientRequest request{.method = "POST",
                             .target = std::string(version) + std::move(target),
                             .headers = {{"Content-Type", "application/json"}},
                             .body = std::move(body),
                             .time_limit = post_time_limit};
  if (!error_type.empty())
    request.headers.emplace_back("Lambda-Runtime-Function-Error-Type", error_type);
  const auto response = call(request);
  if (!response) return std::unexpected(response.error());
  if (response->status == 202) return {};
  return std::unexpected(unexpected_answer(*response, "an answer"));
}

RuntimeApi::Result<void> RuntimeApi::answer(const std::string& request_id, std::string document) {
  return post("/runtime/invocation/" + request_id + "/response", std::move(document), "");
}

RuntimeApi::Result<void> RuntimeApi::fail(const std::string& request_id,
                                          const FunctionError& error) {
  return post("/runtime/invocation/" + request_id + "/error", error_document(error), error.type);
}

RuntimeApi::Result<void> RuntimeApi::fail_start(const FunctionError& error) {
  return post("/runtime/init/error", error_document(error), error.type);
}

}  // namespace bddlock::lambda
