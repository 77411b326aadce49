#include "api/openapi.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <map>
#include <set>

#include "api/routes.hpp"

namespace bddlock::api {
namespace {

namespace json = boost::json;

// "GET /v1/stacks" and what the document, or the table, says of it.
struct Operation {
  std::string summary;
  std::set<std::string> query;
  bool needs_auth = true;
  friend bool operator==(const Operation&, const Operation&) = default;
};
using Operations = std::map<std::string, Operation>;

const json::value& document() {
  static const json::value parsed = json::parse(openapi_document);
  return parsed;
}

const json::value& resolved(const json::value& part) {
  const json::value* reference = part.as_object().if_contains("$ref");
  if (reference == nullptr) return part;
  return document().at_pointer(std::string_view(reference->as_string()).substr(1));
}

std::set<std::string> query_parameters(const json::object& operation) {
  std::set<std::string> out;
  const json::value* parameters = operation.if_contains("parameters");
  if (parameters == nullptr) return out;
  for (const auto& part : parameters->as_array()) {
    const auto& parameter = resolved(part).as_object();
    if (parameter.at("in") == "query") out.emplace(parameter.at("name").as_string());
  }
  return out;
}

Operations documented() {
  Operations out;
  for (const auto& [path, methods] : document().at("paths").as_object()) {
    for (const auto& [method, part] : methods.as_object()) {
      std::string upper(method);
      std::ranges::transform(upper, upper.begin(),
                             [](char c) { return static_cast<char>(c - 32); });
      const auto& operation = part.as_object();
      out[upper + " " + std::string(path)] = {std::string(operation.at("summary").as_string()),
                                              query_parameters(operation),
                                              !operation.contains("security")};
    }
  }
  return out;
}

Operations routed() {
  Operations out;
  for (const Route& route : all_routes()) {
    out[std::string(to_text(route.method)) + " " + std::string(route.pattern)] = {
        std::string(route.summary), {route.query.begin(), route.query.end()}, route.needs_auth};
  }
  return out;
}

void expect_references_resolve(const json::value& part) {
  if (const json::array* array = part.if_array()) {
    for (const auto& element : *array) expect_references_resolve(element);
  }
  const json::object* object = part.if_object();
  if (object == nullptr) return;
  if (const json::value* reference = object->if_contains("$ref")) {
    json::error_code error;
    const std::string_view pointer = reference->as_string();
    EXPECT_TRUE(document().find_pointer(pointer.substr(1), error)) << pointer;
  }
  for (const auto& [key, value] : *object) expect_references_resolve(value);
}

TEST(OpenApi, HasTheRoutesOfTheTableAndNoOthers) {
  const Operations in_document = documented();
  const Operations in_table = routed();
  EXPECT_EQ(in_table.size(), all_routes().size());
  for (const auto& [name, operation] : in_table) {
    ASSERT_TRUE(in_document.contains(name)) << name;
    EXPECT_EQ(in_document.at(name).summary, operation.summary) << name;
    EXPECT_EQ(in_document.at(name).query, operation.query) << name;
    EXPECT_EQ(in_document.at(name).needs_auth, operation.needs_auth) << name;
  }
  EXPECT_EQ(in_document.size(), in_table.size());
}

TEST(OpenApi, HasNoReferenceToNowhere) { expect_references_resolve(document()); }

TEST(OpenApi, IsOfThisVersion) {
  EXPECT_EQ(document().at("openapi"), "3.1.0");
  EXPECT_EQ(document().at_pointer("/info/version"), BDDLOCK_VERSION);
}

}  // namespace
}  // namespace bddlock::api
