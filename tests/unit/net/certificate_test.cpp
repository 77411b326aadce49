// Which certificates are taken, and what is said of the others.
#include <openssl/x509v3.h>

#include <fstream>

#include "https.hpp"
#include "net/trust.hpp"

namespace bddlock::net {
namespace {

// A server with this certificate, called once; counts the requests that came through to it.
struct Visit {
  Answered result;
  int requests;
};

Visit visit(const Certificate& certificate, const Surroundings& surroundings = trusting(),
            const std::string& host = "localhost") {
  std::atomic<int> requests = 0;
  FakeServer server(by_tls(
      [&](Peer& peer, int) {
        while (!peer.read_request().empty()) {
          ++requests;
          peer.answer("hello");
        }
      },
      server_context(certificate)));
  auto result = client_of(server, surroundings, host).call(put("/"));
  return {std::move(result), requests};
}

void expect_refused(const Visit& visited, std::string_view says) {
  expect_mistake(visited.result, Step::tls, says);
  EXPECT_EQ(visited.requests, 0);
}

TEST(Certificate, OfAnAuthorityThatIsKnownIsTaken) {
  EXPECT_TRUE(visit(Pki::get().good).result);
  const auto middle = signed_by(Pki::get().authority, {.subject = "m", .is_authority = true});
  EXPECT_TRUE(visit(signed_by(middle, {.names = {"LOCALHOST"}})).result);
}

TEST(Certificate, ThatHasExpiredIsRefusedWithTheTime) {
  const auto expired =
      signed_by(Pki::get().authority, {.names = {"localhost"}, .from_days = -3, .to_days = -1});
  const auto refused = visit(expired);
  expect_refused(refused, "the certificate of localhost:");
  expect_refused(refused, " expired on 20");
  expect_refused(refused, " UTC: it must be renewed, unless this machine's clock is wrong");
  const auto early =
      signed_by(Pki::get().authority, {.names = {"localhost"}, .from_days = 1, .to_days = 2});
  expect_refused(visit(early), "only: is this machine's clock wrong?");
}

TEST(Certificate, WhoseAuthorityHasExpiredIsRefusedWithItsName) {
  const auto old =
      signed_by(Pki::get().authority,
                {.subject = "Old Middle", .from_days = -3, .to_days = -1, .is_authority = true});
  expect_refused(visit(signed_by(old, {.names = {"localhost"}})),
                 "the certificate of the authority \"CN = Old Middle\", by which localhost:");
}

TEST(Certificate, ForAnotherHostIsRefusedWithTheNamesThatItHas) {
  const auto other = signed_by(Pki::get().authority,
                               {.names = {"a.example", "*.b.example", "10.0.0.1", "2001:db8::1"}});
  expect_refused(visit(other),
                 "is for a.example, *.b.example, 10.0.0.1, 2001:db8::1 and not for "
                 "localhost. Is the endpoint right");
  expect_refused(visit(other, trusting(), "127.0.0.1"), "and not for 127.0.0.1");
}

TEST(Certificate, IsForAnAddressOnlyIfItSaysSo) {
  // Not as a host name that looks like one.
  const auto name = signed_by(Pki::get().authority, {.names = {"localhost"}});
  expect_refused(visit(name, trusting(), "127.0.0.1"), "is for localhost and not for 127.0.0.1");
}

TEST(Certificate, WithItsNameInTheSubjectOnlyIsRefused) {
  const auto old = signed_by(Pki::get().authority, {.subject = "localhost"});
  expect_refused(visit(old), "has no names in its subjectAltName (its subject \"CN = localhost\"");
}

TEST(Certificate, OfManyOrStrangeNamesIsDescribedShortly) {
  std::vector<std::string> many;
  for (int i = 0; i < 100; ++i) many.push_back("host-" + std::to_string(i) + ".example");
  const auto refused = visit(signed_by(Pki::get().authority, {.names = many}));
  expect_refused(refused, "and others and not for localhost");
  EXPECT_LT(refused.result.error().detail.size(), 600U);
  const auto colourful =
      signed_by(Pki::get().authority, {.subject = "a\x1b[31mred\nline \xc3\xa4"});
  const auto shown = visit(colourful).result.error().detail;
  EXPECT_EQ(shown.find_first_of("\x1b\n"), std::string::npos) << shown;
}

TEST(Certificate, SignedByItselfIsRefusedUnlessItIsNamed) {
  const auto own = self_signed({.names = {"localhost"}});
  expect_refused(visit(own), "is signed by itself and not in " + Pki::get().ca_file +
                                 " (SSL_CERT_FILE). If it is meant to be, put it into a file");
  EXPECT_TRUE(visit(own, trusting(Pki::get().folder.file("own.pem", own.pem()))).result);
}

TEST(Certificate, OfAnUnknownAuthorityIsRefusedWithItsName) {
  const auto stranger = self_signed({.subject = "Stranger", .is_authority = true});
  const auto theirs = signed_by(stranger, {.names = {"localhost"}});
  expect_refused(visit(theirs), "is signed by \"CN = Stranger\", which is not in ");
  expect_refused(visit(theirs), "name it in SSL_CERT_FILE");
}

TEST(Certificate, WithoutItsIntermediateIsRefusedUnlessThatIsNamed) {
  const auto middle = signed_by(Pki::get().authority, {.subject = "Middle", .is_authority = true});
  auto incomplete = signed_by(middle, {.names = {"localhost"}});
  incomplete.above.clear();
  expect_refused(visit(incomplete), "may have left out its intermediate certificate");
  EXPECT_TRUE(visit(incomplete, trusting(Pki::get().folder.file("m.pem", middle.pem()))).result);
}

TEST(Certificate, SignedByOneThatIsNoAuthorityIsRefused) {
  expect_refused(visit(signed_by(Pki::get().good, {.names = {"localhost"}})),
                 "is refused: invalid CA");
}

TEST(Authorities, AreFoundInTheFileElseTheDirectoryElseTheUsualPlaces) {
  const Folder folder;
  const std::string first = folder.file("first.pem", "x");
  const std::string second = folder.file("second.pem", "x");
  const std::string_view places[] = {"/no-such-place", second};
  Surroundings all;
  all.ca_file = first;
  all.ca_directory = "/d";
  EXPECT_EQ(find_ca(all, places)->name(), first + " (SSL_CERT_FILE)");
  all.ca_file.clear();
  EXPECT_EQ(find_ca(all, places)->name(), "/d (SSL_CERT_DIR)");
  EXPECT_EQ(find_ca({}, places)->name(), second);
}

TEST(Authorities, ThatAreNowhereAreAnErrorWithThePlaces) {
  const std::string_view places[] = {"/no-such-place", "/nor-this"};
  const auto none = find_ca({}, places);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("tried were /no-such-place, /nor-this. Install the package "
                              "ca-certificates, or name a file of them in SSL_CERT_FILE"),
            std::string::npos)
      << none.error();
}

TEST(Authorities, OfAFileThatIsNoneAreAnErrorThatNamesIt) {
  const Folder folder;
  expect_refused(visit(Pki::get().good, trusting(folder.path() / "gone.pem")),
                 "gone.pem, the file that SSL_CERT_FILE names: No such file");
  for (const char* text : {"", "this is no certificate", "-----BEGIN CERTIFICATE-----\nx\n"})
    expect_refused(visit(Pki::get().good, trusting(folder.file("bad.pem", text))),
                   "there is no certificate in PEM form, or a damaged one, in " +
                       (folder.path() / "bad.pem").string());
}

TEST(Authorities, OfOneNameAreAllTried) {
  const CertificateWishes renewed{.subject = "Renewed", .is_authority = true};
  const auto first = self_signed(renewed);
  const auto second = self_signed(renewed);
  const Folder folder;
  const auto both = trusting(folder.file("both.pem", first.pem() + second.pem()));
  for (const auto& issuer : {first, second})
    EXPECT_TRUE(visit(signed_by(issuer, {.names = {"localhost"}}), both).result);
  const auto neither = signed_by(self_signed(renewed), {.names = {"localhost"}});
  expect_mistake(visit(neither, both).result, Step::tls, "the certificate of localhost:");
}

TEST(Authorities, MayStandAmongOtherText) {
  const Folder folder;
  const std::string text = "# Stranger\n" + self_signed({.is_authority = true}).pem() +
                           "\nTest Authority\n=====\n" + Pki::get().authority.pem() + "the end";
  EXPECT_TRUE(visit(Pki::get().good, trusting(folder.file("bundle.pem", text))).result);
}

// Half of a bundle would be trusted, and nobody would know why the other half is not.
TEST(Authorities, OfWhichOneIsDamagedAreAllRefused) {
  const Folder folder;
  std::string damaged = Pki::get().authority.pem();
  damaged.replace(damaged.size() / 2, 4, "????");
  const auto bundle = folder.file("bundle.pem", Pki::get().authority.pem() + damaged);
  expect_refused(visit(Pki::get().good, trusting(bundle)), "or a damaged one, in ");
}

TEST(Authorities, MayBeInADirectoryByTheirHashes) {
  const Folder folder;
  char hash[16];
  std::snprintf(hash, sizeof hash, "%08lx.0",
                X509_subject_name_hash(Pki::get().authority.x509.get()));
  static_cast<void>(folder.file(hash, Pki::get().authority.pem()));
  Surroundings surroundings;
  surroundings.ca_directory = folder.path();
  EXPECT_TRUE(visit(Pki::get().good, surroundings).result);
  const Folder empty;
  surroundings.ca_directory = empty.path();
  expect_refused(visit(Pki::get().good, surroundings), empty.path().string() + " (SSL_CERT_DIR)");
}

TEST(Authorities, AreReadOnceForAllClientsThatLiveAtATime) {
  const Folder folder;
  const CaSource one{Pki::get().ca_file, ""};
  const CaSource other{folder.file("other.pem", Pki::get().good.pem()), ""};
  const auto first = tls_context(one).value();
  EXPECT_EQ(tls_context(one).value(), first);
  EXPECT_NE(tls_context(other).value(), first);
}

}  // namespace
}  // namespace bddlock::net
