#include "cli/dynamodb_command.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/client_settings.hpp"
#include "cli/store_options.hpp"
#include "cli/values.hpp"

namespace bddlock::cli {

namespace {

Value<DynamoDbOptions::Action> parse_table_action(std::string_view text) {
  if (text == "create") return DynamoDbOptions::Action::create;
  if (text == "check") return DynamoDbOptions::Action::check;
  if (text == "upgrade") return DynamoDbOptions::Action::upgrade;
  if (text == "restored") return DynamoDbOptions::Action::restored;
  return std::unexpected("must be create, check, upgrade or restored");
}

}  // namespace

Command dynamodb_command(std::function<int(const DynamoDbOptions&)> dynamodb) {
  auto options = std::make_shared<DynamoDbOptions>();
  return {.name = "dynamodb",
          .summary = "makes, checks or upgrades the tables of --store dynamodb:TABLE",
          .about =
              "create makes TABLE and TABLE-requests, with on-demand billing, point-in-time "
              "recovery and TTL.\n"
              "check says what is missing or wrong. upgrade adds what a table of the original "
              "lacks. restored is for\n"
              "tables that were restored from a back-up: it raises all fencing tokens by "
              "1,000,000, so that none is\n"
              "granted twice.\n"
              "Credentials and region are found as by AWS's own tools.\n",
          .examples =
              "  bdd-lock dynamodb create bddLockTable\n"
              "  bdd-lock dynamodb check bddLockTable\n",
          .options = {{.name = "ACTION",
                       .help = "create, check, upgrade or restored",
                       .is_argument = true,
                       .required = true,
                       .assign = into(options->action, parse_table_action)},
                      table_option(options->table),
                      {.name = "TABLE",
                       .help = "the name of the table, if not that of BDD_LOCK_TABLE_NAME",
                       .is_argument = true,
                       .assign = into(options->table, parse_table)},
                      {.name = "if-missing",
                       .help = "of create: where the table is there, adds only what it lacks",
                       .assign = into(options->if_missing, parse_switch)},
                      dynamodb_endpoint_option(options->endpoint),
                      config_option()},
          .check = [options]() -> Fault {
            if (options->table.empty()) return "needs TABLE: the name of the table";
            if (options->if_missing && options->action != DynamoDbOptions::Action::create)
              return "--if-missing belongs to create";
            return std::nullopt;
          },
          .run = [options, dynamodb = std::move(dynamodb)] { return dynamodb(*options); }};
}

}  // namespace bddlock::cli
