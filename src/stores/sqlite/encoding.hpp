// How the columns of bytes are written: numbers in as few bytes as they need, texts behind their
// length. What is read may be damaged, so a Decoder stops at the first thing that cannot be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/claim.hpp"

namespace bddlock::stores::sqlite {

class Encoder {
 public:
  // Appends to `to`.
  explicit Encoder(std::string& to) : to_(to) {}

  Encoder& number(std::int64_t value);
  Encoder& text(std::string_view text);
  Encoder& key(const core::ClaimKey& key);
  Encoder& time(core::Instant at) { return number(at.time_since_epoch().count()); }
  Encoder& map(const core::StringMap& map);
  Encoder& holder(const core::Holder& holder);

 private:
  std::string& to_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view from) : from_(from) {}

  [[nodiscard]] std::int64_t number();
  [[nodiscard]] std::string text();
  [[nodiscard]] core::ClaimKey key();
  [[nodiscard]] core::Instant time() { return core::Instant(core::microseconds(number())); }
  [[nodiscard]] core::StringMap map();
  [[nodiscard]] core::Holder holder();

  [[nodiscard]] bool at_end() const { return from_.empty(); }
  // Something was cut short or is no number. What was read is empty then.
  [[nodiscard]] bool failed() const { return failed_; }
  void fail();

 private:
  [[nodiscard]] std::string_view take(std::size_t bytes);

  std::string_view from_;
  bool failed_ = false;
};

}  // namespace bddlock::stores::sqlite
