// What the two tables look like (table.hpp says what is in them). Pure.
#pragma once

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
// The input of UpdateTable that adds the index.
[[nodiscard]] json::object addition_of(const std::string& table, const IndexShape& index);

// What of `shape` the table of a DescribeTable lacks or has otherwise, as ends of sentences that
// begin with the table's name; those of indexes under their names.
struct ShapeFault {
  std::string index;  // empty: the table's own key
  std::string detail;
};
[[nodiscard]] std::vector<ShapeFault> faults_in(const json::object& described,
                                                const TableShape& shape);

}  // namespace bddlock::stores::dynamodb
