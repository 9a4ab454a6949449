#pragma once

#include <string>
#include <system_error>

namespace sorrel {

// Why something failed, for the person who has to mend it: `code` for programs (compare it with
// std::errc), `message` for people: what failed, on what (file:line:column where it has one), and
// what to do. The message does not repeat the code's own text; to_string() joins the two.
struct Error {
  std::error_code code;
  std::string message;

  std::string to_string() const;
};

}  // namespace sorrel
