#include "wire/seed_documents.hpp"

#include <boost/json/array.hpp>

#include "wire/python_json.hpp"

namespace bddlock::wire {

std::string seed_error(std::string_view sentence) {
  std::string out = R"({"error": )";
  append_python_string(out, sentence);
  return out += '}';
}

Parsed<core::NewStack> parse_create_stack(std::string_view body) {
  const auto object = parse_object(body);
  if (!object) return std::unexpected("the body " + object.error());
  ObjectReader reader(*object);
  core::NewStack wanted{core::StackName(reader.required_name("stackName")),
                        core::RepoName(reader.required_name("repoName")),
                        reader.required_bool("isAvailable")};
  const auto fault = reader.fault();
  if (!fault) return wanted;
  if (!reader.some_missing()) return std::unexpected(*fault);
  return std::unexpected(
      *fault + "; needed are stackName and repoName, strings, and isAvailable, true or false");
}

std::string create_stack_body(const core::NewStack& wanted) {
  std::string out = R"({"stackName": )";
  append_python_string(out, wanted.stack_name.text());
  out += R"(, "repoName": )";
  append_python_string(out, wanted.repo_name.text());
  out += wanted.available ? R"(, "isAvailable": true})" : R"(, "isAvailable": false})";
  return out;
}

std::string available_stacks(const core::RepoName& repo, std::span<const core::StackName> names) {
  std::string rest_of_entry = R"(, "isAvailable": "x", "repoName": )";
  append_python_string(rest_of_entry, repo.text());
  rest_of_entry += '}';
  std::string out = R"({"info": "Successfully queried", "results": [)";
  for (const core::StackName& name : names) {
    if (&name != names.data()) out += ", ";
    out += R"({"stackName": )";
    append_python_string(out, name.text());
    out += rest_of_entry;
  }
  return out += "]}";
}

Parsed<std::vector<core::StackName>> parse_available_stacks(std::string_view body) {
  const auto object = parse_object(body);
  if (!object) return std::unexpected(object.error());
  const boost::json::value* results = object->if_contains("results");
  if (results == nullptr || !results->is_array()) return std::unexpected("has no list of results");
  std::vector<core::StackName> names;
  for (const auto& entry : results->get_array()) {
    if (!entry.is_object()) return std::unexpected("has a result that is no object");
    ObjectReader reader(entry.get_object());
    names.emplace_back(reader.required_string("stackName"));
    if (const auto fault = reader.fault()) return std::unexpected("has a result where " + *fault);
  }
  return names;
}

}  // namespace bddlock::wire
