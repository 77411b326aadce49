#include "cli/claim_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "cli/claim_folder.hpp"
#include "cli/files.hpp"

namespace bddlock::cli {

namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;  // 16 claims are 10 KiB

std::string what(const ClaimPlace& place) { return "the claim file " + place.path(); }

std::string remedy(const std::string& sentence) {
  return sentence + "; name another file with --claim-file, or set BDD_LOCK_CLAIM_FILE";
}

std::expected<std::string, std::string> read_all(int file, const ClaimPlace& place) {
  std::string text;
  std::array<char, 16'384> piece;
  ssize_t got = 0;
  while ((got = read(file, piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > file_bytes_max) return std::unexpected(what(place) + " is no claim file");
  }
  if (got < 0) return std::unexpected(system_fault("read", what(place)));
  return text;
}

std::string fault_in_file(int file, const ClaimPlace& place) {
  struct stat found{};
  if (fstat(file, &found) == 0 && !S_ISREG(found.st_mode)) return what(place) + " is no file";
  return fault_in_owner(file, place, what(place));
}

std::expected<ClaimFile, std::string> understood(const std::string& text, const ClaimPlace& place,
                                                 const std::string& job_key) {
  auto file = parse_claim_file(text);
  if (!file) {
    return std::unexpected(what(place) + " is damaged (it " + file.error() +
                           "): delete it; a claim that it named ends with its lease");
  }
  if (file->job_key != job_key) {
    return std::unexpected(remedy(what(place) + " is of another job (" + file->job_key +
                                  ") and not of this one (" + job_key + ")"));
  }
  return file;
}

// The draft is in the same folder, or it could not take the place of the old file at once.
std::expected<void, std::string> write_draft(int folder, const std::string& draft,
                                             std::string_view text, const ClaimPlace& place) {
  unlinkat(folder, draft.c_str(), 0);  // of a process that had this number and was killed
  const process::Descriptor file(
      openat(folder, draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.get() < 0 || fchmod(file.get(), 0600) != 0 || !process::write_whole(file.get(), text) ||
      fsync(file.get()) != 0) {
    return std::unexpected(remedy(system_fault("write", what(place))));
  }
  return {};
}

}  // namespace

std::expected<std::optional<ClaimFile>, std::string> read_claim_file(const ClaimPlace& place,
                                                                     const std::string& job_key) {
  const auto folder = open_claim_folder(place, Missing::is_fault);
  if (!folder && folder.error().is_missing) return std::nullopt;
  if (!folder) return std::unexpected(folder.error().sentence);
  // A FIFO would hold the program up until somebody writes.
  const process::Descriptor file(
      openat(folder->get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::nullopt;
  if (file.get() < 0 && errno == ELOOP)
    return std::unexpected(remedy(what(place) + " is a link and is not used"));
  if (file.get() < 0) return std::unexpected(system_fault("read", what(place)));
  if (auto fault = fault_in_file(file.get(), place); !fault.empty())
    return std::unexpected(std::move(fault));
  const auto text = read_all(file.get(), place);
  if (!text) return std::unexpected(text.error());
  auto claim_file = understood(*text, place, job_key);
  if (!claim_file) return std::unexpected(claim_file.error());
  return std::move(*claim_file);
}

std::expected<void, std::string> write_claim_file(const ClaimPlace& place, const ClaimFile& file) {
  const auto folder = open_claim_folder(place, Missing::is_made);
  if (!folder) return std::unexpected(remedy(folder.error().sentence));
  const std::string draft = "." + place.name + "." + std::to_string(getpid());
  auto written = write_draft(folder->get(), draft, to_text(file), place);
  if (written && renameat(folder->get(), draft.c_str(), folder->get(), place.name.c_str()) != 0)
    written = std::unexpected(remedy(system_fault("write", what(place))));
  if (!written) {
    unlinkat(folder->get(), draft.c_str(), 0);
    return written;
  }
  fsync(folder->get());
  return {};
}

std::expected<void, std::string> remove_claim_file(const ClaimPlace& place) {
  const auto folder = open_claim_folder(place, Missing::is_fault);
  if (!folder && folder.error().is_missing) return {};
  if (!folder) return std::unexpected(folder.error().sentence);
  if (unlinkat(folder->get(), place.name.c_str(), 0) == 0 || errno == ENOENT) return {};
  return std::unexpected(system_fault("remove", what(place)));
}

}  // namespace bddlock::cli
