// Against Amazon's published test vectors: tests/data/signatures.json holds the facts of those of
// its suite whose path is signed as it is sent and whose token is signed too.
#include "aws/signature.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>

#include "aws/sha256.hpp"

namespace bddlock::aws {
namespace {

namespace json = boost::json;

json::array vectors() {
  std::ifstream file(BDDLOCK_SOURCE_DIR "/tests/data/signatures.json");
  return json::parse(std::string(std::istreambuf_iterator<char>(file), {})).as_array();
}

std::string text(const json::value& vector, const char* key) {
  return std::string(vector.at(key).as_string());
}

Fields fields(const json::value& vector, const char* key) {
  Fields all;
  for (const json::value& pair : vector.at(key).as_array())
    all.emplace_back(pair.at(0).as_string(), pair.at(1).as_string());
  return all;
}

Signable signable(const json::value& vector) {
  return {.method = text(vector, "method"),
          .path = text(vector, "path"),
          .query = fields(vector, "query"),
          .headers = fields(vector, "headers"),
          .body = text(vector, "body")};
}

Credentials credentials(const json::value& vector) {
  return {.access_key_id = text(vector, "accessKeyId"),
          .secret_access_key = text(vector, "secretAccessKey"),
          .session_token = text(vector, "sessionToken")};
}

TEST(Signature, IsThatOfAmazonsTestVectors) {
  const json::array all = vectors();
  ASSERT_EQ(all.size(), 31u);
  for (const json::value& vector : all) {
    const Signable request = signable(vector);
    const auto at = parse_expiration(text(vector, "time"));
    ASSERT_TRUE(at);
    const Fields added =
        sign(request, {text(vector, "region"), text(vector, "service")}, credentials(vector), *at);
    Signable whole = request;
    whole.headers.insert(whole.headers.end(), added.begin(), added.end() - 1);
    EXPECT_EQ(canonical_request(whole), text(vector, "canonicalRequest")) << vector.at("name");
    EXPECT_EQ(added.back().first, "Authorization");
    EXPECT_EQ(added.back().second, text(vector, "authorization")) << vector.at("name");
  }
}

TEST(Signature, ChangesWithEverythingThatIsSigned) {
  const Credentials keys{.access_key_id = "id", .secret_access_key = "secret"};
  const Signable request{.method = "POST", .headers = {{"Host", "h"}}, .body = "{}"};
  const Scope scope{"eu-west-2", "dynamodb"};
  const auto of = [](const Signable& what, const Scope& where, const Credentials& who, Instant at) {
    return sign(what, where, who, at).back().second;
  };
  const std::string first = of(request, scope, keys, Instant{});
  EXPECT_EQ(of(request, scope, keys, Instant{}), first);
  Signable other = request;
  other.body = "{ }";
  EXPECT_NE(of(other, scope, keys, Instant{}), first);
  EXPECT_NE(of(request, {"eu-west-1", "dynamodb"}, keys, Instant{}), first);
  Credentials stranger = keys;
  stranger.secret_access_key = "guess";
  EXPECT_NE(of(request, scope, stranger, Instant{}), first);
  EXPECT_NE(of(request, scope, keys, Instant{std::chrono::seconds{1}}), first);
}

// FIPS 180-4's and RFC 4231's examples.
TEST(Sha256, IsThatOfThePublishedExamples) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST(PercentEncoded, KeepsOnlyTheUnreservedOnes) {
  EXPECT_EQ(percent_encoded("aZ09-._~/ +%\xc3\xa4"), "aZ09-._~%2F%20%2B%25%C3%A4");
  EXPECT_EQ(percent_encoded("/a/b c", true), "/a/b%20c");
}

}  // namespace
}  // namespace bddlock::aws
