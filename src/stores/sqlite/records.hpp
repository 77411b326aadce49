// Records as rows: which columns each has, and what stands in the columns of bytes. Those begin
// with the number of their form, so that a later version can add fields without touching old rows.
#pragma once

#include <optional>
#include <string>

#include "core/event.hpp"
#include "core/request.hpp"
#include "stores/sqlite/statement.hpp"

namespace bddlock::stores::sqlite {

// What a row is read by: SELECT <columns> FROM ..., in this order. Nothing: the row is damaged.
inline constexpr const char* stack_columns =
    "stack_name, repo_name, state, last_used, fencing_token, version, expires_at, claim, details, "
    "last_event";
[[nodiscard]] std::optional<core::Stack> stack_of(const Statement& row);
inline constexpr int stack_state_column = 2;
inline constexpr int stack_last_event_column = 9;  // no part of the stack: the writer needs it

inline constexpr const char* request_columns =
    "repo_name, request_id, state, priority, arrival, ready_until, version, body";
[[nodiscard]] std::optional<core::Request> request_of(const Statement& row);

inline constexpr const char* event_columns = "id, at, kind, stack_name, repo_name, body";
[[nodiscard]] std::optional<core::Event> event_of(const Statement& row);

// The columns of bytes, written into `to`, which is emptied first. Empty: NULL, there is nothing to
// keep.
void encode_claim(const core::Stack& stack, std::string& to);    // all but expires_at
void encode_details(const core::Stack& stack, std::string& to);  // what most stacks do not have
void encode_body(const core::Request& request, std::string& to);
void encode_body(const core::Event& event, std::string& to);

// For a row that cannot be read.
[[nodiscard]] core::Error damaged_row(const char* table);

}  // namespace bddlock::stores::sqlite
