#include "ci/export_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "job_variables.hpp"
#include "readers.hpp"

namespace bddlock::ci {
namespace {

using testing::Read;
using Values = std::vector<ExportValue>;

const testing::Set every_ci = {{"GITHUB_ENV", "/g/env"},
                               {"GITHUB_OUTPUT", "/g/output"},
                               {"BASH_ENV", "/c/bash_env"},
                               {"BITBUCKET_PIPELINES_VARIABLES_PATH", "/b/variables"},
                               {"BUILDKITE_AGENT_JOB_API_SOCKET", "/k/socket"},
                               {"CI_PROJECT_DIR", "/l/project"},
                               {"WORKSPACE", "/j/workspace"}};

const ExportValue the_secret = {"BDD_CLAIM_ID", "abc.def", true};

// What tries to get out of one format or another. The last line is what the random delimiters
// below begin with.
const Values hostile = {
    {"QUOTES", R"(a'b"c`d$(touch /tmp/x)$HOME\)"},
    {"LINES", "one\nEVIL=1\n\nexport EVIL=1\n"},
    {"RETURNS", "one\r\nEVIL=1\rtwo"},
    {"COMMANDS",
     "::set-output name=EVIL::1\n##vso[task.setvariable variable=EVIL]1\n##[add-path]x"},
    {"ESCAPES", "100%25%0AEVIL=1%AZP25%0D;x]y"},
    {"EQUALS", "=a=b: c#d!e"},
    {"SPACES", "  between  "},
    {"UNICODE", "grün \xF0\x9F\x9A\x80 \xE2\x80\xA8"},
    {"CONTROLS", "\x1b[31m\t\x07\x7f"},
    {"BACKSLASHES", "\\\\n\\u0041\\"},
    {"EMPTY", ""},
    {"HEREDOC", "x\nbdd-lock-0-0\nbdd-lock-0-1\nEVIL<<y"},
};

struct Exporter {
  testing::Set set = every_ci;
  std::uint64_t drawn = 0;
  Lookup lookup = testing::lookup_in(set);
  std::function<std::uint64_t()> random = [this] { return drawn++ / 3; };
  ExportMeans means{lookup, random};

  ExportPlan plan(ExportForm form, const Values& values) {
    auto planned = plan_export(form, values, means);
    EXPECT_TRUE(planned) << planned.error();
    return planned ? *planned : ExportPlan{};
  }
};

std::vector<std::string> names_of(const Values& values) {
  std::vector<std::string> names;
  for (const auto& value : values) names.push_back(value.name);
  return names;
}

Read as_map(const Values& values) {
  Read result;
  for (const auto& value : values) result[value.name] = value.value;
  return result;
}

Read only(const Values& values, std::initializer_list<const char*> names) {
  Read all = as_map(values);
  Read result;
  for (const char* name : names) result[name] = all.at(name);
  return result;
}

const std::string* text_of(const ExportPlan& plan, const std::string& path) {
  const auto found = std::ranges::find(plan.files, path, &FileText::path);
  return found == plan.files.end() ? nullptr : &found->text;
}

TEST(ExportsForSh, LinesThatEvalReadsAsTheyWereMeant) {
  const ExportPlan plan = Exporter().plan(ExportForm::env, hostile);
  EXPECT_EQ(testing::read_by_sh(plan.out, names_of(hostile)), as_map(hostile));
  EXPECT_TRUE(plan.left_out.empty());
}

TEST(ExportsForSh, WhatAPersonCanRead) {
  const ExportPlan plan = Exporter().plan(ExportForm::env, {{"STACK_NAME", "pay-1"}});
  EXPECT_EQ(plan.out, "export STACK_NAME='pay-1'\n");
}

TEST(ExportsJson, OfEverything) {
  const ExportPlan plan = Exporter().plan(ExportForm::json, hostile);
  const auto object = boost::json::parse(plan.out).as_object();
  Read read;
  for (const auto& [name, value] : object) read[name] = value.as_string().c_str();
  EXPECT_EQ(read, as_map(hostile));
}

TEST(ExportsDotenv, OfWhatFitsALine) {
  const ExportPlan plan = Exporter().plan(ExportForm::dotenv, hostile);
  EXPECT_EQ(plan.out, "QUOTES=" + as_map(hostile)["QUOTES"] +
                          "\nESCAPES=100%25%0AEVIL=1%AZP25%0D;x]y\nEQUALS==a=b: c#d!e\n"
                          "SPACES=  between  \nUNICODE=" +
                          as_map(hostile)["UNICODE"] + "\nBACKSLASHES=\\\\n\\u0041\\\nEMPTY=\n");
  ASSERT_EQ(plan.left_out.size(), 5u);
  EXPECT_EQ(plan.left_out[0],
            "LINES has several lines or a control character in it; it was left out");
}

TEST(ExportsToGitHub, WhatTheRunnerReadsAsItWasMeant) {
  const ExportPlan plan = Exporter().plan(ExportForm::github, hostile);
  ASSERT_NE(text_of(plan, "/g/env"), nullptr);
  ASSERT_NE(text_of(plan, "/g/output"), nullptr);
  EXPECT_EQ(testing::read_github(*text_of(plan, "/g/env")), as_map(hostile));
  EXPECT_EQ(testing::read_github(*text_of(plan, "/g/output")), as_map(hostile));
  EXPECT_EQ(plan.out + plan.err, "");
}

TEST(ExportsToGitHub, TheSecretBehindAMaskAndNotAsAnOutput) {
  const ExportPlan plan =
      Exporter().plan(ExportForm::github, {{"STACK_NAME", "pay-1"}, the_secret});
  EXPECT_EQ(plan.err, "::add-mask::abc.def\n");
  EXPECT_EQ(testing::read_github(*text_of(plan, "/g/env")).at("BDD_CLAIM_ID"), "abc.def");
  EXPECT_EQ(testing::read_github(*text_of(plan, "/g/output")), (Read{{"STACK_NAME", "pay-1"}}));
}

TEST(ExportsToGitHub, MasksOneLine) {
  const ExportPlan plan = Exporter().plan(ExportForm::github, {{"S", "a%b\r\n::stop::", true}});
  EXPECT_EQ(plan.err, "::add-mask::a%25b%0D%0A::stop::\n");
}

TEST(ExportsToGitHub, WithoutOutputsWhereTheRunnerIsOld) {
  Exporter exporter;
  exporter.set.erase("GITHUB_OUTPUT");
  EXPECT_EQ(exporter.plan(ExportForm::github, hostile).files.size(), 1u);
}

TEST(ExportsToGitLab, OfWhatItReadsAsItWasMeant) {
  const ExportPlan plan = Exporter().plan(ExportForm::gitlab, hostile);
  ASSERT_EQ(plan.files.size(), 1u);
  EXPECT_EQ(plan.files[0].path, "/l/project/bdd-lock.env");
  EXPECT_TRUE(plan.files[0].is_own);
  EXPECT_EQ(testing::read_gitlab(plan.files[0].text),
            only(hostile, {"ESCAPES", "EQUALS", "UNICODE", "BACKSLASHES", "EMPTY"}));
  EXPECT_EQ(plan.left_out.size(), hostile.size() - 5);
}

TEST(ExportsToCircleCi, LinesThatBashReadsAsTheyWereMeant) {
  Values values = hostile;
  values.push_back(the_secret);
  const ExportPlan plan = Exporter().plan(ExportForm::circleci, values);
  ASSERT_EQ(plan.files.size(), 1u);
  EXPECT_EQ(plan.files[0].path, "/c/bash_env");
  EXPECT_FALSE(plan.files[0].is_own);
  EXPECT_EQ(testing::read_by_sh(plan.files[0].text, names_of(values)), as_map(values));
}

TEST(ExportsToAzure, CommandsThatTheAgentReadsAsTheyWereMeant) {
  const ExportPlan plan = Exporter().plan(ExportForm::azure, hostile);
  Read wanted;
  for (const auto& [name, value, is_secret] : hostile) {
    wanted["variable=" + name + ";issecret=false"] = value;
    wanted["variable=" + name + ";issecret=false;isOutput=true"] = value;
  }
  EXPECT_EQ(testing::read_azure(plan.out), wanted);
}

TEST(ExportsToAzure, TheSecretAsSuchAndNotAsAnOutput) {
  EXPECT_EQ(Exporter().plan(ExportForm::azure, {the_secret}).out,
            "##vso[task.setvariable variable=BDD_CLAIM_ID;issecret=true]abc.def\n");
}

TEST(ExportsToBuildkite, JsonToItsAgent) {
  const ExportPlan plan = Exporter().plan(ExportForm::buildkite, {{"STACK_NAME", "pay\n1"}});
  ASSERT_EQ(plan.calls.size(), 1u);
  EXPECT_EQ(plan.calls[0].words,
            (std::vector<std::string>{"buildkite-agent", "env", "set", "--input-format=json",
                                      "--output-format=quiet", "-"}));
  EXPECT_EQ(plan.calls[0].input, R"({"STACK_NAME":"pay\n1"})");
}

TEST(ExportsToBitbucket, OfWhatFitsALine) {
  const ExportPlan plan =
      Exporter().plan(ExportForm::bitbucket, {{"STACK_NAME", "a=b c"}, {"LINES", "a\nb"}});
  ASSERT_EQ(plan.files.size(), 1u);
  EXPECT_EQ(plan.files[0].path, "/b/variables");
  EXPECT_EQ(plan.files[0].text, "STACK_NAME=a=b c\n");
  EXPECT_EQ(plan.left_out.size(), 1u);
}

TEST(ExportsToJenkins, PropertiesThatReadAsTheyWereMeant) {
  const ExportPlan plan = Exporter().plan(ExportForm::jenkins, hostile);
  ASSERT_EQ(plan.files.size(), 1u);
  EXPECT_EQ(plan.files[0].path, "/j/workspace/bdd-lock.properties");
  EXPECT_TRUE(plan.files[0].is_own);
  EXPECT_EQ(testing::read_properties(plan.files[0].text), as_map(hostile));
  EXPECT_TRUE(std::ranges::all_of(plan.files[0].text,
                                  [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
}

TEST(Exports, HaveTheSecretNowhereThatOthersCanRead) {
  for (const auto form :
       {ExportForm::env, ExportForm::json, ExportForm::dotenv, ExportForm::gitlab,
        ExportForm::buildkite, ExportForm::bitbucket, ExportForm::jenkins, ExportForm::none}) {
    const ExportPlan plan = Exporter().plan(form, {{"STACK_NAME", "pay-1"}, the_secret});
    std::string all = plan.out + plan.err;
    for (const auto& file : plan.files) all += file.text;
    for (const auto& call : plan.calls) all += call.input;
    EXPECT_EQ(all.find("abc.def"), std::string::npos) << all;
    EXPECT_EQ(all.find("BDD_CLAIM_ID"), std::string::npos) << all;
    EXPECT_TRUE(plan.left_out.empty());
  }
}

TEST(Exports, LeaveOutWhatNoVariableCanHold) {
  const Values values = {{"ZERO", std::string("a\0b", 3)}, {"9TH", "x"}, {"A-B", "x"}, {"", "x"}};
  for (const auto form :
       {ExportForm::env, ExportForm::dotenv, ExportForm::github, ExportForm::gitlab,
        ExportForm::circleci, ExportForm::azure, ExportForm::bitbucket, ExportForm::jenkins}) {
    const ExportPlan plan = Exporter().plan(form, values);
    EXPECT_EQ(plan.left_out.size(), values.size());
    for (const auto& file : plan.files) EXPECT_EQ(file.text, "");
    EXPECT_EQ(plan.out + plan.err, "");
  }
}

TEST(Exports, SayThatThisIsNoStepOfThatCi) {
  const testing::Set nothing;
  const Lookup lookup = testing::lookup_in(nothing);
  const std::function<std::uint64_t()> random = [] { return 0U; };
  const ExportMeans means{lookup, random};
  const std::vector<std::pair<ExportForm, std::string>> missing = {
      {ExportForm::github, "GITHUB_ENV is not set"},
      {ExportForm::circleci, "BASH_ENV is not set"},
      {ExportForm::buildkite, "BUILDKITE_AGENT_JOB_API_SOCKET is not set"},
      {ExportForm::bitbucket, "BITBUCKET_PIPELINES_VARIABLES_PATH is not set"}};
  for (const auto& [form, sentence] : missing) {
    const auto planned = plan_export(form, {}, means);
    ASSERT_FALSE(planned);
    EXPECT_TRUE(planned.error().starts_with(sentence)) << planned.error();
  }
}

TEST(OwnExportFile, IsWhereTheJobAsksForItOrInItsFolder) {
  const testing::Set nothing;
  const Lookup lookup = testing::lookup_in(nothing);
  const std::function<std::uint64_t()> random = [] { return 0U; };
  EXPECT_EQ(own_export_file(ExportForm::gitlab, {lookup, random}), "bdd-lock.env");
  EXPECT_EQ(own_export_file(ExportForm::jenkins, {lookup, random}), "bdd-lock.properties");
  EXPECT_EQ(own_export_file(ExportForm::jenkins, {lookup, random, "x.properties"}), "x.properties");
  EXPECT_EQ(own_export_file(ExportForm::github, {lookup, random, "x"}), "");
}

TEST(ExportForms, AreKnownByTheirWords) {
  EXPECT_EQ(*parse_export_form("auto"), ExportForm::automatic);
  EXPECT_EQ(*parse_export_form("bitbucket"), ExportForm::bitbucket);
  const auto wrong = parse_export_form("travis");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error(),
            "\"travis\" is no form of export: auto, env, json, dotenv, github, gitlab, circleci, "
            "azure, buildkite, bitbucket, jenkins, none are allowed");
}

TEST(ExportForms, OfEachDetectedCi) {
  for (const auto* set : {&testing::github_push, &testing::gitlab_push, &testing::circleci_push,
                          &testing::jenkins_branch, &testing::buildkite_push, &testing::azure_push,
                          &testing::bitbucket_push}) {
    const std::string ci = testing::detect_in(*set).ci;
    EXPECT_EQ(export_form_in(ExportForm::automatic, ci), *parse_export_form(ci)) << ci;
  }
  EXPECT_EQ(export_form_in(ExportForm::automatic, ""), ExportForm::env);
  EXPECT_EQ(export_form_in(ExportForm::none, "github"), ExportForm::none);
}

}  // namespace
}  // namespace bddlock::ci
