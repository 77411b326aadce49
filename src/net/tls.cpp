// Called by connection.cpp; calls certificate.cpp.
#include "net/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/address.hpp"
#include "net/certificate.hpp"

namespace bddlock::net {
namespace {

using State = Transfer::State;

std::string reason_of(unsigned long error) {
  const char* text = ERR_reason_error_string(error);
  return text != nullptr ? text : "no reason is known";
}

bool begins_as_tls(std::string_view bytes) {
  return bytes.starts_with('\x15') || bytes.starts_with('\x16');  // an alert, a handshake
}

}  // namespace

// OpenSSL's own socket BIO would raise SIGPIPE, and cannot stand on another TlsStream.
struct TlsStream::Below {
  static constexpr std::size_t first_bytes = 5;

  static TlsStream& stream(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int moved(BIO* bio, Transfer done) {
    BIO_clear_retry_flags(bio);
    if (done.state == State::moved) return static_cast<int>(done.bytes);
    if (done.state == State::must_read) BIO_set_retry_read(bio);
    if (done.state == State::must_write) BIO_set_retry_write(bio);
    const int result = done.state == State::ended ? 0 : -1;
    stream(bio).last_ = std::move(done);
    return result;
  }

  static int read(BIO* bio, char* into, int size) {
    auto& tls = stream(bio);
    auto done = tls.below_->read_some({into, static_cast<std::size_t>(size)});
    if (done.state == State::moved && tls.first_bytes_.size() < first_bytes)
      tls.first_bytes_.append(into, std::min(done.bytes, first_bytes));
    return moved(bio, std::move(done));
  }

  static int write(BIO* bio, const char* from, int size) {
    return moved(bio, stream(bio).below_->write_some({from, static_cast<std::size_t>(size)}));
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static const std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> made = [] {
      BIO_METHOD* all = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
      BIO_meth_set_read(all, read);
      BIO_meth_set_write(all, write);
      BIO_meth_set_ctrl(all, control);
      return std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)>(all, BIO_meth_free);
    }();
    return made.get();
  }
};

TlsStream::TlsStream(std::unique_ptr<Stream> below, ssl_ctx_st& context, TlsPeer peer)
    : below_(std::move(below)), peer_(std::move(peer)), ssl_(SSL_new(&context), SSL_free) {
  BIO* bio = BIO_new(Below::method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, verified);
  SSL_set_connect_state(ssl_.get());

  X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(
      wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (parse_ip(peer_.host)) {
    X509_VERIFY_PARAM_set1_ip_asc(wanted, peer_.host.substr(0, peer_.host.find('%')).c_str());
    return;
  }
  // Certificates have no dot at the end; an IP address is no server name (RFC 6066).
  const std::string host = peer_.host.substr(0, peer_.host.find_last_not_of('.') + 1);
  X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
  SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
}

TlsStream::~TlsStream() {
  if (!usable_) return;
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

int TlsStream::verified(int good, X509_STORE_CTX* checked) {
  if (good == 1) return 1;
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(checked, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& tls = *static_cast<TlsStream*>(SSL_get_app_data(ssl));
  tls.refusal_ = explain_verification(*checked, tls.peer_.name, tls.peer_.host, tls.peer_.trusted);
  return 0;
}

Transfer TlsStream::shake_hands() {
  ERR_clear_error();
  last_ = {};
  Transfer done = outcome(SSL_do_handshake(ssl_.get()), 0);
  usable_ = done.state == State::moved;
  if (done.state != State::broken && done.state != State::ended) return done;
  return {.state = State::broken, .why = explain_handshake()};
}

Transfer TlsStream::read_some(std::span<char> into) {
  ERR_clear_error();
  last_ = {};
  std::size_t bytes = 0;
  const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes);
  return outcome(result, bytes);
}

Transfer TlsStream::write_some(std::string_view text) {
  ERR_clear_error();
  last_ = {};
  std::size_t bytes = 0;
  const int result = SSL_write_ex(ssl_.get(), text.data(), text.size(), &bytes);
  return outcome(result, bytes);
}

Transfer TlsStream::outcome(int result, std::size_t bytes) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return {.state = State::moved, .bytes = bytes};
    case SSL_ERROR_WANT_READ:
      return {.state = State::must_read};
    case SSL_ERROR_WANT_WRITE:
      return {.state = State::must_write};
    case SSL_ERROR_ZERO_RETURN:
      return {.state = State::ended};
    default:
      usable_ = false;
      return {.state = State::broken, .why = reason()};
  }
}

std::string TlsStream::reason() const {
  if (last_.state == State::ended) return "it ended without the last word of TLS";
  if (!last_.why.empty()) return last_.why;
  const unsigned long error = ERR_peek_last_error();
  if (ERR_GET_REASON(error) == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED)
    return "it wants a certificate of the client, and this client has none";
  return reason_of(error);
}

std::string TlsStream::explain_handshake() {
  const bool lost = last_.state == State::ended || !last_.why.empty();
  const bool is_tls = first_bytes_.empty() || begins_as_tls(first_bytes_);
  hopeless_ = !refusal_.empty() || !is_tls || !lost;
  if (!refusal_.empty()) return refusal_;
  if (first_bytes_.starts_with("HTTP"))
    return peer_.name +
           " speaks plain HTTP: write http:// instead of https://, or correct the port";
  if (!is_tls) return "what listens at " + peer_.name + " does not speak TLS: is the port right?";
  if (lost)
    return peer_.name + " ended the connection in the TLS handshake" +
           (last_.why.empty() ? "" : " (" + last_.why + ")") + ": does it speak HTTPS there?";
  switch (ERR_GET_REASON(ERR_peek_last_error())) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return peer_.name + " speaks no TLS that this client accepts, 1.2 or later";
    default:
      return "the TLS handshake with " + peer_.name + " failed: " + reason();
  }
}

}  // namespace bddlock::net
