// What a profile can say of its credentials, against local stand-ins of the services that it leads
// to.
#include <gtest/gtest.h>

#include "aws/program_credentials.hpp"
#include "aws/sso_credentials.hpp"
#include "unit/aws/stand_in.hpp"

namespace bddlock::aws {
namespace {

constexpr std::string_view role_answer =
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLE</AccessKeyId>"
    "<SecretAccessKey>SK</SecretAccessKey><SessionToken>TK</SessionToken>"
    "<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>"
    "</AssumeRoleResponse>";

class ProfileCredentials : public testing::Test {
 protected:
  // `config` is that of ~/.aws/config; the profile is ci.
  Found found_in(const std::string& config, Texts files = {}, Texts variables = {}) {
    files.emplace("/home/me/.aws/config", config);
    variables.insert({{"HOME", "/home/me"},
                      {"AWS_PROFILE", "ci"},
                      {"AWS_REGION", "eu-west-2"},
                      {"AWS_ENDPOINT_URL_STS", sts_.url()}});
    auto surroundings = surroundings_with(variables, files);
    if (program_) surroundings.run_program = program_;
    return from_profile(surroundings);
  }
  void expect_key(const Found& found, std::string_view id) {
    ASSERT_TRUE(found) << found.error();
    ASSERT_TRUE(*found);
    EXPECT_EQ((*found)->access_key_id, id);
  }

  StandIn sts_{Texts{{"POST /", std::string(role_answer)}}};
  decltype(Surroundings::run_program) program_;
};

TEST_F(ProfileCredentials, AreItsKeys) {
  const auto of = [](const std::string& text, const std::string& name = "") {
    return from_profile(surroundings_with(
        {{"AWS_SHARED_CREDENTIALS_FILE", "/k"}, {"AWS_PROFILE", name}}, {{"/k", text}}));
  };
  const auto found = of("[ci]\naws_access_key_id=AK\naws_secret_access_key=SK", "ci");
  expect_key(found, "AK");
  EXPECT_EQ((*found)->source, "the AWS profile ci");
  expect_none(of(""));
  expect_none(of("[default]\nregion=eu-west-2"));
  expect_trouble(of("", "ci"), "the AWS profile ci is in none");
  expect_trouble(of("[ci]\nregion=eu-west-2", "ci"), "has no credentials: no aws_access_key_id");
  expect_trouble(of("[default]\naws_access_key_id=AK"), "only one of");
  expect_trouble(of("[ci]\nrole_arn=r", "ci"), "has a role_arn, but no source_profile");
}

TEST_F(ProfileCredentials, OfARoleAreHadWithAnotherProfilesKeys) {
  const auto found = found_in(
      "[profile ci]\nrole_arn=arn:aws:iam::1:role/ci\nsource_profile=base\nexternal_id=a&b\n"
      "duration_seconds=3600\nrole_session_name=me\n"
      "[profile base]\naws_access_key_id=BASE\naws_secret_access_key=SK\naws_session_token=BT");
  expect_key(found, "ROLE");
  EXPECT_EQ((*found)->expires_at, parse_expiration("2030-01-01T00:00:00Z"));
  EXPECT_EQ((*found)->source, "the role of the AWS profile ci");
  ASSERT_EQ(sts_.seen.size(), 1u);
  for (const char* part : {"Credential=BASE/20300317/eu-west-2/sts/aws4_request",
                           "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token",
                           "X-Amz-Security-Token: BT\r\n"})
    EXPECT_NE(sts_.seen[0].find(part), std::string::npos) << part << "\n" << sts_.seen[0];
  EXPECT_TRUE(sts_.seen[0].ends_with(
      "\r\n\r\nAction=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fci"
      "&RoleSessionName=me&ExternalId=a%26b&DurationSeconds=3600"))
      << sts_.seen[0];
}

TEST_F(ProfileCredentials, OfARoleMayComeByARoleOfARole) {
  expect_key(found_in("[profile ci]\nrole_arn=r\nsource_profile=middle\n"
                      "[profile middle]\nrole_arn=m\nsource_profile=base\n"
                      "[profile base]\naws_access_key_id=BASE\naws_secret_access_key=SK"),
             "ROLE");
  ASSERT_EQ(sts_.seen.size(), 2u);
  EXPECT_NE(sts_.seen[0].find("Credential=BASE/"), std::string::npos);
  EXPECT_NE(sts_.seen[0].find("RoleArn=m&"), std::string::npos);
  EXPECT_NE(sts_.seen[1].find("Credential=ROLE/"), std::string::npos);
  EXPECT_NE(sts_.seen[1].find("RoleArn=r&"), std::string::npos);
}

TEST_F(ProfileCredentials, OfARoleMayBeHadWithTheProfilesOwnKeys) {
  expect_key(found_in("[profile ci]\nrole_arn=r\nsource_profile=ci\naws_access_key_id=OWN\n"
                      "aws_secret_access_key=SK"),
             "ROLE");
  EXPECT_NE(sts_.seen.at(0).find("Credential=OWN/"), std::string::npos);
}

TEST_F(ProfileCredentials, OfARoleAreHadWithThoseOfTheMachine) {
  const auto by = [&](const std::string& source, const Texts& variables = {}) {
    return found_in("[profile ci]\nrole_arn=r\ncredential_source=" + source, {}, variables);
  };
  expect_key(by("Environment", {{"AWS_ACCESS_KEY_ID", "ENV"}, {"AWS_SECRET_ACCESS_KEY", "SK"}}),
             "ROLE");
  EXPECT_NE(sts_.seen.at(0).find("Credential=ENV/"), std::string::npos);
  StandIn task(Texts{{"GET /", R"({"AccessKeyId":"TASK","SecretAccessKey":"SK"})"}});
  expect_key(by("EcsContainer", {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", task.url("/")}}), "ROLE");
  EXPECT_NE(sts_.seen.at(1).find("Credential=TASK/"), std::string::npos);
  const std::string roles = "GET /latest/meta-data/iam/security-credentials/";
  StandIn instance(Texts{{"PUT /latest/api/token", "t"},
                         {roles, "r"},
                         {roles + "r", R"({"AccessKeyId":"EC2","SecretAccessKey":"SK"})"}});
  expect_key(by("Ec2InstanceMetadata", {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", instance.url()}}),
             "ROLE");
  EXPECT_NE(sts_.seen.at(2).find("Credential=EC2/"), std::string::npos);
  expect_trouble(by("Environment"), "takes its credentials from Environment, which has none");
  expect_trouble(by("Elsewhere"), "none of Environment, EcsContainer and Ec2InstanceMetadata");
}

TEST_F(ProfileCredentials, OfARoleSayWhatIsWrong) {
  const auto of = [&](const std::string& more) {
    return found_in("[profile ci]\nrole_arn=r\n" + more);
  };
  expect_trouble(of("source_profile=gone"), "names the source_profile gone, which is in none");
  expect_trouble(of("source_profile=ci"), "lead back to ci");
  expect_trouble(of("source_profile=b\n[profile b]\nrole_arn=r\nsource_profile=ci"),
                 "the AWS profile b and its source_profile lead back to ci");
  expect_trouble(of("source_profile=b\n[profile b]\nregion=eu-west-2"),
                 "the AWS profile b has no credentials for ci");
  expect_trouble(of("source_profile=b\ncredential_source=Environment"), "take one away");
  expect_trouble(of("source_profile=b\nmfa_serial=arn"), "mfa_serial");
  EXPECT_TRUE(sts_.seen.empty());
  StandIn refusing(Texts{});
  expect_trouble(found_in("[profile ci]\nrole_arn=r\nsource_profile=ci\naws_access_key_id=A\n"
                          "aws_secret_access_key=top-secret",
                          {}, {{"AWS_ENDPOINT_URL_STS", refusing.url()}}),
                 "the role of the AWS profile ci cannot be had: STS answers 404");
}

TEST_F(ProfileCredentials, OfAWebIdentityComeFromSts) {
  expect_key(found_in("[profile ci]\nrole_arn=r\nweb_identity_token_file=/t\n"
                      "role_session_name=me\nduration_seconds=900",
                      {{"/t", "x"}}),
             "ROLE");
  EXPECT_TRUE(
      sts_.seen.at(0).ends_with("&RoleSessionName=me&WebIdentityToken=x&DurationSeconds="
                                "900"))
      << sts_.seen[0];
}

TEST_F(ProfileCredentials, OfAProgramAreWhatItPrints) {
  std::vector<std::string> run;
  std::expected<std::string, std::string> printed =
      R"({"Version":1,"AccessKeyId":"AK","SecretAccessKey":"SK","SessionToken":"TK",)"
      R"("Expiration":"2030-01-01T01:00:00+01:00"})";
  program_ = [&](const std::vector<std::string>& words) {
    run = words;
    return printed;
  };
  const std::string config = "[profile ci]\ncredential_process = '/opt/a b/keys' --role \"x y\"";
  const auto found = found_in(config);
  expect_key(found, "AK");
  EXPECT_EQ((*found)->session_token, "TK");
  EXPECT_EQ((*found)->expires_at, parse_expiration("2030-01-01T00:00:00Z"));
  EXPECT_EQ(run, (std::vector<std::string>{"/opt/a b/keys", "--role", "x y"}));
  const std::string begin = "the program of the AWS profile ci (credential_process) ";
  printed = R"({"Version":2,"AccessKeyId":"AK","SecretAccessKey":"top-secret"})";
  expect_trouble(found_in(config), begin + "prints what has no \"Version\": 1");
  printed = "top-secret";
  const auto text = found_in(config);
  expect_trouble(text, begin + "prints what is no JSON object");
  EXPECT_EQ(text.error().find("top-secret"), std::string::npos);
  printed = std::unexpected("ends with 3");
  expect_trouble(found_in(config), begin + "ends with 3");
  expect_trouble(found_in("[profile ci]\ncredential_process = 'open"), "open quote");
  program_ = {};
  expect_trouble(found_in(config), "cannot be run here");
}

TEST(CommandWords, AreThoseOfSh) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(command_words(" a  b\tc "), (Words{"a", "b", "c"}));
  EXPECT_EQ(command_words(R"(a\ b "c d" 'e f'g "" '')"), (Words{"a b", "c d", "e fg", "", ""}));
  EXPECT_EQ(command_words(R"("a\"b\\c\d" 'e\f')"), (Words{R"(a"b\c\d)", R"(e\f)"}));
  EXPECT_EQ(command_words(""), Words{});
  EXPECT_EQ(command_words("'a"), std::nullopt);
  EXPECT_EQ(command_words("\"a'"), std::nullopt);
}

constexpr std::string_view sso_config =
    "[profile ci]\nsso_session=ours\nsso_account_id=123456789012\nsso_role_name=Dev Ops\n"
    "[sso-session ours]\nsso_region=eu-west-1\nsso_start_url=https://ours.awsapps.com/start";
constexpr std::string_view portal_answer =
    R"({"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"SK","sessionToken":"TK",)"
    R"("expiration":1900003600000}})";

std::string cache_of(const std::string& key) {
  return "/home/me/.aws/sso/cache/" + sso_cache_file(key);
}
std::string log_in(const std::string& until) {
  return R"({"accessToken":"top-secret","region":"eu-west-1","expiresAt":")" + until + "\"}";
}

TEST_F(ProfileCredentials, OfALogInByABrowserComeFromThePortal) {
  StandIn portal(Texts{{"GET /federation/credentials?role_name=Dev%20Ops&account_id=123456789012",
                        std::string(portal_answer)}});
  const Texts to_portal{{"AWS_ENDPOINT_URL_SSO", portal.url()}};
  const auto found = found_in(std::string(sso_config),
                              {{cache_of("ours"), log_in("2030-03-17T17:46:41Z")}}, to_portal);
  expect_key(found, "SSO");
  EXPECT_EQ((*found)->session_token, "TK");
  EXPECT_EQ((*found)->expires_at, Instant{std::chrono::seconds{1'900'003'600}});
  EXPECT_NE(portal.seen.at(0).find("x-amz-sso_bearer_token: top-secret\r\n"), std::string::npos);
  const std::string start = "https://old.awsapps.com/start";
  expect_key(found_in("[profile ci]\nsso_start_url=" + start +
                          "\nsso_region=eu-west-1\nsso_account_id=123456789012\n"
                          "sso_role_name=Dev Ops",
                      {{cache_of(start), log_in("2030-03-17T17:46:41Z")}}, to_portal),
             "SSO");
}

TEST_F(ProfileCredentials, OfALogInByABrowserSayWhenItIsToBeDoneAgain) {
  const std::string config(sso_config);
  const auto expect_log_in = [&](const Found& found, std::string_view says) {
    expect_trouble(found, says);
    expect_trouble(found, "log in (aws sso login --profile ci)");
    EXPECT_EQ(found.error().find("top-secret"), std::string::npos);
  };
  expect_log_in(found_in(config), "there is no file " + cache_of("ours"));
  expect_log_in(found_in(config, {{cache_of("ours"), log_in("2030-03-17T17:46:40Z")}}),
                "it is over");
  expect_log_in(found_in(config, {{cache_of("ours"), "{}"}}), "holds no log-in");
  StandIn portal(Texts{});
  expect_trouble(found_in(config, {{cache_of("ours"), log_in("2030-03-17T17:46:41Z")}},
                          {{"AWS_ENDPOINT_URL_SSO", portal.url()}}),
                 "the portal answers 404; look at sso_account_id and sso_role_name");
  expect_trouble(found_in("[profile ci]\nsso_session=gone\nsso_account_id=1\nsso_role_name=r"),
                 "has no [sso-session gone] with an sso_region");
  expect_trouble(found_in("[profile ci]\nsso_session=ours\nsso_role_name=r"),
                 "it has no sso_account_id");
}

// As Amazon's CLI names it: by the SHA-1 of the session's name or the start URL.
TEST(SsoCache, HasAFileForEachSession) {
  EXPECT_EQ(sso_cache_file("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d.json");
}

}  // namespace
}  // namespace bddlock::aws
