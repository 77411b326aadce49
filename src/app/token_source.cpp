#include "app/token_source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "api/auth.hpp"

namespace bddlock::app {

namespace {

constexpr std::size_t file_bytes_max = 64 * 1024;
constexpr int pipe_wait_ms = 500;  // for the writer of a pipe; files are always readable

std::expected<std::string, std::string> read_small_file(const std::string& path) {
  // Not blocking: a pipe that nobody writes to must not stop the server.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    return std::unexpected(
        "cannot read the token file " + path + ": " + std::strerror(errno) +
        ". Make it readable for this user, or name another with --auth-token-file");
  }
  std::string text;
  std::array<char, 4096> piece;
  ssize_t got = 0;
  pollfd readable{.fd = file, .events = POLLIN, .revents = 0};
  while (poll(&readable, 1, pipe_wait_ms) > 0 &&
         (got = ::read(file, piece.data(), piece.size())) > 0 && text.size() <= file_bytes_max) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  const int read_errno = errno;
  close(file);
  if (got < 0) {
    return std::unexpected("cannot read the token file " + path + ": " + std::strerror(read_errno));
  }
  if (text.size() > file_bytes_max) {
    return std::unexpected("the token file " + path +
                           " is larger than 64 KiB; it should hold one or "
                           "more tokens, separated by white space");
  }
  return text;
}

}  // namespace

TokenFile::TokenFile(std::string path) : path_(std::move(path)) {}

TokenFile::Stamp TokenFile::stamp() const {
  struct stat found{};
  if (stat(path_.c_str(), &found) != 0) return {};
  return {found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

std::expected<std::vector<std::string>, std::string> TokenFile::read() {
  // The stamp first: a change between the two is then seen at the next look.
  seen_ = stamp();
  const auto text = read_small_file(path_);
  if (!text) return std::unexpected(text.error());
  auto tokens = api::parse_tokens(*text);
  if (!tokens) return std::unexpected("the token file " + path_ + ": " + tokens.error());
  return tokens;
}

std::optional<std::expected<std::vector<std::string>, std::string>> TokenFile::changed() {
  if (stamp() == seen_) return std::nullopt;
  return read();
}

std::optional<std::string> TokenFile::warning() const {
  struct stat found{};
  if (stat(path_.c_str(), &found) != 0) return std::nullopt;
  // A file of root's is read through this process's group: the Debian package sets it up like that.
  const mode_t too_open = found.st_uid == geteuid() ? S_IRGRP | S_IROTH : S_IROTH;
  if ((found.st_mode & too_open) == 0) return std::nullopt;
  return "the token file " + path_ + " can be read by others than its owner; chmod 600 it";
}

}  // namespace bddlock::app
