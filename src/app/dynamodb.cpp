#include "app/dynamodb.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>

#include "app/random.hpp"
#include "aws/place.hpp"
#include "cli/exit_code.hpp"
#include "stores/dynamodb/dynamodb_admin.hpp"

namespace bddlock::app {
namespace {

using cli::ExitCode;
using Action = cli::DynamoDbOptions::Action;

std::optional<std::string> variable_of_process(const std::string& name) {
  const char* text = std::getenv(name.c_str());
  if (text == nullptr) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void sleep_for(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

aws::Instant wall_clock() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::expected<std::shared_ptr<aws::DynamoDb>, std::string> client_at(const std::string& endpoint) {
  aws::Surroundings surroundings{.variable = variable_of_process,
                                 .read_file = text_of_file,
                                 .net = net::surroundings_from(variable_of_process)};
  auto region = aws::find_region(surroundings);
  if (!region) return std::unexpected(region.error());
  auto at = aws::find_endpoint(surroundings, "dynamodb", *region, endpoint);
  if (!at) return std::unexpected(at.error());
  aws::DynamoDbPlace place{std::move(*at), std::move(*region), surroundings.net};
  return std::make_shared<aws::DynamoDb>(
      std::move(place), std::make_shared<aws::CredentialChain>(std::move(surroundings)),
      aws::Tools{.now = wall_clock, .random = random_number, .sleep = sleep_for});
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

std::string all_of(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += (text.empty() ? "" : "; ") + sentence;
  return text;
}

}  // namespace

std::expected<OpenedDynamoDb, std::string> open_dynamodb(const std::string& table,
                                                         const std::string& endpoint,
                                                         const ServerShape& shape) {
  auto client = client_at(endpoint);
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

int dynamodb(const cli::DynamoDbOptions& options) {
  auto client = client_at(options.endpoint);
  if (!client) return complained(ExitCode::usage, client.error());
  stores::DynamoDbAdmin admin(std::move(*client), options.table, sleep_for);
  if (options.action == Action::create) return told(admin.create());
  if (options.action == Action::upgrade) return told(admin.upgrade());
  if (options.action == Action::restored) return told(admin.restored());
  return told(admin.check());
}

}  // namespace bddlock::app
