// Called by handler.cpp.
#include "lambda/whole_answer.hpp"

#include <optional>
#include <utility>

#include "api/responses.hpp"
#include "lambda/gateway_answer.hpp"

namespace bddlock::lambda {
namespace {

using Piece = core::Result<std::string>;

Piece next_piece(api::Pull& more) {
  std::optional<Piece> got;
  more([&got](Piece piece) { got = std::move(piece); });
  if (got) return std::move(*got);
  return std::unexpected(core::Error{core::Errc::store_unavailable, "a piece is missing"});
}

}  // namespace

api::Response whole_answer(api::Response response) {
  while (response.more && response.body.size() <= answer_bytes_max) {
    Piece piece = next_piece(response.more);
    if (!piece) return api::store_failure(api::Style::v1, piece.error().code);
    if (piece->empty()) break;
    response.body += *piece;
  }
  response.more = nullptr;
  return response;
}

}  // namespace bddlock::lambda
