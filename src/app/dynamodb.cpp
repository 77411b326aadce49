#include "app/dynamodb.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "app/aws_process.hpp"
#include "app/random.hpp"
#include "aws/place.hpp"
#include "cli/exit_code.hpp"
#include "stores/dynamodb/dynamodb_admin.hpp"
#include "stores/dynamodb/token_raise.hpp"

namespace bddlock::app {
namespace {

using cli::ExitCode;
using Action = cli::DynamoDbOptions::Action;

std::expected<std::shared_ptr<aws::DynamoDb>, std::string> client_at(const std::string& endpoint,
                                                                     aws::Tools tools) {
  aws::Surroundings surroundings = aws_surroundings();
  auto region = aws::find_region(surroundings);
  if (!region) return std::unexpected(region.error());
  auto at = aws::find_endpoint(surroundings, "dynamodb", *region, endpoint);
  if (!at) return std::unexpected(at.error());
  aws::ServicePlace place{std::move(*at), std::move(*region), surroundings.net};
  return std::make_shared<aws::DynamoDb>(
      std::move(place), std::make_shared<aws::CredentialChain>(std::move(surroundings)),
      std::move(tools));
}

int complained(ExitCode code, const std::string& sentence) {
  std::fprintf(stderr, "bdd-lock dynamodb: %s.\n", sentence.c_str());
  return static_cast<int>(code);
}

int told(const stores::DynamoDbAdmin::Steps& steps) {
  if (!steps) return complained(ExitCode::unavailable, steps.error());
  for (const std::string& step : *steps) std::printf("%s\n", step.c_str());
  if (steps->empty()) std::printf("nothing to do\n");
  return static_cast<int>(ExitCode::ok);
}

int told(const std::expected<stores::DynamoDbCheck, std::string>& check) {
  if (!check) return complained(ExitCode::unavailable, check.error());
  for (const std::string& fault : check->faults) std::printf("wrong: %s\n", fault.c_str());
  for (const std::string& warning : check->warnings) std::printf("note: %s\n", warning.c_str());
  if (check->faults.empty() && check->warnings.empty()) std::printf("all is as it must be\n");
  return static_cast<int>(check->faults.empty() ? ExitCode::ok : ExitCode::refused);
}

stores::DynamoDbAdmin::Steps make_tables(stores::DynamoDbAdmin& admin, bool if_missing) {
  if (!if_missing) return admin.create();
  const auto check = admin.check();
  if (!check) return std::unexpected(check.error());
  return check->has_table ? admin.upgrade() : admin.create();
}

int told(const std::expected<stores::RaisedTokens, std::string>& raised) {
  if (!raised) return complained(ExitCode::unavailable, raised.error());
  std::printf("raised the fencing tokens of %lld stacks and %lld deleted names by %lld\n",
              static_cast<long long>(raised->stacks), static_cast<long long>(raised->deleted_names),
              static_cast<long long>(stores::dynamodb_token_raise));
  return static_cast<int>(ExitCode::ok);
}

std::string all_of(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += (text.empty() ? "" : "; ") + sentence;
  return text;
}

}  // namespace

std::expected<OpenedDynamoDb, std::string> open_dynamodb(const std::string& table,
                                                         const std::string& endpoint,
                                                         const ServerShape& shape) {
  auto client = client_at(endpoint, aws_tools());
  if (!client) return std::unexpected(client.error());
  auto check = stores::DynamoDbAdmin(*client, table, sleep_for).check();
  if (!check) return std::unexpected(check.error());
  if (!check->faults.empty()) return std::unexpected(all_of(check->faults));
  return OpenedDynamoDb{
      stores::make_dynamodb_table(std::move(*client), {.table = table,
                                                       .has_repo_index = check->has_repo_index,
                                                       .random = random_number,
                                                       .server = std::to_string(random_number()),
                                                       .clock_skew = shape.clock_skew,
                                                       .stores = shape.stores,
                                                       .sleep = sleep_for}),
      std::move(check->warnings)};
}

std::expected<stores::DynamoDbTable, std::string> dynamodb_unchecked(
    const std::string& table, const std::string& endpoint, std::chrono::seconds clock_skew,
    std::function<std::chrono::milliseconds()> time_left) {
  aws::Tools tools = aws_tools();
  tools.time_left = std::move(time_left);
  auto client = client_at(endpoint, std::move(tools));
  if (!client) return std::unexpected(client.error());
  return stores::make_dynamodb_table(std::move(*client), {.table = table,
                                                          .random = random_number,
                                                          .server = std::to_string(random_number()),
                                                          .clock_skew = clock_skew,
                                                          .sleep = sleep_for});
}

int dynamodb(const cli::DynamoDbOptions& options) {
  auto client = client_at(options.endpoint, aws_tools());
  if (!client) return complained(ExitCode::usage, client.error());
  if (options.action == Action::restored)
    return told(stores::raise_fencing_tokens(std::move(*client), options.table));
  stores::DynamoDbAdmin admin(std::move(*client), options.table, sleep_for);
  if (options.action == Action::create) return told(make_tables(admin, options.if_missing));
  if (options.action == Action::upgrade) return told(admin.upgrade());
  auto check = admin.check();
  if (check && check->faults.empty()) {
    auto odd = admin.odd_stacks();
    if (!odd) return complained(ExitCode::unavailable, odd.error());
    std::ranges::move(*odd, std::back_inserter(check->warnings));
  }
  return told(check);
}

}  // namespace bddlock::app
