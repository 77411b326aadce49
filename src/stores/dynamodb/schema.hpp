// What the two tables look like (table.hpp says what is in them). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stores/dynamodb/attribute.hpp"

namespace bddlock::stores::dynamodb {

struct KeyShape {
  std::string hash;
  std::string range;  // empty: none
  friend bool operator==(const KeyShape&, const KeyShape&) = default;
};

struct IndexShape {
  std::string name;
  KeyShape key;
  bool whole_items = true;  // else keys only
  bool local = false;       // can only be made with its table
};

struct TableShape {
  KeyShape key;
  std::vector<IndexShape> indexes;
};

// The seed's, and the index that this server adds.
[[nodiscard]] const TableShape& stacks_shape();
[[nodiscard]] const TableShape& requests_shape();

inline constexpr std::string_view seed_index_name = "availableByRepoIndex";
inline constexpr std::string_view repo_index_name = "repoIndex";
inline constexpr std::string_view ttl_attribute = "ttl";

// The input of CreateTable.
[[nodiscard]] json::object creation_of(const std::string& table, const TableShape& shape);
// The input of UpdateTable that adds the index to the table that a DescribeTable described, with as
// much capacity as the table has where that is provisioned.
[[nodiscard]] json::object addition_of(const json::object& described, const IndexShape& index);

// The capacity that the described table pays for by the hour; nothing where it pays by the request.
struct Provisioned {
  std::int64_t reads = 0;  // a second
  std::int64_t writes = 0;
  friend bool operator==(const Provisioned&, const Provisioned&) = default;
};
[[nodiscard]] std::optional<Provisioned> provisioned_in(const json::object& described);

// What of `shape` the table of a DescribeTable lacks or has otherwise, as ends of sentences that
// begin with the table's name; those of indexes under their names.
struct ShapeFault {
  enum class Kind { missing = 1, being_built, other };
  std::string index;  // empty: the table's own key
  std::string detail;
  Kind kind = Kind::other;
};
[[nodiscard]] std::vector<ShapeFault> faults_in(const json::object& described,
                                                const TableShape& shape);

}  // namespace bddlock::stores::dynamodb
