#include "process/table.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <array>
#include <charconv>
#include <cstdlib>

#include "process/descriptor.hpp"

namespace bddlock::process {

namespace {

constexpr std::size_t stat_bytes_max = 4096;
// proc(5): the fields behind the name, counted from the state.
constexpr std::size_t parent_field = 1;
constexpr std::size_t group_field = 2;
constexpr std::size_t started_field = 19;

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc{} && end == text.data() + text.size();
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = text.find_first_of(" \n");
    if (end != 0) words.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return words;
}

std::string read_stat(const std::string& folder) {
  const Descriptor file(open((folder + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  std::array<char, stat_bytes_max> text;
  const ssize_t got = read(file.get(), text.data(), text.size());
  return got <= 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(got));
}

// A container may have the host's /proc, where the same numbers are other processes.
bool is_of_this_namespace() {
  std::array<char, 16> link{};
  const ssize_t length = readlink("/proc/self", link.data(), link.size() - 1);
  return length > 0 && std::atoi(link.data()) == getpid();
}

}  // namespace

std::optional<Entry> parse_stat(std::string_view text) {
  const auto open_paren = text.find(" (");
  const auto close_paren = text.rfind(") ");
  if (open_paren == std::string_view::npos || close_paren == std::string_view::npos ||
      close_paren < open_paren + 2)
    return std::nullopt;
  const auto words = words_of(text.substr(close_paren + 2));
  Entry entry;
  entry.name = text.substr(open_paren + 2, close_paren - open_paren - 2);
  if (words.size() <= started_field || words[0].size() != 1 ||
      !read_number(text.substr(0, open_paren), entry.pid) ||
      !read_number(words[parent_field], entry.parent) ||
      !read_number(words[group_field], entry.group) ||
      !read_number(words[started_field], entry.started))
    return std::nullopt;
  entry.state = words[0][0];
  return entry;
}

std::optional<Entry> process_entry(pid_t pid) {
  return parse_stat(read_stat("/proc/" + std::to_string(pid)));
}

std::vector<Entry> process_table() {
  std::vector<Entry> table;
  DIR* folder = is_of_this_namespace() ? opendir("/proc") : nullptr;
  if (folder == nullptr) return table;
  while (const dirent* entry = readdir(folder)) {
    if (const pid_t pid = std::atoi(entry->d_name); pid > 0) {
      // One that ended meanwhile has no file any more.
      if (auto found = process_entry(pid)) table.push_back(std::move(*found));
    }
  }
  closedir(folder);
  return table;
}

}  // namespace bddlock::process
