#include "wire/stack_document.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "unit/wire/moments.hpp"

namespace bddlock::wire {
namespace {

core::Stack claimed_stack() {
  return {.stack_name = core::StackName("a \xC3\xA9"),
          .repo_name = core::RepoName("r"),
          .state = core::State::claimed,
          .last_used = core::Instant{core::microseconds{1574291428014000}},
          .fencing_token = 7,
          .version = 0};
}

// A stack of which there is something to say in each field.
core::Stack full_stack() {
  core::Stack stack = claimed_stack();
  stack.claim = core::Claim{
      .request_id = core::RequestId("build-4711"),
      .holder = core::Holder{.ci = "jenkins", .job = "4711", .job_url = "https://ci/4711"},
      .claimed_at = at,
      .expires_at = at + core::seconds{900},
      .lease = core::seconds{900},
      .created = true};
  stack.labels = {{"size", "large"}};
  stack.attributes = {{"url", "https://a"}};
  stack.note = "line\nline";
  stack.disable_after_claim = true;
  stack.disabled_reason = "upgrade";
  stack.deployed = core::Deployed{"main", "abc", at};
  stack.last_end = core::LastEnd{core::EndReason::expired, core::Outcome::failed, at, 6, "why"};
  return stack;
}

TEST(StackDocument, HasEveryFieldAlways) {
  EXPECT_EQ(
      to_text(claimed_stack()),
      "{\"stackName\":\"a \xC3\xA9\",\"repoName\":\"r\",\"state\":\"claimed\","
      "\"usedAt\":\"2019-11-20T23:10:28.014Z\",\"fencingToken\":7,\"labels\":{},\"attributes\":{},"
      "\"note\":\"\",\"claim\":null,\"heldUntil\":null,\"disabled\":null,\"deployed\":null,"
      "\"lastEnd\":null}");
}

TEST(StackDocument, IsWrittenAndReadBack) {
  EXPECT_EQ(parse_stack(to_text(claimed_stack())).value(), claimed_stack());
  EXPECT_EQ(parse_stack(to_text(full_stack())).value(), full_stack());
  core::Stack disabled = claimed_stack();
  disabled.state = core::State::disabled;
  disabled.disabled_reason = "broken";
  EXPECT_EQ(parse_stack(to_text(disabled)).value(), disabled);
}

TEST(StackDocument, TellsUntilWhenAStackIsHeld) {
  core::Stack held = full_stack();
  held.state = core::State::held;
  EXPECT_EQ(stack_document(held).at("heldUntil"), "2020-09-13T12:41:40.000Z");
  EXPECT_EQ(parse_stack(to_text(held)).value(), held);
  EXPECT_TRUE(stack_document(full_stack()).at("heldUntil").is_null());
}

TEST(StackDocument, HasNobodysNameForAnAdminsHoldOfASeedClaim) {
  core::Stack held = claimed_stack();
  held.state = core::State::held;
  held.claim = core::Claim{.claimed_at = held.last_used, .expires_at = at};
  EXPECT_TRUE(stack_document(held).at("claim").is_null());
  EXPECT_EQ(stack_document(held).at("heldUntil"), "2020-09-13T12:26:40.000Z");
  EXPECT_EQ(parse_stack(to_text(held)).value(), held);
}

TEST(StackDocument, NeverHasAClaimsKey) {
  core::Stack stack = full_stack();
  stack.claim->key.bytes.fill(0xAB);
  const std::string id = core::claim_id(stack.claim->key, stack.stack_name);
  const std::string secret = id.substr(0, 22);
  EXPECT_EQ(to_text(stack).find(secret), std::string::npos);
  EXPECT_EQ(boost::json::serialize(stack_facts(stack)).find(secret), std::string::npos);
}

TEST(StackFacts, SayWhoHasTheStackAndUntilWhen) {
  const auto facts = stack_facts(full_stack());
  EXPECT_EQ(facts.at("state"), "claimed");
  EXPECT_EQ(facts.at("holder").as_object().at("job"), "4711");
  EXPECT_EQ(facts.at("expiresAt"), "2020-09-13T12:41:40.000Z");
  EXPECT_EQ(facts.at("disabledReason"), "upgrade");
  EXPECT_FALSE(facts.contains("heldUntil"));
  EXPECT_FALSE(stack_facts(claimed_stack()).contains("holder"));
}

TEST(StackDocument, IsReadFromANewerServerThatSaysMore) {
  std::string text = to_text(claimed_stack());
  text.insert(1, R"("colour":"blue",)");
  EXPECT_EQ(parse_stack(text).value(), claimed_stack());
}

TEST(StackDocument, IsReadFromAnOlderServerThatSaysLess) {
  const std::string text =
      "{\"stackName\":\"a \xC3\xA9\",\"repoName\":\"r\",\"state\":\"claimed\","
      "\"usedAt\":\"2019-11-20T23:10:28.014Z\",\"fencingToken\":7}";
  EXPECT_EQ(parse_stack(text).value(), claimed_stack());
}

TEST(StackDocument, ReadingSaysWhatIsWrong) {
  EXPECT_EQ(
      parse_stack(
          R"({"stackName":"a","repoName":"r","state":"lost","usedAt":"now","fencingToken":1})")
          .error(),
      "state is one that this program does not know; usedAt is no RFC 3339 time in UTC");
}

TEST(StackList, IsWrittenAndReadBack) {
  const std::string whole = to_text(StackList{{claimed_stack()}, "YQ"});
  EXPECT_EQ(whole, "{\"items\":[" + to_text(claimed_stack()) + "],\"nextCursor\":\"YQ\"}");
  const auto read = parse_stack_list(whole);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->items, std::vector{claimed_stack()});
  EXPECT_EQ(read->next_cursor, "YQ");
  EXPECT_EQ(to_text(StackList{}), R"({"items":[],"nextCursor":null})");
  EXPECT_EQ(parse_stack_list(to_text(StackList{})).value().next_cursor, std::nullopt);
}

TEST(StackList, IsNotReadFromSomethingElse) {
  for (const std::string_view text : {"", "{}", R"({"items":{}})", R"({"items":[1]})",
                                      R"({"items":[{}]})", R"({"items":[],"nextCursor":5})"}) {
    EXPECT_FALSE(parse_stack_list(text)) << text;
  }
}

TEST(Counts, AreWrittenAndReadBack) {
  EXPECT_EQ(to_text(Swept{2, 3, 4, 1}), R"({"released":2,"expired":3,"holdsEnded":4,"removed":1})");
  EXPECT_EQ(parse_swept(to_text(Swept{2, 3, 4, 1})).value().removed, 1);
  EXPECT_EQ(parse_swept(to_text(Swept{2, 3, 4, 1})).value().holds_ended, 4);
  EXPECT_EQ(parse_swept(R"({"released":2,"removed":1})").value().expired, 0);  // of an older server
  EXPECT_EQ(to_text(ImportCounts{3, 4}), R"({"created":3,"replaced":4})");
  EXPECT_EQ(parse_import_counts(to_text(ImportCounts{3, 4})).value().created, 3);
  EXPECT_FALSE(parse_swept(R"({"released":1})"));
}

}  // namespace
}  // namespace bddlock::wire
