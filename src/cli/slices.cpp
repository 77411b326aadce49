#include "cli/slices.hpp"

#include <map>
#include <utility>

#include "cli/text.hpp"
#include "wire/export_line.hpp"

namespace bddlock::cli {

namespace {

class Slicer {
 public:
  void take(std::string_view line) {
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line_ == 1 && line.starts_with("\xEF\xBB\xBF"))
      line.remove_prefix(3);  // an editor's byte order mark
    if (line.find_first_not_of(" \t") == std::string_view::npos) return;
    if (check(line)) add(line);
  }

  [[nodiscard]] std::expected<std::vector<Slice>, std::vector<std::string>> finish() {
    if (fault_count_ > faults_.size()) {
      faults_.push_back("and " + std::to_string(fault_count_ - faults_.size()) + " more");
    }
    if (!faults_.empty()) return std::unexpected(std::move(faults_));
    return std::move(slices_);
  }

 private:
  bool check(std::string_view line) {
    // The time stands in only where a line has none; the server sets its own.
    const auto stack = wire::parse_export_line(line, core::Instant{});
    if (!stack) return refuse(stack.error());
    if (line.size() + 1 > slice_bytes_max) return refuse("is longer than 60 KiB");
    const auto [first, is_new] = lines_.emplace(stack->stack_name.text(), line_);
    if (!is_new) {
      return refuse("has the stack " + printable(stack->stack_name.text()) + " that line " +
                    std::to_string(first->second) + " has too");
    }
    return true;
  }

  bool refuse(const std::string& why) {
    if (++fault_count_ <= faults_shown_max)
      faults_.push_back("line " + std::to_string(line_) + ": " + why);
    return false;
  }

  void add(std::string_view line) {
    if (slices_.empty() || slices_.back().body.size() + line.size() + 1 > slice_bytes_max) {
      slices_.push_back({.body = "", .first_line = line_, .last_line = line_, .stacks = 0});
    }
    Slice& slice = slices_.back();
    slice.body += line;
    slice.body += '\n';
    slice.last_line = line_;
    ++slice.stacks;
  }

  std::size_t line_ = 0;
  std::map<std::string, std::size_t> lines_;  // of each name
  std::vector<Slice> slices_;
  std::vector<std::string> faults_;
  std::size_t fault_count_ = 0;
};

}  // namespace

std::expected<std::vector<Slice>, std::vector<std::string>> slices_of(std::string_view text) {
  Slicer slicer;
  while (!text.empty()) {
    const auto end = text.find('\n');
    slicer.take(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return slicer.finish();
}

}  // namespace bddlock::cli
