// Called by client.cpp.
#include "net/trust.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <system_error>

#include "net/ca_file.hpp"

namespace bddlock::net {
namespace {

using Context = std::shared_ptr<SSL_CTX>;

std::string reason_of_errno() { return std::generic_category().message(errno); }

bool is_readable(std::string_view path) { return access(std::string(path).c_str(), R_OK) == 0; }

std::unexpected<std::string> none_found(std::span<const std::string_view> places) {
  std::string tried;
  for (const auto place : places) tried += (tried.empty() ? "" : ", ") + std::string(place);
  return std::unexpected(
      "no certificates of authorities were found to verify the server's with; tried were " + tried +
      ". Install the package ca-certificates, or name a file of them in SSL_CERT_FILE");
}

bool load(SSL_CTX& context, const CaSource& source) {
  if (!source.file.empty()) return add_ca_file(*SSL_CTX_get_cert_store(&context), source.file);
  return SSL_CTX_load_verify_dir(&context, source.directories.c_str()) == 1;
}

std::expected<Context, std::string> make(const CaSource& source) {
  // No openssl.cnf: it may name modules, which a static program must not load.
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
    return std::unexpected("OpenSSL cannot be set up");
  if (!load(*context, source)) {
    ERR_clear_error();
    return std::unexpected("there is no certificate in PEM form, or a damaged one, in " +
                           source.name());
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  // A trusted certificate need not be a root: a team may name its server's own.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.get()), X509_V_FLAG_PARTIAL_CHAIN);
  constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), http_1_1.data(), http_1_1.size());
  return context;
}

}  // namespace

std::span<const std::string_view> usual_ca_files() {
  static constexpr std::array<std::string_view, 6> places{
      "/etc/ssl/certs/ca-certificates.crt",
      "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/ssl/ca-bundle.pem",
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
      "/etc/ssl/cert.pem",
      "/etc/pki/tls/cacert.pem"};
  return places;
}

std::string CaSource::name() const {
  const std::string& path = file.empty() ? directories : file;
  return from.empty() ? path : path + " (" + from + ")";
}

std::expected<CaSource, std::string> find_ca(const Surroundings& surroundings,
                                             std::span<const std::string_view> places) {
  if (!surroundings.ca_file.empty()) {
    if (is_readable(surroundings.ca_file))
      return CaSource{surroundings.ca_file, "", "SSL_CERT_FILE"};
    return std::unexpected("cannot read " + surroundings.ca_file +
                           ", the file that SSL_CERT_FILE names: " + reason_of_errno());
  }
  if (!surroundings.ca_directory.empty())
    return CaSource{"", surroundings.ca_directory, "SSL_CERT_DIR"};
  for (const auto place : places)
    if (is_readable(place)) return CaSource{std::string(place), ""};
  return none_found(places);
}

std::expected<Context, std::string> tls_context(const CaSource& source) {
  static std::mutex mutex;
  static std::weak_ptr<SSL_CTX> last;
  static std::string last_name;
  const std::lock_guard lock(mutex);
  if (auto known = last.lock(); known && last_name == source.name()) return known;
  auto context = make(source);
  if (context) last = *context;
  last_name = source.name();
  return context;
}

}  // namespace bddlock::net
