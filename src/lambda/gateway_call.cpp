// Called by event.cpp.
#include "lambda/gateway_call.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/responses.hpp"
#include "lambda/base64.hpp"
#include "lambda/target.hpp"

namespace bddlock::lambda {
namespace {

namespace json = boost::json;

api::Method method_named(std::string_view name) {
  using api::Method;
  constexpr std::pair<std::string_view, Method> known[] = {
      {"GET", Method::get},     {"POST", Method::post},  {"PUT", Method::put},
      {"PATCH", Method::patch}, {"DELETE", Method::del}, {"HEAD", Method::head}};
  for (const auto& [text, method] : known)
    if (name == text) return method;
  return Method::other;
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// The texts of a member that is one, or a list of them.
std::vector<std::string> texts_of(const json::value& value) {
  std::vector<std::string> texts;
  if (value.is_string()) texts.emplace_back(value.get_string());
  if (value.is_array())
    for (const json::value& each : value.get_array())
      if (each.is_string()) texts.emplace_back(each.get_string());
  return texts;
}

// Of several values of a header or parameter the one list has all, the other the last. Where there
// are none a gateway sends null for either; others send an empty list beside a filled one.
const Json* richer_of(const Json& event, std::string_view all, std::string_view last) {
  const Json* found = object_in(event, all);
  return found != nullptr && !found->empty() ? found : object_in(event, last);
}

std::vector<std::string> header_values(const Json* headers, std::string_view name) {
  std::vector<std::string> values;
  if (headers == nullptr) return values;
  for (const auto& [key, value] : *headers)
    if (same_name(key, name))
      for (std::string& each : texts_of(value)) values.push_back(std::move(each));
  return values;
}

// The parameters of format 1.0 are decoded.
std::string query_of(const Json* parameters) {
  std::string query;
  if (parameters == nullptr) return query;
  for (const auto& [name, value] : *parameters)
    for (const std::string& text : texts_of(value))
      query += (query.empty() ? "" : "&") + query_word(name) + "=" + query_word(text);
  return query;
}

std::string with_query(std::string path, const std::string& query) {
  return query.empty() ? path : std::move(path) + "?" + query;
}

std::expected<std::string, api::Response> body_of(const Json& event, std::size_t bytes_max) {
  std::string body = text_in(event, "body").value_or("");
  if (is_true_in(event, "isBase64Encoded")) {
    auto bytes = parse_base64(body);
    if (!bytes)
      return std::unexpected(api::problem(api::Code::invalid_request,
                                          "the gateway says that the body is Base64; it is not"));
    body = std::move(*bytes);
  }
  if (body.size() > bytes_max)
    return std::unexpected(api::problem(api::Code::body_too_large,
                                        "the body is larger than " + std::to_string(bytes_max) +
                                            " bytes, the most that this function takes"));
  return body;
}

void read_request(GatewayCall& call, const Json& event, const Json* headers,
                  std::size_t body_bytes_max) {
  auto tokens = header_values(headers, "Authorization");
  if (tokens.size() > 1) {
    call.request = std::unexpected(api::problem(
        api::Code::invalid_request, "the header Authorization stands there more than once"));
    return;
  }
  auto body = body_of(event, body_bytes_max);
  if (!body) {
    call.request = std::unexpected(std::move(body.error()));
    return;
  }
  api::Request request{method_named(call.method), call.target, std::nullopt, std::move(*body)};
  if (!tokens.empty()) request.authorization = std::move(tokens.front());
  call.request = std::move(request);
}

// REST APIs say no version; HTTP APIs that speak 1.0 do, and hand over paths decoded.
PathForm v1_path_form(const Json& event) {
  return text_in(event, "version") ? PathForm::decoded : PathForm::as_sent;
}

PathForm v2_path_form(const Json& context) {
  const bool is_function_url =
      text_in(context, "domainName").value_or("").find(".lambda-url.") != std::string::npos;
  return is_function_url ? PathForm::as_sent : PathForm::decoded;
}

const Json none;

const Json& member_of(const Json& in, std::string_view key) {
  const Json* found = object_in(in, key);
  return found == nullptr ? none : *found;
}

}  // namespace

bool is_v1_call(const Json& event) {
  return text_in(event, "httpMethod") && text_in(event, "path") &&
         object_in(event, "requestContext") != nullptr &&
         object_in(member_of(event, "requestContext"), "elb") == nullptr;
}

bool is_v2_call(const Json& event) {
  return text_in(event, "version") == "2.0" && text_in(event, "rawPath") &&
         text_in(member_of(member_of(event, "requestContext"), "http"), "method").has_value();
}

GatewayCall read_v1_call(const Json& event, std::size_t body_bytes_max) {
  GatewayCall call{
      .format = PayloadFormat::v1,
      .method = text_in(event, "httpMethod").value_or(""),
      .peer = text_in(member_of(member_of(event, "requestContext"), "identity"), "sourceIp")
                  .value_or(""),
      .target = {},
      .request = api::Request{}};
  call.target = with_query(
      target_path(text_in(event, "path").value_or(""), v1_path_form(event)),
      query_of(richer_of(event, "multiValueQueryStringParameters", "queryStringParameters")));
  read_request(call, event, richer_of(event, "multiValueHeaders", "headers"), body_bytes_max);
  return call;
}

GatewayCall read_v2_call(const Json& event, std::size_t body_bytes_max) {
  const Json& context = member_of(event, "requestContext");
  const Json& http = member_of(context, "http");
  GatewayCall call{.format = PayloadFormat::v2,
                   .method = text_in(http, "method").value_or(""),
                   .peer = text_in(http, "sourceIp").value_or(""),
                   .target = {},
                   .request = api::Request{}};
  call.target =
      with_query(target_path(text_in(event, "rawPath").value_or(""), v2_path_form(context)),
                 text_in(event, "rawQueryString").value_or(""));
  read_request(call, event, object_in(event, "headers"), body_bytes_max);
  return call;
}

}  // namespace bddlock::lambda
