// Whole files, in and out. The errors are sentences with the file's name.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace bddlock::cli {

// "cannot WHAT PATH: WHY", by errno.
[[nodiscard]] std::string system_fault(const std::string& what, const std::string& path);

[[nodiscard]] std::expected<std::string, std::string> read_file(const std::string& path);

// Either all of `text` is in `path`, synced to the disk, or what stood there is untouched and the
// error says so. A link stays, and the file behind it is replaced. Devices and FIFOs are written
// into, where a part may have arrived when it fails.
[[nodiscard]] std::expected<void, std::string> replace_file(const std::string& path,
                                                            std::string_view text);

// Nothing of what stood in `path` is left: a file is removed, one behind a link is emptied. What
// is no file (a device, a FIFO, a folder) stays. That there is none is no error.
[[nodiscard]] std::expected<void, std::string> forget_file(const std::string& path);

}  // namespace bddlock::cli
