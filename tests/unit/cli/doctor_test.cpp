#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/examination.hpp"
#include "fake_world.hpp"

namespace bddlock::cli::testing {
namespace {

// The fake world's clock stands at 2027-01-15 08:00:00 UTC.
constexpr const char* right_date = "Fri, 15 Jan 2027 08:00:00 GMT";

Answer healthy(const std::string& version = "0.1.0", const std::string& date = right_date) {
  return with_header(json(200, R"({"status":"ok","version":")" + version + "\"}"), "Date", date);
}

struct Patient : FakeWorld {
  Patient() {
    variables["BDD_LOCK_AUTH_TOKEN"] = "secret";
    answer("GET /healthz", {healthy()});
    answer("GET /readyz", {json(200, R"({"status":"ok"})")});
    answer("GET /v1/stacks?limit=1000", {page({})});
  }
};

TEST(Doctor, FindsNothingWrongWithAHealthySetUp) {
  Patient patient;
  EXPECT_EQ(patient.run({"doctor"}), 0) << patient.said();
  EXPECT_EQ(patient.out.str(),
            "ok    endpoint    http://127.0.0.1:8080\n"
            "ok    token       found in BDD_LOCK_AUTH_TOKEN, 6 characters\n"
            "ok    connection  127.0.0.1 port 8080 answers\n"
            "ok    server      bdd-lock 0.1.0\n"
            "ok    clock       agrees with the server's within 2 s\n"
            "ok    store       answers\n"
            "ok    access      the server accepts the token\n");
}

// People edit the items of a table on DynamoDB.
TEST(Doctor, NamesStacksThatAreOdd) {
  Patient patient;
  patient.answer("GET /v1/stacks?limit=1000", {json(200, R"({"items":[
      {"stackName":"fine","repoName":"r","state":"claimed","claim":null,
       "usedAt":"2026-01-01T00:00:00.000Z"},
      {"stackName":"lost","repoName":"","state":"available","claim":null,
       "usedAt":"2026-01-01T00:00:00.000Z"},
      {"stackName":"off","repoName":"r","state":"disabled","claim":null,
       "usedAt":"9999-12-31T23:59:59.999Z"},
      {"stackName":"old","repoName":"r","state":"claimed","claim":null,
       "usedAt":"9999-12-31T23:59:59.999Z"},
      1],"nextCursor":null})")});
  EXPECT_EQ(patient.run({"doctor"}), 0) << patient.said();
  const std::string said = patient.out.str();
  expect_in("warn  stacks      lost is of no repo", said);
  expect_in("warn  stacks      old is in use, and nothing says since when", said);
  expect_in("bdd-lock dynamodb check TABLE", said);
  EXPECT_EQ(said.find("fine"), std::string::npos);
  EXPECT_EQ(said.find("off is"), std::string::npos);
}

TEST(Doctor, ReportsInJsonToo) {
  Patient patient;
  patient.answer("GET /readyz", {problem(503, "store_unavailable")});
  EXPECT_EQ(patient.run({"doctor", "--output", "json"}), 69);
  EXPECT_TRUE(patient.out.str().starts_with(R"([{"level":"ok","check":"endpoint",)"))
      << patient.out.str();
  expect_in(R"({"level":"bad","check":"store","found":"the server is up, but its store )"
            "does not answer: ",
            patient.out.str());
  expect_in(R"("mend":")", patient.out.str());
}

TEST(Doctor, ExplainsABadEndpoint) {
  for (const char* endpoint : {"127.0.0.1:8080", "ftp://x", "http://", "nonsense"}) {
    Patient patient;
    patient.variables["BDD_LOCK_ENDPOINT"] = endpoint;
    EXPECT_EQ(patient.run({"doctor"}), 64) << endpoint;
    expect_in("bad   endpoint", patient.out.str());
    expect_in("such as http://127.0.0.1:8080", patient.out.str());
    EXPECT_TRUE(patient.requests.empty());
  }
}

TEST(Doctor, WarnsOfASlashAtTheEnd) {
  Patient patient;
  EXPECT_EQ(patient.run({"doctor", "--endpoint", "http://127.0.0.1:8080/"}), 0);
  expect_in("warn  endpoint", patient.out.str());
}

TEST(Doctor, NamesTheProxyThatCallsTakeButNotItsPassword) {
  Patient patient;
  patient.variables["HTTPS_PROXY"] = "http://user:hunter2@proxy.test:3128";
  EXPECT_EQ(patient.run({"doctor", "--endpoint", "https://locks.example"}), 0);
  expect_in("ok    proxy       calls go through the proxy proxy.test:3128 (HTTPS_PROXY)",
            patient.out.str());
  expect_in("locks.example port 443 answers, and its certificate is verified", patient.out.str());
  expect_not_in("name", patient.out.str());  // the proxy looks it up
  expect_not_in("hunter2", patient.out.str());
}

TEST(Doctor, SaysWhyAProxyIsNotUsed) {
  Patient patient;
  patient.variables["https_proxy"] = "proxy.test:3128";
  patient.variables["no_proxy"] = "locks.example";
  EXPECT_EQ(patient.run({"doctor", "--endpoint", "https://locks.example"}), 0);
  expect_in("ok    proxy       https_proxy is not used for locks.example", patient.out.str());
  Patient local;
  local.variables["HTTP_PROXY"] = "proxy.test:3128";
  EXPECT_EQ(local.run({"doctor"}), 0);
  expect_in("warn  proxy       HTTP_PROXY is not read in capitals", local.out.str());
}

TEST(Doctor, RefusesAProxyThatIsNone) {
  Patient patient;
  patient.variables["https_proxy"] = "socks5://user:hunter2@h";
  EXPECT_EQ(patient.run({"doctor", "--endpoint", "https://locks.example"}), 64);
  expect_in("bad   proxy       the proxy in https_proxy", patient.out.str());
  expect_not_in("hunter2", patient.out.str());
  EXPECT_TRUE(patient.requests.empty());
}

TEST(Doctor, TellsProxyCertificateAndWrongSchemeApart) {
  struct Row {
    net::Step step;
    bool permanent;
    const char* found;
    const char* mend;
  };
  for (const auto& [step, permanent, found, mend] :
       {Row{net::Step::proxy, true, "bad   proxy       what happened", "ask who runs the proxy"},
        Row{net::Step::tls, true, "bad   tls         what happened", "SSL_CERT_FILE"},
        Row{net::Step::request, true, "bad   connection  what happened", "correct the endpoint"},
        Row{net::Step::connect, false, "bad   connection  what happened", "bdd-lock serve"}}) {
    Patient patient;
    patient.answer("GET /healthz",
                   {std::unexpected(net::NetError{
                       .detail = "what happened", .step = step, .permanent = permanent})});
    EXPECT_EQ(patient.run({"doctor", "--endpoint", "https://locks.example"}), 69);
    expect_in(found, patient.out.str());
    expect_in(mend, patient.out.str());
  }
}

TEST(Doctor, SaysWhenNobodyListens) {
  Patient patient;
  patient.answer("GET /healthz", {not_sent()});
  EXPECT_EQ(patient.run({"doctor"}), 69);
  expect_in("bad   connection  connection refused by 127.0.0.1:8080", patient.out.str());
  expect_in("bdd-lock serve", patient.out.str());
  EXPECT_EQ(patient.requests.size(), 1u) << "it shows what is, without repeats";
}

TEST(Doctor, TellsAnUnknownNameFromAServerThatIsNotThere) {
  Patient patient;
  patient.answer("GET /healthz",
                 {std::unexpected(net::NetError{net::Failure::not_sent,
                                                "unknown host \"locks.example\": no such name",
                                                net::Step::look_up})});
  EXPECT_EQ(patient.run({"doctor", "--endpoint", "http://locks.example:8080"}), 69);
  expect_in("bad   name        unknown host", patient.out.str());
  expect_in("getent hosts locks.example", patient.out.str());
  patient.out.str("");
  patient.answer("GET /healthz", {not_sent()});
  EXPECT_EQ(patient.run({"doctor", "--endpoint", "http://locks.example:8080"}), 69);
  expect_in("ok    name        locks.example is known", patient.out.str());
  expect_in("bad   connection", patient.out.str());
}

TEST(Doctor, SaysWhenWhatListensDoesNotAnswer) {
  Patient patient;
  patient.answer("GET /healthz", {cut_off(net::Failure::timed_out)});
  EXPECT_EQ(patient.run({"doctor"}), 69);
  expect_in("something listens there, but does not answer", patient.out.str());
}

TEST(Doctor, LooksWhetherWhatEndsPlainHttpSpeaksHttps) {
  for (const Answer& second :
       {healthy("0.1.0"),
        Answer(std::unexpected(
            net::NetError{.detail = "the certificate of h:1 expired", .step = net::Step::tls}))}) {
    Patient patient;
    patient.answer("GET /healthz", {cut_off(), second});
    EXPECT_EQ(patient.run({"doctor"}), 69);
    expect_in("it speaks HTTPS: write https:// instead of http://", patient.out.str());
    EXPECT_EQ(header_of(patient.requests.back(), "Authorization"), "");
  }
  Patient broken;
  broken.answer("GET /healthz", {cut_off()});
  EXPECT_EQ(broken.run({"doctor"}), 69);
  expect_in("something listens there, but does not answer", broken.out.str());
}

TEST(Doctor, RecognisesALoginPage) {
  Patient patient;
  patient.answer("GET /healthz", {html(200)});
  EXPECT_EQ(patient.run({"doctor"}), 69);
  expect_in("what answers is not bdd-lock: 200 with a web page", patient.out.str());
  expect_in("login page", patient.out.str());
  patient.answer("GET /healthz", {with_header(html(302), "Location", "https://sso/login")});
  EXPECT_EQ(patient.run({"doctor"}), 69);
  expect_in("redirects to https://sso/login", patient.out.str());
}

TEST(Doctor, RecognisesAnotherProgram) {
  for (const Answer& other :
       {json(200, R"({"status":"UP"})"), json(404, R"({"error":"no"})"), json(200, "[]")}) {
    Patient patient;
    patient.answer("GET /healthz", {other});
    EXPECT_EQ(patient.run({"doctor"}), 69);
    expect_in("what answers is not bdd-lock", patient.out.str());
  }
}

TEST(Doctor, WarnsOfAnotherVersion) {
  Patient patient;
  patient.answer("GET /healthz", {healthy("0.2.0")});
  EXPECT_EQ(patient.run({"doctor"}), 0);
  expect_in("warn  server      bdd-lock 0.2.0, while this client is 0.1.0", patient.out.str());
}

TEST(Doctor, KnowsBothEdgesOfTheClocksTolerance) {
  // The Date is cut to whole seconds: it may be up to a second older than the server's clock.
  const std::pair<const char*, const char*> cases[] = {
      {"Fri, 15 Jan 2027 08:00:02 GMT", "ok    clock"},
      {"Fri, 15 Jan 2027 08:00:03 GMT", "3 s ahead of"},
      {"Fri, 15 Jan 2027 07:59:57 GMT", "ok    clock"},
      {"Fri, 15 Jan 2027 07:59:56 GMT", "3 s behind"},
      {"Fri, 15 Jan 2027 09:00:00 GMT", "3600 s ahead"},
      {"", "warn  clock"},
      {"yesterday", "warn  clock"},
  };
  for (const auto& [date, found] : cases) {
    Patient patient;
    patient.answer("GET /healthz", {healthy("0.1.0", date)});
    EXPECT_EQ(patient.run({"doctor"}), 0) << date;
    expect_in(found, patient.out.str());
  }
}

TEST(Doctor, SaysThatTheStoreDoesNotAnswer) {
  Patient patient;
  patient.answer("GET /readyz", {problem(503, "store_unavailable")});
  EXPECT_EQ(patient.run({"doctor"}), 69);
  expect_in("the detail of store_unavailable", patient.out.str());
  expect_in("full disk", patient.out.str());
}

TEST(Doctor, SaysThatTheStageOfAnApiGatewayIsMissing) {
  Patient patient;
  patient.answer("GET /healthz", {json(403, R"({"message":"Forbidden"})")});
  EXPECT_EQ(patient.run({"doctor"}), 69);
  expect_in("put its stage, such as /dev, at the end of the endpoint", patient.out.str());
}

TEST(Doctor, SaysThatTheTokenIsNotAccepted) {
  Patient patient;
  patient.answer("GET /v1/stacks?limit=1000", {json(403, R"({"Message":"no"})")});
  EXPECT_EQ(patient.run({"doctor"}), 77);
  expect_in("bad   access      the server does not accept the token from BDD_LOCK_AUTH_TOKEN (403)",
            patient.out.str());
  expect_not_in("secret", patient.out.str());
}

TEST(Doctor, SaysThatATokenIsWanted) {
  Patient patient;
  patient.variables.erase("BDD_LOCK_AUTH_TOKEN");
  patient.answer("GET /v1/stacks?limit=1000", {json(401, R"({"message":"Unauthorized"})")});
  EXPECT_EQ(patient.run({"doctor"}), 77);
  expect_in("warn  token       none is set", patient.out.str());
  expect_in("bad   access      the server wants a token (401)", patient.out.str());
}

TEST(Doctor, SaysThatTheTokenIsMalformed) {
  Patient patient;
  patient.variables["BDD_LOCK_AUTH_TOKEN"] = "\"secret\"";
  EXPECT_EQ(patient.run({"doctor"}), 64);
  expect_in("bad   token       the variable BDD_LOCK_AUTH_TOKEN has quotes", patient.out.str());
  expect_not_in("secret", patient.out.str());
}

TEST(Doctor, LooksAtTheTokenFile) {
  Patient patient;
  const std::string path = ::testing::TempDir() + "doctor-token-" + std::to_string(getpid());
  std::ofstream(path) << "secret\n";
  chmod(path.c_str(), 0644);
  EXPECT_EQ(patient.run({"doctor", "--token-file", path}), 0);
  expect_in("are both set; the file " + path + " is used", patient.out.str());
  expect_in("other users of this machine can read " + path, patient.out.str());
  chmod(path.c_str(), 0600);
  patient.out.str("");
  EXPECT_EQ(patient.run({"doctor", "--token-file", path}), 0);
  expect_not_in("other users", patient.out.str());
  std::filesystem::remove(path);
}

TEST(HttpDate, IsReadInItsOneForm) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            core::Instant(core::seconds(784'111'777)));
  for (const char* text :
       {"", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT", "0"}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

TEST(Endpoint, ThatMayHoldASecretIsRepeatedByNoCommand) {
  for (const char* endpoint : {"https://user:s3cr3t@h", "http://h/?token=s3cr3t", "s3cr3t"}) {
    for (const char* command : {"doctor", "list"}) {
      FakeWorld world;
      world.variables["BDD_LOCK_ENDPOINT"] = endpoint;
      EXPECT_EQ(world.run({command}), 64) << endpoint;
      expect_not_in("s3cr3t", world.said() + world.out.str());
    }
  }
}

}  // namespace
}  // namespace bddlock::cli::testing
