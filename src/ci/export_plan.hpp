// What to write where, so that later steps of a job have the values of a claim. Pure: nothing is
// written here. Whoever has a claimId can end its claim, so it goes only where others cannot read
// it: into GITHUB_ENV behind a mask, a secret variable of Azure, and BASH_ENV.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "ci/export_form.hpp"
#include "ci/export_value.hpp"
#include "ci/variables.hpp"

namespace bddlock::ci {

struct FileText {
  std::string path;
  std::string text;
  // It belongs to this program and is written anew. Otherwise it is the CI's or others', and the
  // text goes to its end.
  bool is_own = false;
};

// A program to run, with what it reads.
struct ExportCall {
  std::vector<std::string> words;
  std::string input;
};

struct ExportPlan {
  std::string out = {};  // instead of what the command else prints
  std::string err = {};  // commands to the CI, which reads this stream as well
  std::vector<FileText> files = {};
  std::vector<ExportCall> calls = {};
  // Sentences on values that a form cannot carry without harm, each with its name in front.
  std::vector<std::string> left_out = {};
};

struct ExportMeans {
  const Lookup& lookup;
  // For the delimiters of GitHub's files, which no value can foresee.
  const std::function<std::uint64_t()>& random;
  std::string own_file = {};  // --export-file; empty: where own_export_file says
};

// `form` is not automatic. The error is a sentence: this is no step of that CI.
[[nodiscard]] std::expected<ExportPlan, std::string> plan_export(
    ExportForm form, const std::vector<ExportValue>& values, const ExportMeans& means);

// The file that gitlab and jenkins write; empty for the other forms. It is to be removed before a
// claim is asked for: where the claim fails, a later step must not find an older one's names.
[[nodiscard]] std::string own_export_file(ExportForm form, const ExportMeans& means);

}  // namespace bddlock::ci
