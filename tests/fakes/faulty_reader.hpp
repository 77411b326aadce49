// A reader that fails when told to. Faults are armed from any thread.
#pragma once

#include <atomic>

#include "service/store.hpp"

namespace bddlock::fakes {

class FaultyReader final : public service::StoreReader {
 public:
  explicit FaultyReader(service::StoreReader& inner) : inner_(inner) {}

  std::atomic<int> calls_to_fail = 0;  // of the next ones

  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override {
    if (fails()) return unavailable();
    return inner_.find(name);
  }
  core::Result<service::StackPage> list(const service::StackQuery& query) override {
    if (fails()) return unavailable();
    return inner_.list(query);
  }
  core::Result<core::FencingToken> retired_token(const core::StackName& name) override {
    if (fails()) return unavailable();
    return inner_.retired_token(name);
  }
  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    if (fails()) return unavailable();
    return inner_.mark(key);
  }

 private:
  bool fails() {
    int left = calls_to_fail.load();
    while (left > 0)
      if (calls_to_fail.compare_exchange_weak(left, left - 1)) return true;
    return false;
  }

  static std::unexpected<core::Error> unavailable() {
    return std::unexpected(core::Error{core::Errc::store_unavailable, "read"});
  }

  service::StoreReader& inner_;
};

}  // namespace bddlock::fakes
