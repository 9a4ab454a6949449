// tests/golden/json/NAME.log and the lines that it gives, NAME.json. After a wanted change:
//   SORREL_UPDATE_GOLDEN=1 build/dev/bin/test_encode '[golden]'   and read the difference.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "catch.h"
#include "encoded.h"
#include "property/strict_json.h"

namespace sorrel::encode {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("the golden logs give the golden lines", "[golden]") {
  std::size_t logs = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(SORREL_TEST_DIR) / "golden/json")) {
    if (entry.path().extension() != ".log") continue;
    ++logs;
    std::string got;
    for (const std::string& line : test::encode_text(read(entry.path())).json) {
      if (line.empty()) continue;
      INFO(line);
      CHECK(test::StrictJson::fault(line) == "");
      got += line;
    }
    const fs::path golden = fs::path(entry.path()).replace_extension(".json");
    if (std::getenv("SORREL_UPDATE_GOLDEN") != nullptr)
      std::ofstream(golden, std::ios::binary) << got;
    INFO(golden);
    CHECK(got == read(golden));
  }
  CHECK(logs > 5);
}

}  // namespace sorrel::encode
