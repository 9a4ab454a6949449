#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace sorrel::sink {

// The name of an index, with the day in it where wanted: "sorrel-%Y.%m.%d".
class IndexPattern {
 public:
  // Errors: invalid_argument for a name that Elasticsearch refuses, and an unknown % sequence.
  static Result<IndexPattern> parse(std::string pattern);

  // Appends the name for an event of this time, of the day in UTC.
  void append_to(std::string& out, std::uint64_t time_ns) const;

 private:
  explicit IndexPattern(std::string pattern) : pattern_(std::move(pattern)) {}

  std::string pattern_;
};

}  // namespace sorrel::sink
