// A prepared statement, and what SQLite says when something fails.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace bddlock::stores::sqlite {

// What the people who open, back up or restore a file need to tell apart.
enum class FaultKind { other = 1, busy, full, read_only, cannot_open, not_a_database, damaged };

struct Fault {
  FaultKind kind;
  std::string detail;  // SQLite's extended code and message; holds no names or values of the table
};

template <class T>
using Outcome = std::expected<T, Fault>;

[[nodiscard]] FaultKind kind_of(int sqlite_code);
// What the connection (null: none) knows about its last failed call, which returned `sqlite_code`.
[[nodiscard]] Fault describe(sqlite3* connection, int sqlite_code);
// For an error of a call that changed nothing.
[[nodiscard]] core::Error unavailable(const Fault& fault);

// Bytes that are no text. Empty: NULL.
struct Bytes {
  std::string_view data;
};

class Statement {
 public:
  Statement() = default;  // of no use but to be assigned to

  // Text and bytes are not copied: they must live until reset(). A bind that fails is reported by
  // step().
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, Bytes bytes);
  Statement& bind_null(int index);

  // True: there is a row; false: done.
  [[nodiscard]] Outcome<bool> step();

  // Columns of the row, from 0. Text and bytes are valid until the next step() or reset(). NULL is
  // 0 and empty.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] bool is_null(int column) const;

  // Ends the read transaction that a lone SELECT holds.
  void reset() noexcept;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const noexcept;
  };
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int bind_code_ = 0;
};

// Resets the statement at the end of the scope, whatever happened in it.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_.reset(); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  Statement& statement_;
};

}  // namespace bddlock::stores::sqlite
