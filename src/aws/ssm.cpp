#include "aws/ssm.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "aws/signed_post.hpp"
#include "aws/ssm_error.hpp"

namespace bddlock::aws {
namespace {

const boost::json::value* member(const boost::json::value* of, std::string_view key) {
  return of != nullptr && of->is_object() ? of->get_object().if_contains(key) : nullptr;
}

std::optional<Parameter> read_parameter(const std::string& body) {
  boost::system::error_code no_json;
  const boost::json::value document = boost::json::parse(body, no_json);
  if (no_json) return std::nullopt;
  const auto* parameter = member(&document, "Parameter");
  const auto* value = member(parameter, "Value");
  const auto* type = member(parameter, "Type");
  if (value == nullptr || !value->is_string() || type == nullptr || !type->is_string())
    return std::nullopt;
  return Parameter{std::string(value->get_string()), std::string(type->get_string())};
}

FailedTry ssm_not_reached(const net::NetError& error) {
  return {{.trouble = Trouble::unavailable, .detail = "SSM cannot be reached: " + error.detail},
          error.permanent ? Next::give_up : Next::try_again};
}

}  // namespace

struct Ssm::Try {
  std::optional<Parameter> parameter = {};
  FailedTry failed = {};
  std::optional<Credentials> credentials = {};
};

Ssm::Ssm(ServicePlace place, std::shared_ptr<CredentialChain> credentials, Tools tools,
         RetryBudget budget)
    : place_(std::move(place)),
      credentials_(std::move(credentials)),
      tools_(std::move(tools)),
      budget_(budget) {}

std::chrono::milliseconds Ssm::time_left(Instant begun) const {
  const auto of_budget =
      std::chrono::ceil<std::chrono::milliseconds>(begun + budget_.time_limit - tools_.now());
  return tools_.time_left ? std::min(of_budget, tools_.time_left()) : of_budget;
}

Ssm::Try Ssm::once(net::Client& connection, const std::string& body, Instant begun,
                   const std::function<bool()>& should_stop) {
  const Instant now = tools_.now();
  auto credentials = credentials_->get(now);
  if (!credentials)
    return {.failed = {{.trouble = Trouble::denied, .detail = std::move(credentials.error())}}};
  auto request = signed_post({.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                                          {"X-Amz-Target", "AmazonSSM.GetParameter"}},
                              .body = body},
                             place_.endpoint, {place_.region, "ssm"}, *credentials, now);
  request.time_limit = std::min(budget_.try_time_limit, time_left(begun));
  request.should_stop = should_stop;
  const auto answer = connection.call(request);
  if (!answer) return {.failed = ssm_not_reached(answer.error())};
  if (answer->status != 200)
    return {.failed = read_ssm_failure(answer->status, answer->body),
            .credentials = std::move(*credentials)};
  auto parameter = read_parameter(answer->body);
  if (!parameter)
    return {.failed = {{.trouble = Trouble::unavailable,
                        .detail = "what answers at the SSM endpoint is not SSM"}}};
  return {.parameter = std::move(parameter)};
}

Result<Parameter> Ssm::get_parameter(const std::string& name,
                                     const std::function<bool()>& should_stop) {
  const std::string body =
      boost::json::serialize(boost::json::object{{"Name", name}, {"WithDecryption", true}});
  // Read so seldom that a connection kept since the last time would be dead.
  net::Client connection(place_.endpoint, place_.net);
  const Instant begun = tools_.now();
  bool renewed = false;
  for (int tried = 1;; ++tried) {
    Try done = once(connection, body, begun, should_stop);
    if (done.parameter) return std::move(*done.parameter);
    if (done.failed.next == Next::new_credentials && !std::exchange(renewed, true)) {
      credentials_->expired(*done.credentials);
      continue;
    }
    const bool stop = done.failed.next != Next::try_again || tried >= budget_.tries ||
                      (should_stop && should_stop());
    const auto wait = wait_before(budget_, tried, tools_.random());
    if (stop || wait >= time_left(begun)) return std::unexpected(std::move(done.failed.error));
    tools_.sleep(wait);
  }
}

}  // namespace bddlock::aws
