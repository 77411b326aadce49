// Called by handler.cpp.
#include "lambda/gateway_answer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/responses.hpp"
#include "core/name.hpp"
#include "lambda/base64.hpp"

namespace bddlock::lambda {
namespace {

namespace json = boost::json;

bool has_body(const api::Response& response) {
  return response.status != 204 && response.status != 304;
}

json::object headers_of(const api::Response& response) {
  json::object headers;
  if (has_body(response) && response.content_type != nullptr)
    headers.emplace("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) headers.emplace(name, value);
  return headers;
}

std::string document_of(const api::Response& response, bool to_head) {
  const bool is_text = core::is_utf8(response.body);
  json::object answer{{"statusCode", response.status}, {"headers", headers_of(response)}};
  const bool empty = to_head || !has_body(response);
  answer.emplace("isBase64Encoded", !empty && !is_text);
  if (empty)
    answer.emplace("body", "");
  else
    answer.emplace("body", is_text ? response.body : to_base64(response.body));
  return json::serialize(answer);
}

}  // namespace

std::string gateway_answer(const api::Response& response, bool to_head) {
  std::string document = document_of(response, to_head);
  if (document.size() <= answer_bytes_max) return document;
  return document_of(
      api::problem(api::Code::not_on_lambda,
                   "the answer is larger than the 6 MB that AWS Lambda lets through; ask for a "
                   "part of it, or ask a server (bdd-lock serve) on the same table"),
      to_head);
}

}  // namespace bddlock::lambda
