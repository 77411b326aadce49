// A store that hands everything on to another one; what the faulty fakes are made of.
#pragma once

#include "service/store.hpp"

namespace bddlock::fakes {

class StoreDecorator : public service::Store {
 public:
  explicit StoreDecorator(service::Store& inner) : inner_(inner) {}

  core::Result<std::optional<core::Stack>> find(const core::StackName& name) override {
    return inner_.find(name);
  }
  core::Result<service::StackPage> list(const service::StackQuery& query) override {
    return inner_.list(query);
  }
  core::Result<core::FencingToken> retired_token(const core::StackName& name) override {
    return inner_.retired_token(name);
  }
  core::Result<std::optional<std::int64_t>> mark(std::string_view key) override {
    return inner_.mark(key);
  }
  core::Result<service::Saved> save(std::span<const service::Change> changes) override {
    return inner_.save(changes);
  }
  core::Result<void> put_mark(std::string_view key, std::int64_t value) override {
    return inner_.put_mark(key, value);
  }
  core::Result<void> begin() override { return inner_.begin(); }
  core::Result<void> commit() override { return inner_.commit(); }
  void rollback() noexcept override { inner_.rollback(); }
  core::Result<void> recover() override { return inner_.recover(); }

 protected:
  service::Store& inner_;
};

}  // namespace bddlock::fakes
