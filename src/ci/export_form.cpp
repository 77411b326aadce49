#include "ci/export_form.hpp"

#include <array>
#include <utility>

#include "wire/nearest.hpp"

namespace bddlock::ci {

namespace {

constexpr std::array<std::pair<std::string_view, ExportForm>, 12> forms = {{
    {"auto", ExportForm::automatic},
    {"env", ExportForm::env},
    {"json", ExportForm::json},
    {"dotenv", ExportForm::dotenv},
    {"github", ExportForm::github},
    {"gitlab", ExportForm::gitlab},
    {"circleci", ExportForm::circleci},
    {"azure", ExportForm::azure},
    {"buildkite", ExportForm::buildkite},
    {"bitbucket", ExportForm::bitbucket},
    {"jenkins", ExportForm::jenkins},
    {"none", ExportForm::none},
}};

}  // namespace

std::expected<ExportForm, std::string> parse_export_form(std::string_view text) {
  std::string known;
  for (const auto& [word, form] : forms) {
    if (word == text) return form;
    known += (known.empty() ? "" : ", ") + std::string(word);
  }
  return std::unexpected(wire::quoted(text) + " is no form of export: " + known + " are allowed");
}

ExportForm export_form_in(ExportForm form, std::string_view ci) {
  if (form != ExportForm::automatic) return form;
  return parse_export_form(ci).value_or(ExportForm::env);
}

}  // namespace bddlock::ci
