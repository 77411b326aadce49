#include "wire/claim_document.hpp"

#include <gtest/gtest.h>

#include "unit/wire/moments.hpp"

namespace bddlock::wire {
namespace {

core::Stack claimed_stack() {
  core::Stack stack{.stack_name = core::StackName("a"),
                    .repo_name = core::RepoName("r"),
                    .state = core::State::claimed,
                    .last_used = at,
                    .fencing_token = 7,
                    .claim = core::Claim{.request_id = core::RequestId("build-1"),
                                         .claimed_at = at,
                                         .expires_at = at + core::seconds{60},
                                         .lease = core::seconds{60},
                                         .created = true},
                    .labels = {{"size", "large"}},
                    .attributes = {{"url", "https://a"}},
                    .deployed = core::Deployed{"main", "abc", at}};
  stack.claim->key.bytes.fill(0xFF);
  return stack;
}

TEST(ClaimDocument, HasWhatItsOwnerNeeds) {
  EXPECT_EQ(
      claims_answer(core::RequestId("build-1"), std::vector{claimed_stack()}),
      R"({"requestId":"build-1","claims":[{"claimId":"_____________________w.YQ","stackName":"a",)"
      R"("repoName":"r","requestId":"build-1","state":"claimed","fencingToken":7,)"
      R"("claimedAt":"2020-09-13T12:26:40.000Z","expiresAt":"2020-09-13T12:27:40.000Z",)"
      R"("leaseSeconds":60,"created":true,"stack":{"labels":{"size":"large"},)"
      R"("attributes":{"url":"https://a"},"deployed":{"branch":"main","commit":"abc",)"
      R"("at":"2020-09-13T12:26:40.000Z"},"lastEnd":null}}]})");
}

TEST(ClaimDocument, IsReadBackByItsOwner) {
  const auto read = parse_claim(claim_text(claimed_stack()));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->claim_id, "_____________________w.YQ");
  core::Stack expected = claimed_stack();
  expected.last_used = {};  // not the owner's business
  EXPECT_EQ(read->stack, expected);
}

TEST(ClaimDocument, IsNotReadFromSomethingElse) {
  for (const std::string_view text : {"", "{}", "[]", R"({"claimId":5})"})
    EXPECT_FALSE(parse_claim(text)) << text;
}

TEST(WaitingAnswer, HasAnEstimateOnlyWithHistory) {
  EXPECT_EQ(to_text(Waiting{core::RequestId("x"), 3, std::nullopt, ""}),
            R"({"requestId":"x","position":3,"estimatedWaitSeconds":null,"retryAfterSeconds":3})");
  EXPECT_EQ(to_text(Waiting{core::RequestId("x"), 1, core::seconds{0}, "too few"}),
            R"({"requestId":"x","position":1,"estimatedWaitSeconds":0,"retryAfterSeconds":3,)"
            R"("never":"too few"})");
}

TEST(ReleaseReportText, IsWrittenAndReadBack) {
  const ReleaseReport held{core::StackName("a"), core::RepoName("r"), 7, true, at, false};
  EXPECT_EQ(to_text(held), R"({"stackName":"a","repoName":"r","fencingToken":7,"held":true,)"
                           R"("heldUntil":"2020-09-13T12:26:40.000Z"})");
  EXPECT_EQ(parse_release_report(to_text(held)).value().held_until, at);
  const ReleaseReport refused{
      core::StackName("a"), core::RepoName("r"), 7, false, std::nullopt, true};
  EXPECT_EQ(to_text(refused), R"({"stackName":"a","repoName":"r","fencingToken":7,"held":false,)"
                              R"("heldUntil":null,"reason":"hold_limit"})");
  EXPECT_TRUE(parse_release_report(to_text(refused)).value().hold_refused);
}

}  // namespace
}  // namespace bddlock::wire
