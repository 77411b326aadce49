// One request on its way through a handler. Called by api.cpp, used by the handlers.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "api/api.hpp"
#include "api/query.hpp"
#include "api/responses.hpp"
#include "service/service.hpp"

namespace bddlock::api {

struct Route;

// Answers exactly once: when it is destroyed without having answered (something threw on the way),
// it answers internal_error.
class Responder {
 public:
  Responder(Respond respond, const ApiOptions& options)
      : respond_(std::move(respond)), options_(&options) {}
  Responder(Responder&& other) noexcept
      : respond_(std::exchange(other.respond_, nullptr)),
        style_(other.style_),
        options_(other.options_) {}
  Responder& operator=(Responder&&) = delete;
  ~Responder();

  // v1 until it is known which route it is.
  void set_style(Style style) { style_ = style; }

  void operator()(Response response);

  void fail(Code code, std::string_view detail) { (*this)(failure(style_, code, detail)); }
  // The answer to an error of the store; its detail goes to the log.
  void fail(const core::Error& error);
  // The answer to a bug or to memory that ran out.
  void fail(const std::exception& error) noexcept;

 private:
  void report(std::string_view code, std::string_view detail) const;

  Respond respond_;
  Style style_ = Style::v1;
  const ApiOptions* options_;
};

struct Call {
  service::Service& service;
  const ApiOptions& options;
  const Route& route;
  std::string parameter;         // the path's first, decoded; empty where the pattern has none
  std::string second_parameter;  // its second
  Query query;                   // the API v1's
  std::string body;
  std::shared_ptr<Client> client;  // may be null
  Responder respond;
};

// Answers with what `to_response` makes of the result, or with the store's error.
template <class T, class ToResponse>
struct AnswerWith {
  Responder respond;
  ToResponse to_response;

  void operator()(core::Result<T> result) {
    try {
      if (!result) return respond.fail(result.error());
      if constexpr (std::is_void_v<T>) {
        respond(to_response());
      } else {
        respond(to_response(std::move(*result)));
      }
    } catch (const std::exception& error) {
      respond.fail(error);  // a lane's thread is no place for exceptions
    }
  }
};

// What the service calls when it is done. Takes the call's responder.
template <class T, class ToResponse>
[[nodiscard]] service::Done<T> answer(Call& call, ToResponse to_response) {
  using With = AnswerWith<T, ToResponse>;
  return service::Done<T>(std::in_place_type<With>, std::move(call.respond),
                          std::move(to_response));
}

}  // namespace bddlock::api
