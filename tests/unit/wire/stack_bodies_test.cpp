#include "wire/stack_bodies.hpp"

#include <gtest/gtest.h>

namespace bddlock::wire {
namespace {

using core::seconds;

TEST(StackToAdd, IsWrittenAndReadBack) {
  core::NewStack wanted{
      .stack_name = core::StackName("a"), .repo_name = core::RepoName("r"), .available = true};
  EXPECT_EQ(stack_to_add_body(wanted), R"({"stackName":"a","repoName":"r"})");
  wanted.labels = {{"size", "large"}};
  wanted.attributes = {{"url", "https://a"}};
  wanted.note = "new";
  const auto read = parse_stack_to_add(stack_to_add_body(wanted));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->stack_name, wanted.stack_name);
  EXPECT_EQ(read->repo_name, wanted.repo_name);
  EXPECT_EQ(read->labels, wanted.labels);
  EXPECT_EQ(read->attributes, wanted.attributes);
  EXPECT_EQ(read->note, wanted.note);
  EXPECT_TRUE(read->available);
  EXPECT_EQ(read->by, core::By::admin);
}

TEST(StackToAdd, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(parse_stack_to_add(R"({"stackName":"a","repoName":"r","reponame":"s"})").error(),
            R"(the field "reponame" is unknown; did you mean repoName?)");
  EXPECT_EQ(parse_stack_to_add(R"({"stackName":"a"})").error(),
            "repoName is missing; needed are stackName and repoName, strings");
  EXPECT_FALSE(parse_stack_to_add(R"({"stackName":"a","repoName":"r","note":5})"));
}

TEST(StackPatchBody, ChangesOnlyWhatItNames) {
  const auto note = parse_stack_patch(R"({"note":""})");
  ASSERT_TRUE(note) << note.error();
  ASSERT_TRUE(note->describe);
  EXPECT_EQ(note->describe->note, "");
  EXPECT_FALSE(note->describe->labels);
  EXPECT_FALSE(note->describe->attributes);
  EXPECT_FALSE(note->disabled);
  const auto labels = parse_stack_patch(R"({"labels":{},"attributes":{"url":"x"}})");
  EXPECT_EQ(labels.value().describe->labels, core::StringMap{});
  EXPECT_EQ(labels.value().describe->attributes, (core::StringMap{{"url", "x"}}));
}

TEST(StackPatchBody, DisablesAfterTheClaimUnlessToldNow) {
  const auto later = parse_stack_patch(R"({"disabled":{"reason":"upgrade"}})");
  ASSERT_TRUE(later) << later.error();
  EXPECT_FALSE(std::get<core::Disable>(*later->disabled).now);
  EXPECT_EQ(std::get<core::Disable>(*later->disabled).reason, "upgrade");
  EXPECT_FALSE(later->describe);
  const auto now = parse_stack_patch(R"({"disabled":{"reason":"","when":"now"}})");
  EXPECT_TRUE(std::get<core::Disable>(*now.value().disabled).now);
}

TEST(StackPatchBody, EnablesWithNull) {
  const auto patch = parse_stack_patch(R"({"disabled":null})");
  ASSERT_TRUE(patch) << patch.error();
  EXPECT_TRUE(std::holds_alternative<core::Enable>(*patch->disabled));
}

TEST(StackPatchBody, IsWrittenAndReadBack) {
  StackPatch patch{.describe = core::Describe{core::StringMap{{"a", "b"}}, std::nullopt, "n"},
                   .disabled = core::Disable{"why", true}};
  EXPECT_EQ(to_text(patch),
            R"({"labels":{"a":"b"},"note":"n","disabled":{"reason":"why","when":"now"}})");
  EXPECT_TRUE(parse_stack_patch(to_text(patch)));
  EXPECT_EQ(to_text(StackPatch{.disabled = core::Enable{}}), R"({"disabled":null})");
}

TEST(StackPatchBody, SaysWhatIsWrong) {
  for (const auto& [text, part] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"{}", "there is nothing to change"},
           {"", "the body is empty"},
           {R"({"labels":null})", "labels must not be null"},
           {R"({"labels":{"":"x"}})", "labels has an empty key"},
           {R"({"disabled":true})", "disabled must be an object"},
           {R"({"disabled":{}})", "disabled.reason is missing"},
           {R"({"disabled":{"reason":"x","when":"later"}})", "disabled.when must be"},
           {R"({"disabled":{"reason":"x","now":true}})",
            R"(in disabled the field "now" is unknown)"},
           {R"({"state":"disabled"})", R"("state" is unknown)"}}) {
    const auto patch = parse_stack_patch(text);
    ASSERT_FALSE(patch) << text;
    EXPECT_NE(patch.error().find(part), std::string::npos) << patch.error();
  }
}

TEST(AdminBodies, AreWrittenAndReadBack) {
  EXPECT_EQ(parse_admin_release(to_text(core::AdminRelease{7})).value().fencing_token, 7);
  const core::AdminExtend extend{7, seconds{86400}, seconds{}};
  EXPECT_EQ(parse_admin_extend(to_text(extend)).value().lease, seconds{86400});
  EXPECT_EQ(parse_admin_hold(to_text(core::AdminHold{7, seconds{604800}})).value().keep,
            seconds{604800});
}

TEST(AdminBodies, NeedTheTokenOfTheClaimThatTheyMean) {
  EXPECT_EQ(parse_admin_release("{}").error(), "fencingToken is missing");
  EXPECT_FALSE(parse_admin_release(R"({"fencingToken":-1})"));
  EXPECT_FALSE(parse_admin_release(R"({"fencingToken":"7"})"));
  EXPECT_FALSE(parse_admin_extend(R"({"fencingToken":7})"));
  EXPECT_FALSE(parse_admin_extend(R"({"fencingToken":7,"leaseSeconds":0})"));
  EXPECT_FALSE(parse_admin_extend(R"({"fencingToken":7,"leaseSeconds":86401})"));
  EXPECT_FALSE(parse_admin_hold(R"({"fencingToken":7,"keepSeconds":0})"));
  EXPECT_FALSE(parse_admin_hold(R"({"fencingToken":7,"keepSeconds":604801})"));
}

}  // namespace
}  // namespace bddlock::wire
