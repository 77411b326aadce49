#include "api/call.hpp"

#include <stdexcept>

namespace bddlock::api {

Responder::~Responder() {
  if (respond_) fail(std::runtime_error("the request was dropped without an answer"));
}

void Responder::operator()(Response response) {
  if (Respond respond = std::exchange(respond_, nullptr)) respond(std::move(response));
}

void Responder::fail(const core::Error& error) {
  report(to_text(code_of(error.code)), error.detail);
  (*this)(store_failure(style_, error.code));
}

void Responder::fail(const std::exception& error) noexcept {
  try {
    report(to_text(Code::internal_error), error.what());
    (*this)(failure(style_, Code::internal_error,
                    "something went wrong in the server; its log says what"));
  } catch (...) {
    respond_ = nullptr;  // not even that was possible: whoever waits sees its connection end
  }
}

void Responder::report(std::string_view code, std::string_view detail) const {
  if (options_->on_trouble) options_->on_trouble(code, detail);
}

}  // namespace bddlock::api
