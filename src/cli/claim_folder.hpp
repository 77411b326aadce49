// The folder of the claim files, and files in it, opened so that no link and no file of another
// user is followed. Errors are sentences.
#pragma once

#include <expected>
#include <string>

#include "cli/claim_file.hpp"
#include "process/descriptor.hpp"

namespace bddlock::cli {

enum class Missing { is_made = 1, is_fault };

struct FolderFault {
  std::string sentence;
  bool is_missing = false;
};
// An own folder that others may write in is a fault.
[[nodiscard]] std::expected<process::Descriptor, FolderFault> open_claim_folder(
    const ClaimPlace& place, Missing missing);

// Why an open file, or folder, is not to be believed, if it is not.
[[nodiscard]] std::string fault_in_owner(int descriptor, const ClaimPlace& place,
                                         const std::string& what);

}  // namespace bddlock::cli
