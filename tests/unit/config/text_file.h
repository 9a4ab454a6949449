#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "catch.h"

namespace sorrel::config {

inline std::string read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  INFO(path);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sorrel::config
