#include "app/token_parameter.hpp"

#include <memory>

#include "api/auth.hpp"
#include "app/aws_process.hpp"
#include "aws/place.hpp"

namespace bddlock::app {

TokenParameter::TokenParameter(std::string name, std::chrono::seconds age,
                               ReadParameter read_parameter)
    : name_(std::move(name)), age_(age), read_parameter_(std::move(read_parameter)) {}

TokensRead TokenParameter::ask(aws::Instant now, const std::function<bool()>& should_stop) {
  const auto wrong = [this](const std::string& what) {
    return std::unexpected("the tokens' parameter " + name_ + " of AWS " + what);
  };
  asked_at_ = now;
  auto parameter = read_parameter_(name_, should_stop);
  if (!parameter) return wrong("cannot be read: " + parameter.error().detail);
  if (parameter->type == "StringList")
    return wrong(
        "is a StringList; make it a SecureString with one or more tokens, separated by "
        "white space");
  auto tokens = api::parse_tokens(parameter->value);
  if (!tokens) return wrong("holds no good tokens: " + tokens.error());
  type_ = std::move(parameter->type);
  return tokens;
}

TokensRead TokenParameter::read(aws::Instant now) {
  auto tokens = ask(now, {});
  if (tokens) tokens_ = *tokens;
  return tokens;
}

std::optional<TokensRead> TokenParameter::look(aws::Instant now,
                                               const std::function<bool()>& should_stop) {
  auto tokens = ask(now, should_stop);
  if (!tokens) return tokens;
  if (*tokens == tokens_) return std::nullopt;
  tokens_ = *tokens;
  return tokens;
}

std::optional<TokensRead> TokenParameter::changed(aws::Instant now,
                                                  const std::function<bool()>& should_stop) {
  if (asked_at_ && now >= *asked_at_ && now < *asked_at_ + age_) return std::nullopt;
  return look(now, should_stop);
}

std::optional<std::string> TokenParameter::warning() const {
  if (type_ == "SecureString") return std::nullopt;
  return "the tokens' parameter " + name_ + " of AWS is a " + type_ +
         ", which is kept in the clear; make it a SecureString";
}

std::expected<TokenParameter, std::string> open_token_parameter(
    const std::string& name, std::chrono::seconds age,
    std::function<std::chrono::milliseconds()> time_left) {
  aws::Surroundings surroundings = aws_surroundings();
  auto region = aws::find_region(surroundings);
  if (!region) return std::unexpected(region.error());
  auto endpoint = aws::find_endpoint(surroundings, "ssm", *region);
  if (!endpoint) return std::unexpected(endpoint.error());
  aws::ServicePlace place{std::move(*endpoint), std::move(*region), surroundings.net};
  aws::Tools tools = aws_tools();
  tools.time_left = std::move(time_left);
  auto ssm = std::make_shared<aws::Ssm>(
      std::move(place), std::make_shared<aws::CredentialChain>(std::move(surroundings)),
      std::move(tools));
  return TokenParameter(name, age,
                        [ssm](const std::string& which, const std::function<bool()>& should_stop) {
                          return ssm->get_parameter(which, should_stop);
                        });
}

}  // namespace bddlock::app
