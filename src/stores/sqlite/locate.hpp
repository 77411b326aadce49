// From a path as a person gave it to a file that may be worked on, or a sentence that says what is
// wrong and what to do. Opening and restoring share it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <system_error>

#include "stores/sqlite/lock_file.hpp"
#include "stores/sqlite/statement.hpp"

namespace bddlock::stores::sqlite {

template <class T>
using OrSentence = std::expected<T, std::string>;

// The absolute path with all links followed, so that two names of one file get one lock. Its folder
// is there, and it is a file or nothing.
[[nodiscard]] OrSentence<std::string> locate(const std::string& path);

// FILE.lock, or which server holds it.
[[nodiscard]] OrSentence<LockFile> lock(const std::string& path);

// Sentences for what the system or SQLite reports about a file; `doing` is what was being done
// ("opened").
[[nodiscard]] std::string sentence(const std::string& path, std::string_view doing,
                                   std::error_code error);
[[nodiscard]] std::string sentence(const std::string& path, std::string_view doing,
                                   const Fault& fault);
[[nodiscard]] std::string sentence_newer(const std::string& path, std::int64_t version);
[[nodiscard]] std::string sentence_not_ours(const std::string& path);
[[nodiscard]] std::string sentence_not_a_database(const std::string& path);

}  // namespace bddlock::stores::sqlite
