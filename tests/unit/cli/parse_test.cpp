// What is typed, set and written into files, and what comes of it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

namespace fs = std::filesystem;

struct TemporaryFile {
  explicit TemporaryFile(const std::string& text) {
    static int count = 0;
    path = fs::path(::testing::TempDir()) /
           ("cli-parse-" + std::to_string(getpid()) + "-" + std::to_string(++count));
    std::ofstream(path) << text;
  }
  ~TemporaryFile() { fs::remove(path); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  std::string path;
};

TEST(Serve, HasTheDefaultsOfTheDesign) {
  FakeWorld world;
  ASSERT_EQ(world.run({"serve", "--no-auth"}), 0) << world.said();
  ASSERT_TRUE(world.serve);
  EXPECT_EQ(world.serve->listen.address, "127.0.0.1");
  EXPECT_EQ(world.serve->listen.port, 8080);
  EXPECT_EQ(world.serve->store.kind, StoreChoice::Kind::sqlite);
  EXPECT_EQ(world.serve->store.path, "bdd-lock.db");
  EXPECT_EQ(world.serve->expiry, seconds(7200));
  EXPECT_EQ(world.serve->release_unused_at, "0 1 * * MON-FRI");
  EXPECT_FALSE(world.serve->remove_unused_after);
  EXPECT_EQ(world.serve->log_format, LogFormat::automatic);
  EXPECT_TRUE(world.serve->access_log);
  EXPECT_EQ(world.serve->max_header_bytes, 8192u);
  EXPECT_EQ(world.serve->max_body_bytes, 65'536u);
}

// For each setting a value that differs from the default, as a flag, a variable and a line.
struct Sample {
  const char* name;
  const char* variable;
  const char* value;
  std::function<bool(const ServeOptions&)> arrived;
};

const std::vector<Sample>& samples() {
  using O = const ServeOptions&;
  static const std::vector<Sample> all = {
      {"listen", "BDD_LOCK_LISTEN", "[::1]:9",
       [](O o) { return o.listen.address == "::1" && o.listen.port == 9; }},
      {"store", "BDD_LOCK_STORE", "sqlite:x.db", [](O o) { return o.store.path == "x.db"; }},
      {"expiry-seconds", "EXPIRY_SECONDS", "60", [](O o) { return o.expiry == seconds(60); }},
      {"release-unused-at", "BDD_LOCK_RELEASE_UNUSED_AT", "5 4 * * SAT,SUN",
       [](O o) { return o.release_unused_at == "5 4 * * SAT,SUN"; }},
      {"remove-unused-after", "BDD_LOCK_REMOVE_UNUSED_AFTER", "30d",
       [](O o) { return o.remove_unused_after == seconds(2'592'000); }},
      {"log-format", "BDD_LOCK_LOG_FORMAT", "json",
       [](O o) { return o.log_format == LogFormat::json; }},
      {"access-log", "BDD_LOCK_ACCESS_LOG", "off", [](O o) { return !o.access_log; }},
      {"max-header-bytes", "BDD_LOCK_MAX_HEADER_BYTES", "16KiB",
       [](O o) { return o.max_header_bytes == 16'384; }},
      {"max-body-bytes", "BDD_LOCK_MAX_BODY_BYTES", "1MiB",
       [](O o) { return o.max_body_bytes == 1'048'576; }},
      {"request-timeout", "BDD_LOCK_REQUEST_TIMEOUT", "3s",
       [](O o) { return o.request_timeout == seconds(3); }},
      {"idle-timeout", "BDD_LOCK_IDLE_TIMEOUT", "4s",
       [](O o) { return o.idle_timeout == seconds(4); }},
      {"max-connections", "BDD_LOCK_MAX_CONNECTIONS", "5",
       [](O o) { return o.max_connections == 5; }},
      {"max-pipelined", "BDD_LOCK_MAX_PIPELINED", "6", [](O o) { return o.max_pipelined == 6; }},
      {"drain-timeout", "BDD_LOCK_DRAIN_TIMEOUT", "0",
       [](O o) { return o.drain_timeout == seconds(0); }},
  };
  return all;
}

TEST(Serve, TakesEachSettingAsAFlag) {
  for (const Sample& sample : samples()) {
    FakeWorld world;
    ASSERT_EQ(world.run({"serve", "--no-auth", std::string("--") + sample.name, sample.value}), 0)
        << world.said();
    EXPECT_TRUE(sample.arrived(*world.serve)) << sample.name;
  }
}

TEST(Serve, TakesEachSettingAsAVariable) {
  for (const Sample& sample : samples()) {
    FakeWorld world;
    world.variables[sample.variable] = sample.value;
    ASSERT_EQ(world.run({"serve", "--no-auth"}), 0) << world.said();
    EXPECT_TRUE(sample.arrived(*world.serve)) << sample.name;
  }
}

TEST(Serve, TakesEachSettingAsALineOfTheConfigFile) {
  std::string text = "# all of them\nno-auth = true\n";
  for (const Sample& sample : samples())
    text += std::string(sample.name) + " = \"" + sample.value + "\"\n";
  const TemporaryFile file(text);
  FakeWorld world;
  ASSERT_EQ(world.run({"serve", "--config", file.path}), 0) << world.said();
  for (const Sample& sample : samples()) EXPECT_TRUE(sample.arrived(*world.serve)) << sample.name;
}

TEST(Settings, AreWonByTheFlagThenTheVariableThenTheFile) {
  const TemporaryFile file("listen = 127.0.0.1:1\nendpoint = http://127.0.0.1:9\n");
  FakeWorld world;
  world.variables["BDD_LOCK_CONFIG"] = file.path;
  ASSERT_EQ(world.run({"serve", "--no-auth"}), 0) << world.said();
  EXPECT_EQ(world.serve->listen.port, 1);
  world.variables["BDD_LOCK_LISTEN"] = "127.0.0.1:2";
  ASSERT_EQ(world.run({"serve", "--no-auth"}), 0);
  EXPECT_EQ(world.serve->listen.port, 2);
  ASSERT_EQ(world.run({"serve", "--no-auth", "--listen=127.0.0.1:3"}), 0);
  EXPECT_EQ(world.serve->listen.port, 3);
  world.variables["BDD_LOCK_LISTEN"] = "";
  ASSERT_EQ(world.run({"serve", "--no-auth"}), 0);
  EXPECT_EQ(world.serve->listen.port, 1) << "an empty variable counts as not set";
}

struct Mistake {
  std::vector<std::string> words;
  const char* said;
};

TEST(CommandLine, EndsWith64AndSaysWhatIsWrong) {
  const std::vector<Mistake> mistakes = {
      {{}, "a command is missing"},
      {{"relase"}, "there is no command \"relase\"; did you mean release?"},
      {{"frobnicate"}, "there are: serve run claim extend release"},
      {{"--repo", "x", "claim"}, "\"--repo\" stands before the command"},
      {{"claim", "--rpeo", "x"}, "there is no option \"--rpeo\"; did you mean --repo?"},
      {{"claim", "--rpeo=x"}, "there is no option \"--rpeo\"; did you mean --repo?"},
      {{"show", "a", "b"}, "\"b\" is one argument too many: show takes NAME"},
      {{"list", "a"}, "list takes none"},
      {{"show"}, "show needs NAME"},
      {{"show", ""}, "NAME: is empty"},
      {{"claim", "", "--repo", "r"}, "NAME: is empty"},
      {{"show", "-x"}, "goes behind a --"},
      {{"claim", "--repo"}, "--repo needs a value"},
      {{"claim", "--repo", "--output", "json"}, "--repo needs a value, but an option follows"},
      {{"claim", "--repo=", "name"}, "--repo= has no value"},
      {{"claim", "--repo", "a", "--repo", "b"}, "--repo is given 2 times"},
      {{"claim"}, "Give --repo, set REPO_NAME, or name a stack"},
      {{"claim", "--repo", "r", "--wait", "soon"}, "--wait: \"soon\" is no duration"},
      {{"claim", "--repo", "r", "--wait", "25h"}, "0s to 1d"},
      {{"claim", "--repo", "r", "--output", "xml"}, "table, plain, json and env"},
      {{"claim", "--repo", "org/app"}, "no stack can have a name that begins like this"},
      {{"create", "a"}, "Give --repo or set REPO_NAME"},
      {{"create", "a/b", "--repo", "r"}, "NAME: \"a/b\""},
      {{"create", "a", "--repo", "r/s"}, "--repo: \"r/s\""},
      {{"list", "--state", "free"}, "available, claimed, held and disabled"},
      {{"list", "--timeout", "0"}, "1s to 1h"},
      {{"list", "--endpoint", "ftp://x"}, "--endpoint: "},
      {{"serve", "--no-auth", "--store", "x"}, "write sqlite:FILE"},
      {{"serve", "--no-auth", "--listen", "8080"}, "such as 127.0.0.1:8080"},
      {{"serve", "--no-auth", "--release-unused-at", "often"}, "--release-unused-at: \"often\""},
      {{"serve", "--no-auth", "--remove-unused-after", "59s"}, "\"never\" is allowed too"},
      {{"serve", "--no-auth", "--max-header-bytes", "1023"}, "1KiB to 1MiB"},
      {{"serve", "--no-auth", "--listen", "0.0.0.0:1"}, "only on a loopback address"},
      {{"serve"}, "clients need a token"},
      {{"serve", "--no-auth", "--auth-token-file", "f"}, "both set"},
      {{"serve", "--no-auth", "--auth-token-ssm-parameter", "p"}, "both set"},
      {{"serve", "--auth-token-file", "f", "--auth-token-ssm-parameter", "p"}, "both set"},
      {{"serve", "--auth-token-ssm-parameter", "a b"}, "no name of a parameter"},
      {{"serve", "--auth-token-ssm-parameter", ""}, "no name of a parameter"},
      {{"serve", "--auth-token-ssm-parameter", "p", "--auth-token-ssm-interval", "0"}, "1s"},
      {{"backup"}, "backup needs TARGET"},
      {{"backup", "x", "--store", "memory:"}, "--store must be sqlite:FILE"},
      {{"restore"}, "restore needs SOURCE"},
      {{"restore", "x", "--store", "dynamodb:stacks"}, "--store must be sqlite:FILE"},
      {{"serve", "--no-auth", "--store", "dynamodb:"}, "BDD_LOCK_TABLE_NAME"},
      {{"serve", "--no-auth", "--dynamodb-endpoint", "localhost:8000"}, "--dynamodb-endpoint: "},
      {{"dynamodb", "drop", "stacks"}, "must be create, check, upgrade or restored"},
      {{"dynamodb", "check"}, "needs TABLE"},
      {{"dynamodb", "check", "stacks", "--if-missing"}, "belongs to create"},
      {{"list", "--config", "/no/such/file"}, "cannot read the config file /no/such/file"},
  };
  for (const Mistake& mistake : mistakes) {
    FakeWorld world;
    EXPECT_EQ(world.run(mistake.words), 64) << mistake.said;
    expect_in(mistake.said, world.said());
    EXPECT_EQ(world.out.str(), "");
    EXPECT_TRUE(world.requests.empty());
    EXPECT_FALSE(world.serve);
  }
}

TEST(CommandLine, RefusesATokenAndDoesNotRepeatIt) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"claim", "--token", "hunter2"},
        {"list", "--token=hunter2"},
        {"serve", "--auth-token", "hunter2"},
        {"--token", "hunter2", "list"},
        {"list", "--tokn=hunter2"},
        {"--tok=hunter2", "list"}}) {
    FakeWorld world;
    EXPECT_EQ(world.run(words), 64);
    expect_not_in("hunter2", world.said());
  }
  FakeWorld world;
  EXPECT_EQ(world.run({"list", "--token", "hunter2"}), 64);
  expect_in("BDD_LOCK_AUTH_TOKEN", world.said());
  expect_in("--token-file", world.said());
}

TEST(CommandLine, TakesNamesThatBeginWithAHyphenBehindTwo) {
  FakeWorld world;
  world.answer("PUT /release-stack/--token", {released()});
  EXPECT_EQ(world.run({"release", "--", "--token"}), 0) << world.said();
}

TEST(ConfigFile, RefusesWhatItDoesNotKnow) {
  const std::pair<const char*, const char*> bad[] = {
      {"lisen = 127.0.0.1:1\n", "there is no setting \"lisen\"; did you mean listen?"},
      {"token = hunter2\n", "there is no setting \"token\""},
      {"[serve]\nlisten = 127.0.0.1:1\n", "no [sections]"},
      {"release-unused-at = 0 1 * * MON-FRI\n", "must be in double quotes"},
      {"listen = 127.0.0.1:1 # here\n", "must be in double quotes"},
      {"listen = 127.0.0.1:1\nno-auth = true\nlisten = 127.0.0.1:2\n", "stands there twice"},
      {"listen = 127.0.0.1:1\n listen=127.0.0.1:2\n", "stands there twice"},
      {"listen = 127.0.0.1:x\n", ": listen: \"127.0.0.1:x\""},
      {"claimed = true\n", "there is no setting \"claimed\""},
  };
  for (const auto& [text, said] : bad) {
    const TemporaryFile file(text);
    FakeWorld world;
    EXPECT_EQ(world.run({"serve", "--no-auth", "--config", file.path}), 64) << text;
    expect_in(said, world.said());
    expect_in(file.path, world.said());
    expect_not_in("hunter2", world.said());
  }
}

TEST(ConfigFile, MayHoldSettingsOfOtherCommandsToo) {
  const TemporaryFile file(
      "endpoint = \"http://127.0.0.1:9\"\nrepo = \"a#b\"\nno-create = true\nlog-format = json\n");
  FakeWorld world;
  world.answer("GET /v1/stacks?limit=1000&repoName=a%23b", {page({})});
  EXPECT_EQ(world.run({"list", "--config", file.path}), 0) << world.said();
  EXPECT_EQ(world.connected_to->port, "9");
}

TEST(ServeTokens, HaveOneSource) {
  FakeWorld world;
  world.variables["BDD_LOCK_TABLE_AUTH_TOKEN"] = " one\ntwo ";
  ASSERT_EQ(world.run({"serve", "--listen", "0.0.0.0:1"}), 0) << world.said();
  EXPECT_EQ(world.serve->auth_tokens, " one\ntwo ");
  EXPECT_EQ(world.serve->auth_token_file, "");
  ASSERT_EQ(world.run({"serve", "--auth-token-file", "f"}), 0) << world.said();
  EXPECT_EQ(world.serve->auth_tokens, "");
  EXPECT_EQ(world.serve->auth_token_file, "f");
  const TemporaryFile file("auth-token-file = g\n");
  ASSERT_EQ(world.run({"serve", "--config", file.path}), 0) << world.said();
  EXPECT_EQ(world.serve->auth_tokens, " one\ntwo ") << "the variable wins over the config file";
  EXPECT_EQ(world.serve->auth_token_file, "");
}

TEST(ServeTokens, OfAParameterCountLikeThoseOfAFile) {
  FakeWorld world;
  world.variables["BDD_LOCK_TABLE_AUTH_TOKEN"] = "one";
  ASSERT_EQ(world.run({"serve", "--auth-token-ssm-parameter", "p"}), 0) << world.said();
  EXPECT_EQ(world.serve->auth_token_ssm_parameter, "p");
  EXPECT_EQ(world.serve->auth_token_ssm_interval, std::chrono::seconds{60});
  EXPECT_EQ(world.serve->auth_tokens, "");
  const TemporaryFile parameter("auth-token-ssm-parameter = q\n");
  ASSERT_EQ(world.run({"serve", "--config", parameter.path}), 0) << world.said();
  EXPECT_EQ(world.serve->auth_tokens, "one") << "the variable wins over the config file";
  EXPECT_EQ(world.serve->auth_token_ssm_parameter, "");
  const TemporaryFile file("auth-token-file = g\n");
  world.variables = {{"BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER",
                      "arn:aws:ssm:eu-west-2:123456789012:parameter/ci/token"}};
  ASSERT_EQ(world.run({"serve", "--config", file.path}), 0) << world.said();
  EXPECT_EQ(world.serve->auth_token_file, "") << "the variable wins over the config file";
  EXPECT_NE(world.serve->auth_token_ssm_parameter, "");
  ASSERT_EQ(world.run({"serve", "--auth-token-file", "f"}), 0) << world.said();
  EXPECT_EQ(world.serve->auth_token_ssm_parameter, "") << "the flag wins over the variable";
}

TEST(Lambda, TakesTheTableFromEitherVariable) {
  FakeWorld world;
  world.variables = {{"BDD_LOCK_TABLE_NAME", "bddLockTable-dev"},
                     {"BDD_LOCK_TABLE_AUTH_TOKEN", "one"},
                     {"EXPIRY_SECONDS", "600"}};
  ASSERT_EQ(world.run({"lambda"}), 0) << world.said();
  EXPECT_EQ(world.lambda->fault, std::nullopt);
  EXPECT_EQ(world.lambda->serve.store.path, "bddLockTable-dev");
  EXPECT_EQ(world.lambda->serve.expiry, std::chrono::seconds{600});
  world.variables["BDD_LOCK_STORE"] = "dynamodb:other";
  ASSERT_EQ(world.run({"lambda"}), 0) << world.said();
  EXPECT_EQ(world.lambda->serve.store.path, "other");
}

TEST(Lambda, TellsWhatIsMissingToWhoeverRunsIt) {
  FakeWorld world;
  const auto fault = [&] {
    EXPECT_EQ(world.run({"lambda"}), 0) << world.said();
    return world.lambda->fault.value_or("nothing");
  };
  expect_in("BDD_LOCK_TABLE_NAME", fault());
  world.variables = {{"BDD_LOCK_STORE", "dynamodb:stacks"}};
  expect_in("BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER", fault());
  world.variables["BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER"] = "p";
  EXPECT_EQ(fault(), "nothing");
}

TEST(Lambda, SaysOfItsStoreWhatAFunctionCanHave) {
  for (const char* store : {"memory:", "sqlite:x.db", "sqlite:", "x"}) {
    FakeWorld world;
    EXPECT_EQ(world.run({"lambda", "--store", store}), 64);
    expect_in("must be dynamodb:TABLE", world.said());
    expect_not_in("sqlite:FILE", world.said());
  }
  FakeWorld world;
  EXPECT_EQ(world.run({"lambda", "--help"}), 0);
  expect_not_in("sqlite", world.out.str());
  expect_not_in("memory:", world.out.str());
}

TEST(Lambda, IsToldOfWrongSettingsWhereALambdaFunctionRuns) {
  const std::map<std::string, std::string> wrong{
      {"EXPIRY_SECONDS", "abc"}, {"BDD_LOCK_STORE", "x"}, {"BDD_LOCK_CONFIG", "/no/such/file"}};
  for (const auto& [name, value] : wrong) {
    FakeWorld world;
    world.variables = {{name, value}};
    EXPECT_EQ(world.run({"lambda"}), 64) << "for a person";
    expect_in("Try: bdd-lock lambda --help", world.said());
    EXPECT_FALSE(world.lambda);
    world.variables["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:9001";
    world.err.str("");
    EXPECT_EQ(world.run({"lambda"}), 0) << "what the function returned";
    ASSERT_TRUE(world.lambda);
    expect_in(name == "BDD_LOCK_CONFIG" ? value : name, world.lambda->fault.value_or("nothing"));
    EXPECT_EQ(world.said(), "");
  }
}

TEST(Lambda, IsWhatTheNameBootstrapMeans) {
  FakeWorld world;
  const Environment env = world.environment();
  const char* alone[] = {"/var/task/bootstrap"};
  EXPECT_EQ(cli::run(1, alone, env, world.server_commands()), 0);
  EXPECT_TRUE(world.lambda);
  world.lambda.reset();
  const char* with_words[] = {"./bootstrap", "version"};
  EXPECT_EQ(cli::run(2, with_words, env, world.server_commands()), 0);
  EXPECT_FALSE(world.lambda);
  const char* other[] = {"/usr/bin/no-bootstrap"};
  EXPECT_EQ(cli::run(1, other, env, world.server_commands()), 64);
}

TEST(BackupAndRestore, GetTheirFileAndStore) {
  FakeWorld world;
  world.variables["BDD_LOCK_STORE"] = "sqlite:table.db";
  ASSERT_EQ(world.run({"backup", "copy.db"}), 0) << world.said();
  EXPECT_EQ(world.backup->target, "copy.db");
  EXPECT_EQ(world.backup->store.path, "table.db");
  ASSERT_EQ(world.run({"restore", "copy.db", "--store", "sqlite:other.db"}), 0) << world.said();
  EXPECT_EQ(world.restore->source, "copy.db");
  EXPECT_EQ(world.restore->store.path, "other.db");
}

TEST(DynamoDb, GetsItsActionTableAndEndpoint) {
  FakeWorld world;
  world.variables["AWS_ENDPOINT_URL_DYNAMODB"] = "http://127.0.0.1:8000";
  world.variables["BDD_LOCK_TABLE_NAME"] = "of-the-variable";
  ASSERT_EQ(world.run({"dynamodb", "upgrade"}), 0) << world.said();
  EXPECT_EQ(world.dynamodb->action, DynamoDbOptions::Action::upgrade);
  EXPECT_EQ(world.dynamodb->table, "of-the-variable");
  EXPECT_EQ(world.dynamodb->endpoint, "http://127.0.0.1:8000");
  ASSERT_EQ(world.run({"dynamodb", "create", "stacks"}), 0) << world.said();
  EXPECT_EQ(world.dynamodb->action, DynamoDbOptions::Action::create);
  EXPECT_EQ(world.dynamodb->table, "stacks");
  EXPECT_FALSE(world.dynamodb->if_missing);
  ASSERT_EQ(world.run({"dynamodb", "create", "stacks", "--if-missing"}), 0) << world.said();
  EXPECT_TRUE(world.dynamodb->if_missing);
  ASSERT_EQ(world.run({"serve", "--no-auth", "--store", "dynamodb:"}), 0) << world.said();
  EXPECT_EQ(world.serve->store.path, "of-the-variable");
  ASSERT_EQ(world.run({"serve", "--no-auth", "--store", "dynamodb:stacks"}), 0) << world.said();
  EXPECT_EQ(world.serve->store.path, "stacks");
  EXPECT_EQ(world.serve->dynamodb_endpoint, "http://127.0.0.1:8000");
}

TEST(Help, ShowsAnExampleOfEachCommandAndTheExitCodes) {
  FakeWorld overview;
  ASSERT_EQ(overview.run({"--help"}), 0);
  const Environment env = overview.environment();
  for (const Command& command : all_commands(env, overview.server_commands())) {
    expect_in("  " + command.name + " ", overview.out.str());
    for (const auto& words :
         {std::vector<std::string>{command.name, "--help"}, {"help", command.name}}) {
      FakeWorld world;
      EXPECT_EQ(world.run(words), 0) << command.name;
      expect_in("Examples\n  ", world.out.str());
      expect_in("bdd-lock " + command.name, world.out.str());
      expect_in("77  the server does not accept", world.out.str());
      EXPECT_EQ(world.said(), "");
    }
  }
}

TEST(Help, HasNoLineThatATerminalOf100ColumnsWouldBreak) {
  FakeWorld world;
  const Environment env = world.environment();
  for (const Command& command : all_commands(env, world.server_commands())) {
    FakeWorld each;
    each.run({command.name, "--help"});
    std::istringstream lines(each.out.str());
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 110u) << line;
  }
}

TEST(Manual, NamesEveryCommandFlagAndVariable) {
  std::ifstream file(BDDLOCK_CLI_MANUAL);
  const std::string manual{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ASSERT_FALSE(manual.empty());
  FakeWorld world;
  const Environment env = world.environment();
  for (const Command& command : all_commands(env, world.server_commands())) {
    expect_in("`bdd-lock " + command.name, manual);
    for (const Option& option : command.options) {
      if (!option.variable.empty()) expect_in("`" + option.variable + "`", manual);
      if (!option.is_argument && !option.name.empty()) expect_in("`--" + option.name, manual);
    }
  }
}

TEST(Version, IsSaidInBothForms) {
  FakeWorld world;
  EXPECT_EQ(world.run({"version"}), 0);
  EXPECT_EQ(world.run({"--version"}), 0);
  EXPECT_EQ(world.run({"version", "--output", "json"}), 0);
  EXPECT_EQ(world.out.str(), "bdd-lock 0.1.0\nbdd-lock 0.1.0\n{\"version\":\"0.1.0\"}\n");
}

TEST(Output, ThatCannotBeWrittenIsAFailure) {
  FakeWorld world;
  world.out.setstate(std::ios::badbit);
  EXPECT_EQ(world.run({"version"}), 1);
  expect_in("could not be written", world.said());
}

TEST(ConfigFile, MayBeginWithAByteOrderMark) {
  const TemporaryFile file("\xEF\xBB\xBFlisten = 127.0.0.1:9\n");
  FakeWorld world;
  ASSERT_EQ(world.run({"serve", "--no-auth", "--config", file.path}), 0) << world.said();
  EXPECT_EQ(world.serve->listen.port, 9);
}

TEST(ConfigFile, WhoseNameIsEmptyIsAFault) {
  for (const auto& words : {std::vector<std::string>{"serve", "--no-auth", "--config", ""},
                            {"serve", "--no-auth", "--config="}}) {
    FakeWorld world;
    EXPECT_EQ(world.run(words), 64);
    expect_in("is a variable empty that should not be?", world.said());
    EXPECT_FALSE(world.serve);
  }
}

TEST(Backup, WritesNoFileThatIsCalledLikeTheStandardOutput) {
  FakeWorld world;
  EXPECT_EQ(world.run({"backup", "-"}), 64);
  expect_in("must be a file, not -", world.said());
  EXPECT_FALSE(world.backup);
  EXPECT_EQ(world.run({"backup", "./-"}), 0);
}

}  // namespace
}  // namespace bddlock::cli::testing
