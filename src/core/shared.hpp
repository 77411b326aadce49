// A value that its copies share until it is replaced: for the part of a record that is large,
// copied with each of the record's steps through the server, and never changed in place. A copy
// costs a counter, a move a pointer; T{} costs nothing and is shared by all.
//
// Threads: as a const T. Copies that share one value may be used and destroyed on several threads.
#pragma once

#include <memory>
#include <utility>

namespace bddlock::core {

template <class T>
class Shared {
 public:
  Shared() = default;
  // Implicit, both ways: a Shared<T> stands for a T that nobody changes.
  Shared(T value) : value_(value == T{} ? nullptr : std::make_shared<const T>(std::move(value))) {}
  operator const T&() const { return get(); }

  [[nodiscard]] const T& get() const { return value_ ? *value_ : nothing(); }
  const T* operator->() const { return &get(); }
  [[nodiscard]] bool is_empty() const { return !value_; }  // it is T{}

  friend bool operator==(const Shared& left, const Shared& right) {
    return left.value_ == right.value_ || left.get() == right.get();
  }

 private:
  static const T& nothing() {
    static const T empty{};
    return empty;
  }

  std::shared_ptr<const T> value_;  // null: T{}
};

}  // namespace bddlock::core
