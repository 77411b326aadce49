// What the disk takes for one durable write, without any database. Threads: one.
#pragma once

#include <expected>
#include <string>

namespace bddlock::bench {

struct DiskTimes {
  double append_us = 0;  // the median of 4 KiB at the file's end, then fdatasync
  double overwrite_us =
      0;  // the same inside a file that has its length, as SQLite's log mostly does
};

// Creates the file, which must not exist; leaves it behind. The error is a sentence.
[[nodiscard]] std::expected<DiskTimes, std::string> measure_disk(const std::string& path,
                                                                 std::size_t writes);

}  // namespace bddlock::bench
