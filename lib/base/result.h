#pragma once

#include <system_error>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace sorrel {

// Carries an error into a Result, as std::unexpected does.
template <class E>
class Unexpected {
 public:
  explicit Unexpected(E error) : error_(std::move(error)) {}
  E& error() { return error_; }

 private:
  E error_;
};

// Result<T> holds a T or an Error. It is the part of C++23's std::expected that we use, under the
// same names, so that it can become an alias once the oldest supported compiler has <expected>.
// Reading the value of a failed Result aborts: it is a broken invariant, never bad input.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Unexpected<E> bad) : state_(std::in_place_index<1>, std::move(bad.error())) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& operator*() & { return *value_pointer(); }
  const T& operator*() const& { return *value_pointer(); }
  T&& operator*() && { return std::move(*value_pointer()); }
  T* operator->() { return value_pointer(); }
  const T* operator->() const { return value_pointer(); }

  const E& error() const& {
    SORREL_CHECK(!has_value(), "error() of a Result that succeeded");
    return *std::get_if<1>(&state_);
  }
  E&& error() && {
    SORREL_CHECK(!has_value(), "error() of a Result that succeeded");
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  T* value_pointer() {
    SORREL_CHECK(has_value(), "value of a Result that failed");
    return std::get_if<0>(&state_);
  }
  const T* value_pointer() const {
    SORREL_CHECK(has_value(), "value of a Result that failed");
    return std::get_if<0>(&state_);
  }

  std::variant<T, E> state_;
};

struct Ok {};
// The result of something that gives nothing back but may fail: `return Ok{};`.
using Status = Result<Ok>;

// The short way to fail with an Error.
inline Unexpected<Error> fail(std::error_code code, std::string message) {
  return Unexpected<Error>(Error{code, std::move(message)});
}
inline Unexpected<Error> fail(std::errc code, std::string message) {
  return fail(std::make_error_code(code), std::move(message));
}
inline Unexpected<Error> fail_errno(int saved_errno, std::string message) {
  return fail(std::error_code(saved_errno, std::generic_category()), std::move(message));
}

}  // namespace sorrel
