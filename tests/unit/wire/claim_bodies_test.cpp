#include "wire/claim_bodies.hpp"

#include <gtest/gtest.h>

#include "unit/wire/moments.hpp"

namespace bddlock::wire {
namespace {

using core::seconds;

const core::RepoName repo("r");

TEST(ClaimBody, IsAnyStackNowIfNothingIsSaid) {
  for (const std::string_view text :
       {"", " \n", "{}", R"({"requestId":null,"labels":null,"holder":null})"}) {
    const auto body = parse_claim_body(text, repo);
    ASSERT_TRUE(body) << body.error();
    EXPECT_EQ(body->request_id, std::nullopt);
    EXPECT_EQ(body->wait, seconds{0});
    EXPECT_EQ(body->wish, core::Wish{});
    EXPECT_EQ(body->wish.lease, seconds{900});
  }
}

ClaimBody full_body() {
  ClaimBody body{.request_id = core::RequestId("build:4711"), .wait = seconds{50}};
  body.wish = {
      .count = 2,
      .labels = {{"size", "large"}},
      .prefer_branch = "main",
      .prefer_commit = "abc",
      .create_if_none = true,
      .name_prefix = "pay-",
      .lease = seconds{7200},
      .priority = -5,
      .holder = core::Holder{"jenkins", "4711", "https://ci/4711", "pay", "main", "abc", "kim"}};
  return body;
}

TEST(ClaimBody, IsWrittenAndReadBack) {
  const auto read = parse_claim_body(to_text(full_body()), repo);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->request_id, full_body().request_id);
  EXPECT_EQ(read->wait, full_body().wait);
  EXPECT_EQ(read->wish, full_body().wish);
  ClaimBody one{.wish = {.stack_name = core::StackName("a b")}};
  EXPECT_EQ(parse_claim_body(to_text(one), repo).value().wish, one.wish);
}

TEST(ClaimBody, TakesEachFieldUpToItsEdges) {
  for (const std::string_view text :
       {R"({"waitSeconds":0})", R"({"waitSeconds":50})", R"({"leaseSeconds":1})",
        R"({"leaseSeconds":86400})", R"({"count":1})", R"({"count":16})", R"({"priority":-100})",
        R"({"priority":100})"})
    EXPECT_TRUE(parse_claim_body(text, repo)) << text;
}

struct Fault {
  std::string_view text;
  std::string_view part;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.text; }

class FaultyClaimBody : public testing::TestWithParam<Fault> {};

TEST_P(FaultyClaimBody, IsRefusedWithASentence) {
  const auto body = parse_claim_body(GetParam().text, repo);
  ASSERT_FALSE(body);
  EXPECT_NE(body.error().find(GetParam().part), std::string::npos) << body.error();
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, FaultyClaimBody,
    testing::Values(
        Fault{"[]", "the body must be a JSON object, not an array"},
        Fault{R"({"waitSeconds":-1})", "waitSeconds must be a whole number from 0 to 50, not -1"},
        Fault{R"({"waitSeconds":51})", "waitSeconds must be"},
        Fault{R"({"waitSeconds":1.5})", "waitSeconds must be"},
        Fault{R"({"waitSeconds":"10"})", "waitSeconds must be"},
        Fault{R"({"leaseSeconds":0})", "leaseSeconds must be a whole number from 1 to 86400"},
        Fault{R"({"leaseSeconds":86401})", "leaseSeconds must be"},
        Fault{R"({"leaseSeconds":1e300})", "leaseSeconds must be"},
        Fault{R"({"leaseSeconds":99999999999999999999999})", "leaseSeconds must be"},
        Fault{R"({"leaseSeconds":-9223372036854775808})", "leaseSeconds must be"},
        Fault{R"({"count":0})", "count must be a whole number from 1 to 16, not 0"},
        Fault{R"({"count":17})", "count must be"}, Fault{R"({"count":true})", "count must be"},
        Fault{R"({"priority":101})", "priority must be a whole number from -100 to 100"},
        Fault{R"({"priority":-101})", "priority must be"},
        Fault{R"({"requestId":""})", "requestId is empty; leave it out"},
        Fault{R"({"requestId":"a b"})", "requestId has a character that is not allowed"},
        Fault{R"({"requestId":5})", "requestId must be a string"},
        Fault{R"({"stackName":"a/b"})", "stackName "},
        Fault{R"({"stackName":"a","count":2})", "stackName names one stack"},
        Fault{R"({"labels":["a"]})", "labels must be an object, not an array"},
        Fault{R"({"labels":{"a":1}})",
              R"(labels must have strings for values; that of "a" is a number)"},
        Fault{R"({"labels":{"a":""}})", "labels has an empty value"},
        Fault{R"({"prefer":{"comit":"a"}})",
              R"(in prefer the field "comit" is unknown; did you mean commit?)"},
        Fault{R"({"prefer":"main"})", "prefer must be an object"},
        Fault{R"({"createIfNone":"false"})", "createIfNone must be true or false, not a string"},
        Fault{R"({"namePrefix":"a/"})", "namePrefix "},
        Fault{R"({"holder":{"jobUrl":"javascript:x"}})", "holder.jobUrl must be a link"},
        Fault{R"({"holder":{"jobURL":"https://ci"}})", "did you mean jobUrl?"},
        Fault{R"({"holder":{"branch":"a\nb"}})", "holder.branch has a control character"},
        Fault{R"({"holder":{"job":4711}})", "holder.job must be a string"},
        Fault{R"({"lease":60})", R"(the field "lease" is unknown; did you mean leaseSeconds?)"},
        Fault{R"({"waitseconds":60})", "did you mean waitSeconds?"},
        Fault{R"({"colour":"blue"})", R"("colour" is unknown; allowed: requestId, waitSeconds)"}));

TEST(ClaimBody, NamesAllFaultsAtOnce) {
  EXPECT_EQ(parse_claim_body(R"({"count":0,"priority":200})", repo).error(),
            "count must be a whole number from 1 to 16, not 0; "
            "priority must be a whole number from -100 to 100, not 200");
}

TEST(ClaimBody, CreatesOnlyWhatCanHaveAName) {
  const core::RepoName bad("a/b");
  EXPECT_TRUE(parse_claim_body("{}", bad));  // it will not be found
  EXPECT_NE(parse_claim_body(R"({"createIfNone":true})", bad)
                .error()
                .find("createIfNone would create the repo"),
            std::string::npos);
  const core::RepoName fits(std::string(246, 'r'));
  const core::RepoName longer(std::string(247, 'r'));
  EXPECT_TRUE(parse_claim_body(R"({"createIfNone":true})", fits));
  EXPECT_NE(parse_claim_body(R"({"createIfNone":true})", longer).error().find("give a namePrefix"),
            std::string::npos);
  EXPECT_TRUE(parse_claim_body(R"({"createIfNone":true,"namePrefix":"p-"})", longer));
}

TEST(ClaimBody, HasHolderFieldsOf1024BytesAtMost) {
  const auto with_job = [](std::size_t bytes) {
    return R"({"holder":{"job":")" + std::string(bytes, 'j') + R"("}})";
  };
  EXPECT_TRUE(parse_claim_body(with_job(1024), repo));
  EXPECT_FALSE(parse_claim_body(with_job(1025), repo));
}

TEST(ExtendBody, MayBeLeftOut) {
  EXPECT_EQ(parse_extend_body("").value().lease, std::nullopt);
  EXPECT_EQ(parse_extend_body("{}").value().lease, std::nullopt);
  EXPECT_EQ(parse_extend_body(to_text(ExtendBody{seconds{60}})).value().lease, seconds{60});
  EXPECT_EQ(to_text(ExtendBody{}), "{}");
}

TEST(ExtendBody, HasTheLimitsOfALease) {
  for (const std::string_view text : {R"({"leaseSeconds":0})", R"({"leaseSeconds":-5})",
                                      R"({"leaseSeconds":86401})", R"({"keepSeconds":5})", "1"})
    EXPECT_FALSE(parse_extend_body(text)) << text;
  EXPECT_TRUE(parse_extend_body(R"({"leaseSeconds":86400})"));
}

TEST(ReleaseBody, PassedAndHoldsNothingIfNothingIsSaid) {
  const auto release = parse_release_body("", now);
  ASSERT_TRUE(release);
  EXPECT_EQ(release->outcome, core::Outcome::passed);
  EXPECT_EQ(release->keep, seconds{0});
  EXPECT_FALSE(release->deployed);
  EXPECT_FALSE(release->attributes);
  EXPECT_EQ(release->note, "");
}

TEST(ReleaseBody, IsWrittenAndReadBack) {
  core::Release release{.key = {},
                        .outcome = core::Outcome::failed,
                        .keep = seconds{604800},
                        .deployed = core::Deployed{"main", "abc", now},
                        .attributes = core::StringMap{{"url", "https://a"}},
                        .note = "see\nlog"};
  const auto read = parse_release_body(to_text(release), now);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->outcome, release.outcome);
  EXPECT_EQ(read->keep, release.keep);
  EXPECT_EQ(read->deployed, release.deployed);
  EXPECT_EQ(read->attributes, release.attributes);
  EXPECT_EQ(read->note, release.note);
}

class FaultyReleaseBody : public testing::TestWithParam<Fault> {};

TEST_P(FaultyReleaseBody, IsRefusedWithASentence) {
  const auto release = parse_release_body(GetParam().text, now);
  ASSERT_FALSE(release);
  EXPECT_NE(release.error().find(GetParam().part), std::string::npos) << release.error();
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, FaultyReleaseBody,
    testing::Values(
        Fault{R"({"outcome":"ok"})", "outcome must be passed, failed or cancelled"},
        Fault{R"({"outcome":1})", "outcome must be a string"},
        Fault{R"({"keepSeconds":-1})", "keepSeconds must be a whole number from 0 to 604800"},
        Fault{R"({"keepSeconds":604801})", "keepSeconds must be"},
        Fault{R"({"deployed":"main"})", "deployed must be an object"},
        Fault{R"({"deployed":{"at":"2020-01-01"}})", R"(in deployed the field "at" is unknown)"},
        Fault{R"({"attributes":{"url":null}})", "attributes must have strings"},
        Fault{R"({"note":"\u0000"})", "note has a control character"},
        Fault{R"({"result":"passed"})", R"("result" is unknown)"}));

TEST(PriorityBody, IsNeededAndHasItsLimits) {
  EXPECT_EQ(parse_priority_body(priority_body(-100)).value(), -100);
  EXPECT_EQ(parse_priority_body("{}").error(), "priority is missing");
  EXPECT_FALSE(parse_priority_body(""));
  EXPECT_FALSE(parse_priority_body(R"({"priority":101})"));
  EXPECT_FALSE(parse_priority_body(R"({"priority":null})"));
  EXPECT_FALSE(parse_priority_body(R"({"priority":1,"count":2})"));
}

}  // namespace
}  // namespace bddlock::wire
