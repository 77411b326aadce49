#include "wire/event_document.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "unit/wire/moments.hpp"
#include "wire/repo_document.hpp"

namespace bddlock::wire {
namespace {

core::Event full_event() {
  return {.id = 42,
          .at = at,
          .kind = core::EventKind::released,
          .by = core::By::owner,
          .stack_name = core::StackName("a"),
          .repo_name = core::RepoName("r"),
          .request_id = core::RequestId("build-1"),
          .from = core::State::claimed,
          .to = core::State::available,
          .holder = core::Holder{.job = "4711"},
          .fencing_token = 7,
          .outcome = core::Outcome::failed,
          .note = "n",
          .lasted = core::seconds{61}};
}

TEST(EventDocument, HasEveryFieldAlways) {
  EXPECT_EQ(
      boost::json::serialize(event_document(full_event())),
      R"({"id":42,"at":"2020-09-13T12:26:40.000Z","kind":"released","by":"owner","stackName":"a",)"
      R"("repoName":"r","requestId":"build-1","from":"claimed","to":"available",)"
      R"("holder":{"job":"4711"},"fencingToken":7,"outcome":"failed","note":"n",)"
      R"("lastedSeconds":61,)"
      R"("heldUntil":null})");
  const core::Event removed{
      .id = 1, .kind = core::EventKind::removed, .stack_name = core::StackName("a")};
  const auto document = event_document(removed);
  for (const std::string_view key :
       {"requestId", "from", "to", "outcome", "lastedSeconds", "heldUntil"})
    EXPECT_TRUE(document.at(key).is_null()) << key;
}

TEST(EventDocument, NeverHasAClaimsKey) {
  core::Event event = full_event();
  event.key.emplace();
  event.key->bytes.fill(0xAB);
  EXPECT_EQ(event_document(event), event_document(full_event()));
}

TEST(EventListText, IsWrittenAndReadBack) {
  const auto read = parse_event_list(to_text(EventList{{full_event()}, "NDI"}));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->items, std::vector{full_event()});
  EXPECT_EQ(read->next_cursor, "NDI");
  core::Event held = full_event();
  held.kind = core::EventKind::held;
  held.held_until = at;
  EXPECT_EQ(parse_event_list(to_text(EventList{{held}, {}})).value().items, std::vector{held});
}

TEST(EventListText, IsNotReadFromSomethingElse) {
  for (const std::string_view text :
       {"", "{}", R"({"items":[1]})", R"({"items":[{}]})",
        R"({"items":[{"id":1,"at":"2020-09-13T12:26:40Z","kind":"eaten","stackName":"a",)"
        R"("repoName":"r"}]})"})
    EXPECT_FALSE(parse_event_list(text)) << text;
}

TEST(RepoDocument, HasItsCounts) {
  EXPECT_EQ(
      to_text(ShownRepo{core::RepoName("r"), 10, 1, 2, 3, 4, 5, core::seconds{60}}),
      R"({"repoName":"r","stacks":10,"available":1,"claimed":2,"held":3,"disabled":4,"waiting":5,)"
      R"("typicalClaimSeconds":60})");
  EXPECT_EQ(to_text(RepoList{}), R"({"items":[],"nextCursor":null})");
}

}  // namespace
}  // namespace bddlock::wire
