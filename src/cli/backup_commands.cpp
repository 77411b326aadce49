#include "cli/backup_commands.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/client_settings.hpp"
#include "cli/store_options.hpp"

namespace bddlock::cli {

namespace {

Fault only_sqlite(const StoreChoice& store, std::string_view what) {
  if (store.kind == StoreChoice::Kind::sqlite) return std::nullopt;
  return "only a table in a file can be " + std::string(what) + "; --store must be sqlite:FILE";
}

Option file_argument(std::string name, std::string help, std::string& target) {
  return {.name = std::move(name),
          .help = std::move(help),
          .is_argument = true,
          .required = true,
          .assign = [&target](std::string_view text, Source) -> Fault {
            if (text.empty()) return "is empty; is a variable empty that should not be?";
            if (text == "-") return "must be a file, not - (a file of that name is ./-)";
            target = text;
            return std::nullopt;
          }};
}

}  // namespace

Command backup_command(std::function<int(const BackupOptions&)> backup) {
  auto options = std::make_shared<BackupOptions>();
  return {.name = "backup",
          .summary = "copies the data file, also while it is served",
          .about = "The copy is checked before the command ends. Run it where the data file is.\n",
          .examples =
              "  bdd-lock backup bdd-lock-backup.db\n"
              "  bdd-lock backup \"/backup/stacks-$(date +%F).db\" --store "
              "sqlite:/var/lib/bdd-lock.db\n",
          .options = {file_argument("TARGET", "the copy's file, which must not exist yet",
                                    options->target),
                      store_option(options->store), config_option()},
          .check = [options] { return only_sqlite(options->store, "backed up"); },
          .run = [options, backup = std::move(backup)] { return backup(*options); }};
}

Command restore_command(std::function<int(const RestoreOptions&)> restore) {
  auto options = std::make_shared<RestoreOptions>();
  return {.name = "restore",
          .summary = "puts a back-up in the place of the data file",
          .about =
              "Stop the server first. What stood there is kept beside it. Fencing tokens are "
              "raised by\n"
              "1,000,000, so that none is granted twice.\n",
          .examples = "  bdd-lock restore bdd-lock-backup.db\n",
          .options = {file_argument("SOURCE", "the back-up's file", options->source),
                      store_option(options->store), config_option()},
          .check = [options] { return only_sqlite(options->store, "restored"); },
          .run = [options, restore = std::move(restore)] { return restore(*options); }};
}

}  // namespace bddlock::cli
