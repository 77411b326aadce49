// The reads of the store port on one connection; the store and the reader share them.
#pragma once

#include <optional>
#include <string_view>

#include "service/store.hpp"
#include "stores/sqlite/database.hpp"

namespace bddlock::stores::sqlite {

// The mark that restore raises: no name may get a fencing token that is not above it.
inline constexpr std::string_view token_floor_key = "fencing_token_floor";
// The mark that recover() raises.
inline constexpr std::string_view recovered_key = "recovered";

class Queries {
 public:
  [[nodiscard]] static Outcome<Queries> prepare(Database& database);

  [[nodiscard]] core::Result<std::optional<core::Stack>> find(const core::StackName& name);
  [[nodiscard]] core::Result<service::StackPage> list(const service::StackQuery& query);
  [[nodiscard]] core::Result<core::FencingToken> retired_token(const core::StackName& name);
  [[nodiscard]] core::Result<std::optional<std::int64_t>> mark(std::string_view key);

 private:
  Queries() = default;

  Statement find_;
  Statement list_;
  Statement list_repo_;
  Statement retired_;
  Statement mark_;
};

}  // namespace bddlock::stores::sqlite
