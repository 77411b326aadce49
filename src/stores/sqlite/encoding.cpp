#include "stores/sqlite/encoding.hpp"

#include <algorithm>

namespace bddlock::stores::sqlite {

namespace {

constexpr int bits_a_byte = 7;
constexpr std::uint64_t byte_max = 127;
constexpr int shift_max = 63;
constexpr std::size_t number_bytes_max = 10;

// The fields of a holder, always in this order.
constexpr std::string core::Holder::* holder_fields[] = {
    &core::Holder::ci,     &core::Holder::job,    &core::Holder::job_url, &core::Holder::repo,
    &core::Holder::branch, &core::Holder::commit, &core::Holder::actor};

}  // namespace

// Zigzag, so that numbers near zero are short on both sides; seven bits a byte, the lowest first.
Encoder& Encoder::number(std::int64_t value) {
  std::uint64_t left =
      (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> shift_max);
  if (left <= byte_max) {  // lengths, flags and enumerators: most numbers
    to_ += static_cast<char>(left);
    return *this;
  }
  char bytes[number_bytes_max];
  std::size_t count = 0;
  for (; left > byte_max; left >>= bits_a_byte)
    bytes[count++] = static_cast<char>((left & byte_max) | (byte_max + 1));
  bytes[count++] = static_cast<char>(left);
  to_.append(bytes, count);
  return *this;
}

Encoder& Encoder::text(std::string_view text) {
  number(static_cast<std::int64_t>(text.size()));
  to_ += text;
  return *this;
}

Encoder& Encoder::key(const core::ClaimKey& key) {
  to_.append(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
  return *this;
}

Encoder& Encoder::map(const core::StringMap& map) {
  number(static_cast<std::int64_t>(map.size()));
  for (const auto& [key, value] : map) text(key).text(value);
  return *this;
}

Encoder& Encoder::holder(const core::Holder& holder) {
  for (const auto field : holder_fields) text(holder.*field);
  return *this;
}

void Decoder::fail() {
  failed_ = true;
  from_ = {};
}

std::string_view Decoder::take(std::size_t bytes) {
  if (bytes > from_.size()) {
    fail();
    return {};
  }
  const std::string_view taken = from_.substr(0, bytes);
  from_.remove_prefix(bytes);
  return taken;
}

std::int64_t Decoder::number() {
  std::uint64_t value = 0;
  for (int shift = 0; shift <= shift_max; shift += bits_a_byte) {
    const std::string_view byte = take(1);
    if (byte.empty()) return 0;
    const auto bits = static_cast<std::uint64_t>(static_cast<unsigned char>(byte[0]));
    value |= (bits & byte_max) << shift;
    if (bits <= byte_max) return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }
  fail();
  return 0;
}

std::string Decoder::text() {
  const std::int64_t size = number();
  if (size < 0) fail();
  return std::string(take(static_cast<std::size_t>(std::max<std::int64_t>(size, 0))));
}

core::ClaimKey Decoder::key() {
  core::ClaimKey key;
  const std::string_view bytes = take(key.bytes.size());
  std::ranges::transform(bytes, key.bytes.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return key;
}

core::StringMap Decoder::map() {
  core::StringMap map;
  for (std::int64_t left = number(); left > 0 && !failed_; --left) {
    std::string key = text();
    map.emplace_hint(map.end(), std::move(key), text());
  }
  return map;
}

core::Holder Decoder::holder() {
  core::Holder holder;
  for (const auto field : holder_fields) holder.*field = text();
  return holder;
}

}  // namespace bddlock::stores::sqlite
