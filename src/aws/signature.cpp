#include "aws/signature.hpp"

#include <algorithm>
#include <map>

#include "aws/sha256.hpp"
#include "net/text.hpp"

namespace bddlock::aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// Without white space at its ends, and with one space for each run of it inside.
std::string squeezed(std::string_view value) {
  std::string text;
  for (const char c : value) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

using SignedHeaders = std::map<std::string, std::string>;

// By their names in small letters; the values of one name in the order of the request.
SignedHeaders signed_headers(const Fields& headers) {
  SignedHeaders signed_ones;
  for (const auto& [name, value] : headers) {
    const auto [at, is_new] = signed_ones.try_emplace(net::lowered(name), squeezed(value));
    if (!is_new) at->second += "," + squeezed(value);
  }
  return signed_ones;
}

std::string names_of(const SignedHeaders& headers) {
  std::string names;
  for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
  return names;
}

std::string canonical_query(const Fields& query) {
  Fields encoded;
  for (const auto& [name, value] : query)
    encoded.emplace_back(percent_encoded(name), percent_encoded(value));
  std::ranges::sort(encoded);
  std::string text;
  for (const auto& [name, value] : encoded) text += (text.empty() ? "" : "&") + name + "=" + value;
  return text;
}

std::string signing_key(const Scope& scope, const std::string& secret, const std::string& day) {
  const std::string of_day = hmac_sha256("AWS4" + secret, day);
  const std::string of_region = hmac_sha256(of_day, scope.region);
  return hmac_sha256(hmac_sha256(of_region, scope.service), "aws4_request");
}

}  // namespace

std::string percent_encoded(std::string_view text, bool keep_slashes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c) || (keep_slashes && c == '/'))
      encoded += c;
    else
      encoded.append({'%', digits[byte >> 4], digits[byte & 0xf]});
  }
  return encoded;
}

std::string canonical_request(const Signable& request) {
  const SignedHeaders headers = signed_headers(request.headers);
  std::string text = request.method + "\n" + percent_encoded(request.path, true) + "\n" +
                     canonical_query(request.query) + "\n";
  for (const auto& [name, value] : headers) text += name + ":" + value + "\n";
  return text + "\n" + names_of(headers) + "\n" + to_hex(sha256(request.body));
}

Fields sign(const Signable& request, const Scope& scope, const Credentials& credentials,
            Instant now) {
  const std::string time = to_basic_text(now);
  const std::string day = time.substr(0, time.find('T'));
  const std::string where = day + "/" + scope.region + "/" + scope.service + "/aws4_request";
  Fields added{{"X-Amz-Date", time}};
  if (!credentials.session_token.empty())
    added.emplace_back("X-Amz-Security-Token", credentials.session_token);
  Signable whole = request;
  whole.headers.insert(whole.headers.end(), added.begin(), added.end());
  const std::string to_sign = std::string(algorithm) + "\n" + time + "\n" + where + "\n" +
                              to_hex(sha256(canonical_request(whole)));
  const std::string signature =
      to_hex(hmac_sha256(signing_key(scope, credentials.secret_access_key, day), to_sign));
  added.emplace_back("Authorization",
                     std::string(algorithm) + " Credential=" + credentials.access_key_id + "/" +
                         where + ", SignedHeaders=" + names_of(signed_headers(whole.headers)) +
                         ", Signature=" + signature);
  return added;
}

}  // namespace bddlock::aws
