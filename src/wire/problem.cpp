#include "wire/problem.hpp"

#include <boost/json/serialize.hpp>

namespace bddlock::wire {
namespace {

namespace json = boost::json;

std::string take_string(json::object& object, std::string_view key) {
  std::string out;
  if (const json::value* value = object.if_contains(key); value != nullptr && value->is_string()) {
    out = std::string(value->get_string());
  }
  object.erase(key);
  return out;
}

}  // namespace

std::string to_text(const Problem& problem) {
  json::object out{{"type", "about:blank"},
                   {"title", problem.title},
                   {"status", problem.status},
                   {"code", problem.code},
                   {"detail", problem.detail}};
  for (const auto& fact : problem.facts) out.insert(fact);
  return json::serialize(out);
}

Parsed<Problem> parse_problem(std::string_view text) {
  auto object = parse_object(text);
  if (!object) return std::unexpected(object.error());
  ObjectReader reader(*object);
  Problem problem;
  problem.status = static_cast<unsigned>(reader.required_count("status"));
  if (const auto fault = reader.fault()) return std::unexpected(*fault);
  object->erase("status");
  object->erase("type");
  problem.title = take_string(*object, "title");
  problem.code = take_string(*object, "code");
  problem.detail = take_string(*object, "detail");
  problem.facts = std::move(*object);
  return problem;
}

std::string sentence_in(std::string_view error_body) {
  auto object = parse_object(error_body);
  if (!object) return {};
  for (const std::string_view key : {"detail", "error", "message", "Message"}) {
    if (std::string sentence = take_string(*object, key); !sentence.empty()) return sentence;
  }
  return {};
}

}  // namespace bddlock::wire
