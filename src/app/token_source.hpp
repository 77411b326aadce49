// Where the server's tokens come from, and when they change: a file (read again when it changes, so
// that a token is rotated without a restart) or the environment. Messages name files, never tokens.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace bddlock::app {

class TokenFile {
 public:
  explicit TokenFile(std::string path);

  // The file's tokens. The error is a sentence: what is wrong with the file and how to mend it.
  [[nodiscard]] std::expected<std::vector<std::string>, std::string> read();

  // The same if the file is not as it was at the last read() or changed(); nothing if it is.
  [[nodiscard]] std::optional<std::expected<std::vector<std::string>, std::string>> changed();

  // A sentence if others than its owner may read it.
  [[nodiscard]] std::optional<std::string> warning() const;

 private:
  // What stat() says of a file's identity and content; zeros when there is none.
  struct Stamp {
    unsigned long inode = 0;
    long size = 0;
    long seconds = 0;
    long nanoseconds = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  [[nodiscard]] Stamp stamp() const;

  std::string path_;
  Stamp seen_;
};

}  // namespace bddlock::app
