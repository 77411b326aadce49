// What admins do to stacks: describe, disable, enable, and end or keep what is in use.
#include <gtest/gtest.h>

#include "unit/api/api_fixture.hpp"

namespace bddlock::api {
namespace {

using core::seconds;
using core::State;

class AdminApi : public ApiTest {
 protected:
  Response patch(const std::string& body, const std::string& name = "a") {
    return call(Method::patch, "/v1/stacks/" + name, body);
  }
  Response act(const std::string& verb, const std::string& body, const std::string& name = "a") {
    return call(Method::post, "/v1/stacks/" + name + "/" + verb, body);
  }
};

TEST_F(AdminApi, DescribesAStack) {
  add("a", "r", R"(,"note":"old")");
  const Response changed = patch(R"({"labels":{"size":"large"},"attributes":{"url":"https://a"}})");
  EXPECT_EQ(changed.status, 200u) << changed.body;
  EXPECT_EQ(object_in(changed).at("labels").at("size"), "large");
  EXPECT_EQ(object_in(changed).at("note"), "old");
  EXPECT_EQ(stored("a").attributes.at("url"), "https://a");
  EXPECT_EQ(object_in(patch(R"({"labels":{},"note":""})")).at("note"), "");
  EXPECT_TRUE(stored("a").labels.empty());
}

TEST_F(AdminApi, DisablesAndEnablesAFreeStack) {
  add("a");
  const Response disabled = patch(R"({"disabled":{"reason":"upgrade"}})");
  EXPECT_EQ(object_in(disabled).at("state"), "disabled");
  EXPECT_EQ(object_in(disabled).at("disabled").at("reason"), "upgrade");
  EXPECT_EQ(object_in(disabled).at("disabled").at("when"), "now");
  expect_problem(call(Method::post, "/v1/repos/r/claims", "{}"), 409, "none_available");
  const Response asked = call(Method::post, "/v1/repos/r/claims", R"({"stackName":"a"})");
  expect_problem(asked, 409, "stack_unavailable");
  EXPECT_EQ(object_in(asked).at("disabledReason"), "upgrade");
  EXPECT_EQ(object_in(patch(R"({"disabled":null})")).at("state"), "available");
}

TEST_F(AdminApi, LetsTheClaimFinishFirst) {
  add("a");
  const auto mine = claim();
  const Response marked = patch(R"({"disabled":{"reason":"upgrade","when":"afterClaim"}})");
  EXPECT_EQ(object_in(marked).at("state"), "claimed");
  EXPECT_EQ(object_in(marked).at("disabled").at("when"), "afterClaim");
  EXPECT_EQ(call(Method::post, claim_path(mine, "/extend")).status, 200u);
  EXPECT_EQ(call(Method::post, claim_path(mine, "/release")).status, 200u);
  EXPECT_EQ(stored("a").state, State::disabled);
}

TEST_F(AdminApi, TakesAStackFromItsUserIfToldNow) {
  add("a");
  const auto mine = claim();
  EXPECT_EQ(object_in(patch(R"({"disabled":{"reason":"burning","when":"now"}})")).at("state"),
            "disabled");
  const Response lost = call(Method::post, claim_path(mine, "/extend"));
  expect_problem(lost, 410, "claim_lost");
  EXPECT_EQ(object_in(lost).at("endReason"), "stack_disabled");
  EXPECT_EQ(object_in(lost).at("state"), "disabled");
}

TEST_F(AdminApi, ChangesAllOrNothing) {
  add("a");
  expect_problem(patch(R"({"note":"new","labels":{"":"x"}})"), 400, "invalid_request",
                 "labels has an empty key");
  EXPECT_EQ(stored("a").note, "");
  const Response both = patch(R"({"note":"new","disabled":{"reason":"x"}})");
  EXPECT_EQ(object_in(both).at("note"), "new");
  EXPECT_EQ(object_in(both).at("state"), "disabled");
  expect_problem(patch("{}"), 400, "invalid_request", "nothing to change");
  expect_problem(patch(R"({"note":"x"})", "nope"), 404, "stack_unknown");
}

TEST_F(AdminApi, ReleasesTheClaimThatItNames) {
  add("a");
  const auto mine = claim();
  const Response moved = act("release", R"({"fencingToken":0})");
  expect_problem(moved, 409, "fencing_token_moved", "its fencing token is 1");
  EXPECT_EQ(object_in(moved).at("fencingToken"), 1);
  EXPECT_EQ(stored("a").state, State::claimed);
  const Response released = act("release", R"({"fencingToken":1})");
  EXPECT_EQ(released.status, 200u) << released.body;
  EXPECT_EQ(object_in(released).at("state"), "available");
  const Response lost = call(Method::get, claim_path(mine));
  expect_problem(lost, 410, "claim_lost");
  EXPECT_EQ(object_in(lost).at("endReason"), "admin_released");
  expect_problem(act("release", R"({"fencingToken":1})"), 409, "nothing_to_end");
}

TEST_F(AdminApi, ReleasesASeedClaim) {
  create("a", false);
  EXPECT_EQ(object_in(act("release", R"({"fencingToken":1})")).at("state"), "available");
}

TEST_F(AdminApi, ExtendsTheClaimThatItNames) {
  add("a");
  static_cast<void>(claim());
  const auto extended = object_in(act("extend", R"({"fencingToken":1,"leaseSeconds":86400})"));
  EXPECT_EQ(extended.at("claim").at("expiresAt"), "2020-09-14T12:26:40.000Z");
  expect_problem(act("extend", R"({"fencingToken":2,"leaseSeconds":60})"), 409,
                 "fencing_token_moved");
  create("seeds", false);
  expect_problem(act("extend", R"({"fencingToken":1,"leaseSeconds":60})", "seeds"), 409,
                 "nothing_to_end");
}

TEST_F(AdminApi, KeepsAStackAside) {
  add("a");
  const auto mine = claim();
  const auto held = object_in(act("hold", R"({"fencingToken":1,"keepSeconds":60})"));
  EXPECT_EQ(held.at("state"), "held");
  EXPECT_EQ(held.at("heldUntil"), "2020-09-13T12:27:40.000Z");
  expect_problem(call(Method::get, claim_path(mine)), 410, "claim_lost");
  clock.advance(seconds{60} - core::microseconds{1});
  EXPECT_EQ(object_in(call(Method::get, "/v1/stacks/a")).at("state"), "held");
  clock.advance(core::microseconds{1});
  EXPECT_EQ(object_in(call(Method::get, "/v1/stacks/a")).at("state"), "available");
}

TEST_F(AdminApi, RefusesBadBodiesAndUnknownStacks) {
  add("a");
  for (const char* verb : {"release", "extend", "hold"}) {
    expect_problem(act(verb, "{}"), 400, "invalid_request", "fencingToken is missing");
    expect_problem(act(verb, ""), 400, "invalid_request", "the body is empty");
  }
  expect_problem(act("release", R"({"fencingToken":0})", "nope"), 404, "stack_unknown");
  expect_problem(act("hold", R"({"fencingToken":0,"keepSeconds":99999999})"), 400,
                 "invalid_request", "keepSeconds must be a whole number from 1 to 604800");
}

TEST_F(AdminApi, ShowsStatesAsTheyAreAtThisMoment) {
  for (const char* name : {"a", "b", "c", "d"}) add(name);
  static_cast<void>(claim(R"({"stackName":"a","leaseSeconds":60})"));
  static_cast<void>(claim(R"({"stackName":"b","leaseSeconds":61})"));
  static_cast<void>(claim(R"({"stackName":"d","leaseSeconds":60})"));
  static_cast<void>(patch(R"({"disabled":{"reason":"later"}})", "d"));
  const auto names = [&](const std::string& query) {
    std::string out;
    for (const auto& item : items_in(call(Method::get, "/v1/stacks?" + query)))
      out += std::string(item.at("stackName").as_string()) + ":" +
             std::string(item.at("state").as_string()) + " ";
    return out;
  };
  EXPECT_EQ(names("state=available"), "c:available ");
  clock.advance(seconds{60});
  EXPECT_EQ(names(""), "a:available b:claimed c:available d:disabled ");
  EXPECT_EQ(names("state=available"), "a:available c:available ");
  EXPECT_EQ(names("state=claimed"), "b:claimed ");
  EXPECT_EQ(names("state=disabled&repoName=r"), "d:disabled ");
  EXPECT_EQ(names("state=available&limit=1"), "a:available ");
  EXPECT_EQ(names("state=available&repoName=other"), "");
  const auto repo = object_in(call(Method::get, "/v1/repos/r"));
  EXPECT_EQ(repo.at("available"), 2);
  EXPECT_EQ(repo.at("claimed"), 1);
  EXPECT_EQ(repo.at("disabled"), 1);
}

TEST_F(AdminApi, CountsWhatASweepEnded) {
  for (const char* name : {"a", "b"}) add(name);
  static_cast<void>(claim(R"({"leaseSeconds":60})"));
  const auto kept = claim();
  static_cast<void>(call(Method::post, claim_path(kept, "/release"), R"({"keepSeconds":60})"));
  clock.advance(seconds{60});
  EXPECT_EQ(call(Method::post, "/v1/sweep").body,
            R"({"released":0,"expired":1,"holdsEnded":1,"removed":0})");
}

}  // namespace
}  // namespace bddlock::api
