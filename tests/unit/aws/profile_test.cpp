#include "aws/profile.hpp"

#include <gtest/gtest.h>

#include "unit/aws/fake_surroundings.hpp"

namespace bddlock::aws {
namespace {

TEST(Sections, AreReadAsAmazonsToolsReadThem) {
  const Sections sections = parse_sections(
      "stray = 1\n"
      "# comment\r\n"
      "[default]\r\n"
      "Region = eu-west-2\r\n"
      "; comment\n"
      "s3 =\n"
      "  max_queue_size = 10\n"
      "[ profile  ci ] # of the builds\n"
      "aws_access_key_id=AK=ID\n"
      "region = eu-west-1 # near\n"
      "output = a#b\n"
      "nonsense\n"
      "[profile ci]\n"
      "region=eu-west-3");
  const Sections wanted{
      {"default", {{"region", "eu-west-2"}, {"s3", ""}}},
      {"profile ci", {{"aws_access_key_id", "AK=ID"}, {"region", "eu-west-3"}, {"output", "a#b"}}}};
  EXPECT_EQ(sections, wanted);
  EXPECT_EQ(parse_sections(""), Sections{});
  EXPECT_EQ(parse_sections("[open\nkey=value"), Sections{});
}

TEST(Profile, IsTheDefaultOneUnlessAnotherIsNamed) {
  const Texts files{{"/home/me/.aws/config", "[default]\nregion=a\n[profile ci]\nregion=b"},
                    {"/home/me/.aws/credentials", "[ci]\naws_access_key_id=AK"}};
  const Profile usual = load_profile(surroundings_with({{"HOME", "/home/me"}}, files));
  EXPECT_EQ(usual.name, "default");
  EXPECT_FALSE(usual.is_named);
  EXPECT_TRUE(usual.is_there);
  EXPECT_EQ(usual.setting("region"), "a");
  for (const char* variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    const Profile ci =
        load_profile(surroundings_with({{"HOME", "/home/me"}, {variable, "ci"}}, files));
    EXPECT_TRUE(ci.is_named);
    EXPECT_EQ(ci.setting("region"), "b");
    EXPECT_EQ(ci.setting("aws_access_key_id"), "AK");
    EXPECT_EQ(ci.setting("nothing"), "");
  }
}

TEST(Profile, TakesTheCredentialsFilesWordWhereBothSayIt) {
  const Profile profile = load_profile(surroundings_with(
      {{"AWS_CONFIG_FILE", "/c"}, {"AWS_SHARED_CREDENTIALS_FILE", "~/k"}, {"HOME", "/root"}},
      {{"/c", "[default]\na=config\nb=config"}, {"/root/k", "[default]\na=keys"}}));
  EXPECT_EQ(profile.setting("a"), "keys");
  EXPECT_EQ(profile.setting("b"), "config");
}

TEST(Profile, IsNotThereWithoutFiles) {
  EXPECT_FALSE(load_profile(surroundings_with({})).is_there);
  EXPECT_FALSE(load_profile(surroundings_with({{"HOME", "/home/me"}})).is_there);
  EXPECT_FALSE(load_profile(surroundings_with({{"AWS_PROFILE", "ci"}, {"AWS_CONFIG_FILE", "/c"}},
                                              {{"/c", "[ci]\nregion=without the word profile"}}))
                   .is_there);
}

}  // namespace
}  // namespace bddlock::aws
