// TLS on top of another Stream, with the other side's certificate verified. Threads: one at a time.
#pragma once

#include <memory>
#include <string>

#include "net/stream.hpp"

struct ssl_st;
struct ssl_ctx_st;
struct x509_store_ctx_st;

namespace bddlock::net {

// Whose certificate it must be, and for sentences.
struct TlsPeer {
  std::string host;     // a name, or an IP address, which then must be among the certificate's
  std::string name;     // "locks.example.org:443"
  std::string trusted;  // where the authorities come from
};

class TlsStream final : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> below, ssl_ctx_st& context, TlsPeer peer);
  // Says goodbye, if there is still somebody to say it to.
  ~TlsStream() override;
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // A step of the handshake; `moved` is the end of it. `why` of `broken` is a whole sentence: what
  // is wrong with the certificate, or what else was found instead of a TLS server. Nothing may be
  // read or written before it has succeeded.
  [[nodiscard]] Transfer shake_hands();
  // Whether a failed handshake would fail again: the other side answered, but not as it should.
  [[nodiscard]] bool is_hopeless() const { return hopeless_; }

  [[nodiscard]] Transfer read_some(std::span<char> into) override;
  [[nodiscard]] Transfer write_some(std::string_view bytes) override;
  [[nodiscard]] int descriptor() const override { return below_->descriptor(); }

 private:
  struct Below;  // OpenSSL's way to the stream below
  static int verified(int good, x509_store_ctx_st* checked);

  [[nodiscard]] Transfer outcome(int result, std::size_t bytes);
  [[nodiscard]] std::string reason() const;
  [[nodiscard]] std::string explain_handshake();

  std::unique_ptr<Stream> below_;
  TlsPeer peer_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  std::string refusal_;      // what is wrong with the certificate
  std::string first_bytes_;  // what came first, to recognise what is not TLS
  Transfer last_;            // of the stream below, where it moved nothing
  bool usable_ = false;      // between the handshake and the first error
  bool hopeless_ = false;
};

}  // namespace bddlock::net
