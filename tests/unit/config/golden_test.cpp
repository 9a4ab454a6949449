// Whole files with many mistakes against the messages that a person sees. NAME.yaml and NAME.txt
// are in tests/golden/config; SORREL_UPDATE_GOLDEN=1 writes the .txt anew.
#include <cstdlib>
#include <fstream>

#include "catch.h"
#include "config/load.h"
#include "text_file.h"

namespace sorrel::config {

TEST_CASE("the messages about a wrong file are the golden ones", "[config]") {
  for (const std::string name : {"from_laurel", "misplaced", "slips"}) {
    const std::string stem = SORREL_TEST_DIR "/golden/config/" + name;
    const Result<Options> options = load_text(name + ".yaml", read_text_file(stem + ".yaml"));
    REQUIRE_FALSE(options);
    const std::string messages = options.error().message + "\n";
    if (std::getenv("SORREL_UPDATE_GOLDEN") != nullptr) std::ofstream(stem + ".txt") << messages;
    CHECK(messages == read_text_file(stem + ".txt"));
  }
}

}  // namespace sorrel::config
