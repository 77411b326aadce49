#include "stores/sqlite/statement.hpp"

#include <sqlite3.h>

#include <system_error>
#include <utility>

namespace bddlock::stores::sqlite {

FaultKind kind_of(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return FaultKind::busy;
    case SQLITE_FULL:
      return FaultKind::full;
    case SQLITE_READONLY:
      return FaultKind::read_only;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return FaultKind::cannot_open;
    case SQLITE_NOTADB:
      return FaultKind::not_a_database;
    case SQLITE_CORRUPT:
      return FaultKind::damaged;
    default:
      return FaultKind::other;
  }
}

Fault describe(sqlite3* connection, int sqlite_code) {
  std::string detail =
      "SQLite error " + std::to_string(sqlite_code) + ": " +
      (connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(sqlite_code));
  const int system_error = connection != nullptr ? sqlite3_system_errno(connection) : 0;
  if (system_error != 0) {
    detail += " (" + std::error_code(system_error, std::system_category()).message() + ")";
  }
  const FaultKind kind = kind_of(sqlite_code);
  if (kind == FaultKind::damaged || kind == FaultKind::not_a_database) {
    detail += "; the data file is damaged: restore a back-up";
  }
  return {kind, std::move(detail)};
}

core::Error unavailable(const Fault& fault) {
  return {core::Errc::store_unavailable, fault.detail};
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const noexcept {
  sqlite3_finalize(handle);
}

Statement& Statement::bind(int index, std::string_view text) {
  // A null pointer would bind NULL, not the empty text.
  const char* data = text.data() == nullptr ? "" : text.data();
  const int code =
      sqlite3_bind_text64(handle_.get(), index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) bind_code_ = code;
  return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(handle_.get(), index, value);
  if (code != SQLITE_OK) bind_code_ = code;
  return *this;
}

Statement& Statement::bind(int index, Bytes bytes) {
  if (bytes.data.empty()) return bind_null(index);
  const int code = sqlite3_bind_blob64(handle_.get(), index, bytes.data.data(), bytes.data.size(),
                                       SQLITE_STATIC);
  if (code != SQLITE_OK) bind_code_ = code;
  return *this;
}

Statement& Statement::bind_null(int index) {
  const int code = sqlite3_bind_null(handle_.get(), index);
  if (code != SQLITE_OK) bind_code_ = code;
  return *this;
}

Outcome<bool> Statement::step() {
  const int code = bind_code_ != SQLITE_OK ? bind_code_ : sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(describe(sqlite3_db_handle(handle_.get()), code));
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  const auto bytes = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return data == nullptr ? std::string_view{} : std::string_view{data, bytes};
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return data == nullptr ? std::string_view{} : std::string_view{data, size};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

void Statement::reset() noexcept {
  sqlite3_reset(handle_.get());
  bind_code_ = 0;
}

}  // namespace bddlock::stores::sqlite
