#include "cli/exporting.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ostream>
#include <utility>

#include "ci/escape.hpp"
#include "cli/files.hpp"
#include "cli/remote.hpp"
#include "cli/text.hpp"
#include "process/descriptor.hpp"
#include "process/helper.hpp"

namespace bddlock::cli {

namespace {

constexpr milliseconds helper_limit{30'000};

// A script before may have left a line without its end.
bool ends_within_a_line(const std::string& path) {
  const process::Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat found{};
  char last = '\n';
  if (!file || fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode) || found.st_size == 0)
    return false;
  return pread(file.get(), &last, 1, found.st_size - 1) == 1 && last != '\n';
}

std::expected<void, std::string> call_program(const ci::ExportCall& wanted) {
  const auto code = process::run_helper(wanted.words, wanted.input, helper_limit);
  if (!code) return std::unexpected(code.error());
  if (*code == 0) return {};
  return std::unexpected(wanted.words[0] + " ended with " + std::to_string(*code) +
                         " and did not take the values");
}

}  // namespace

std::expected<void, std::string> append_to_file(const std::string& path, std::string_view text) {
  const std::string line_end = ends_within_a_line(path) ? "\n" : "";
  const process::Descriptor file(
      open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return std::unexpected(system_fault("write", path));
  struct stat before{};
  const bool is_regular = fstat(file.get(), &before) == 0 && S_ISREG(before.st_mode);
  if (process::write_whole(file.get(), line_end + std::string(text))) return {};
  std::string fault = system_fault("write", path);
  // Half a variable would be another one.
  if (is_regular && ftruncate(file.get(), before.st_size) != 0)
    fault += ", and a part of the text is in it now";
  return std::unexpected(std::move(fault));
}

std::expected<void, std::string> carry_out(const ci::ExportPlan& plan, const Environment& env) {
  for (const std::string& sentence : plan.left_out) complain(env, ci::defused(printable(sentence)));
  // A mask must be known before anything can show what it hides.
  *env.err << plan.err << std::flush;
  for (const ci::FileText& file : plan.files) {
    auto written =
        file.is_own ? replace_file(file.path, file.text) : append_to_file(file.path, file.text);
    if (!written) return written;
  }
  for (const ci::ExportCall& wanted : plan.calls) {
    if (auto called = call_program(wanted); !called) return called;
  }
  *env.out << plan.out << std::flush;
  if (!env.out->good()) return std::unexpected("the output could not be written");
  return {};
}

std::expected<void, std::string> forget_export(ci::ExportForm form, const ci::ExportMeans& means) {
  const std::string path = own_export_file(form, means);
  if (path.empty()) return {};
  return forget_file(path);
}

}  // namespace bddlock::cli
