#include "aws/service_error.hpp"

#include <boost/json/parse.hpp>
#include <utility>

namespace bddlock::aws {
namespace {

namespace json = boost::json;

// "com.amazonaws.dynamodb.v20120810#ThrottlingException" without its name space, and without an
// address behind a colon, as some services add.
std::string short_type(const std::string& type) {
  const auto begin = type.find('#');
  const std::string rest = begin == std::string::npos ? type : type.substr(begin + 1);
  return rest.substr(0, rest.find(':'));
}

}  // namespace

std::string text_member(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

ServiceAnswer read_service_answer(std::string_view service, unsigned status,
                                  std::string_view body) {
  boost::system::error_code no_json;
  json::value document = json::parse(body, no_json);
  ServiceAnswer answer;
  if (document.is_object()) answer.body = std::move(document.get_object());
  answer.type = short_type(text_member(answer.body, "__type"));
  std::string message = text_member(answer.body, "message");
  if (message.empty()) message = text_member(answer.body, "Message");
  answer.sentence = std::string(service) + " answers " + std::to_string(status) +
                    (answer.type.empty() ? "" : " " + answer.type) +
                    (message.empty() ? "" : ": " + message);
  return answer;
}

FailedTry failure_by_status(unsigned status, Error error, Trouble otherwise) {
  const bool is_ours = status >= 400 && status < 500 && status != 408 && status != 429;
  error.trouble = is_ours ? Trouble::invalid : otherwise;
  return {std::move(error), is_ours ? Next::give_up : Next::try_again};
}

}  // namespace bddlock::aws
