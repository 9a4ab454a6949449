#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sorrel::control {

// The version of the protocol (docs/control.md). A request says which one it is written for.
inline constexpr std::int64_t kSchema = 1;

// Why a request is not answered: `code` for programs, from the table in docs/control.md.
struct Refusal {
  std::string code;
  std::string message;
};

enum class ArgumentKind : std::uint8_t { flag, number, text, numbers };  // as the variant below

struct Argument {
  std::string name;
  std::variant<bool, std::int64_t, std::string, std::vector<std::int64_t>> value;

  ArgumentKind kind() const noexcept { return static_cast<ArgumentKind>(value.index()); }
};

// What a peer asks for.
struct Request {
  std::string command;
  std::vector<Argument> arguments;

  // Nothing, when each argument is one of `known` and of its kind; otherwise what is wrong.
  // An argument that is not understood is never ignored.
  Result<Ok, Refusal> check_arguments(
      std::initializer_list<std::pair<std::string_view, ArgumentKind>> known) const;

  // The value of an argument; null when it is not given, or is of another kind.
  const bool* flag(std::string_view name) const noexcept { return find<bool>(name); }
  const std::int64_t* number(std::string_view name) const noexcept {
    return find<std::int64_t>(name);
  }
  const std::string* text(std::string_view name) const noexcept { return find<std::string>(name); }
  const std::vector<std::int64_t>* numbers(std::string_view name) const noexcept {
    return find<std::vector<std::int64_t>>(name);
  }

 private:
  template <class T>
  const T* find(std::string_view name) const noexcept {
    for (const Argument& argument : arguments) {
      if (argument.name == name) return std::get_if<T>(&argument.value);
    }
    return nullptr;
  }
};

inline constexpr std::size_t kMaxArguments = 32;

// Reads one request: {"schema":1,"command":"ps","arguments":{"pids":[1]}}. Total over any bytes;
// a line that is longer than the server takes never comes here.
// Codes: bad_request (no JSON object of that form), unsupported_schema.
Result<Request, Refusal> parse_request(std::string_view line);

// The same the other way, without a line break.
std::string request_text(const Request& request);

}  // namespace sorrel::control
