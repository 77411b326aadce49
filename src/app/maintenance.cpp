#include "app/maintenance.hpp"

#include <cstdio>

#include "cli/exit_code.hpp"
#include "stores/sqlite/sqlite_store.hpp"

namespace bddlock::app {

namespace {

int ended(cli::ExitCode code, const std::string& sentence) {
  std::fprintf(stderr, "%s.\n", sentence.c_str());
  return static_cast<int>(code);
}

}  // namespace

int backup(const cli::BackupOptions& options) {
  const auto copied = stores::backup_sqlite_table(options.store.path, options.target);
  if (!copied) return ended(cli::ExitCode::refused, "bdd-lock backup: " + copied.error());
  return ended(cli::ExitCode::ok, "Backed up " + options.store.path + " to " + options.target +
                                      "; the copy was checked");
}

int restore(const cli::RestoreOptions& options) {
  const auto kept = stores::restore_sqlite_table(options.source, options.store.path);
  if (!kept) return ended(cli::ExitCode::refused, "bdd-lock restore: " + kept.error());
  std::string said = "Restored " + options.store.path + " from " + options.source +
                     "; every fencing token was raised by 1,000,000";
  if (!kept->empty())
    said +=
        ". What stood there before is kept as " + *kept + " (with its -wal, where there was one)";
  return ended(cli::ExitCode::ok, said);
}

}  // namespace bddlock::app
