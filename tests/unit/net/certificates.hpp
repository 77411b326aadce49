// Certificates made on the spot, good and bad ones, and TLS servers' contexts with them.
#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bddlock::net {

struct CertificateWishes {
  std::string subject = "a test";
  std::vector<std::string> names = {};  // host names and IP addresses
  int from_days = -1;                   // from now
  int to_days = 1;
  bool is_authority = false;
};

// With its key, and with those above it but the topmost, as a server sends them.
struct Certificate {
  std::shared_ptr<X509> x509;
  std::shared_ptr<EVP_PKEY> key;
  std::vector<std::shared_ptr<X509>> above = {};

  [[nodiscard]] std::string pem() const;
};

[[nodiscard]] Certificate self_signed(const CertificateWishes& wishes);
[[nodiscard]] Certificate signed_by(const Certificate& issuer, const CertificateWishes& wishes);

// Its memory is a server's: it must outlive the connections.
using ServerContext = std::shared_ptr<SSL_CTX>;
[[nodiscard]] ServerContext server_context(const Certificate& certificate);

// A directory of its own with files in it, for as long as it lives.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  // The path of a new file with this text.
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace bddlock::net
