// Any bytes as a request, and as a row of an answer: no crash. What is a request is written so that
// it reads back the same; what is shown of a row never steers a terminal.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "control/request.h"
#include "sorrelctl/ps_rows.h"
#include "sorrelctl/ps_table.h"
#include "sorrelctl/ps_tree.h"
#include "sorrelctl/status_text.h"
#include "sorrelctl/terminal_text.h"

namespace {

using namespace sorrel;

void check_request(std::string_view line) {
  const auto request = control::parse_request(line);
  if (!request) {
    SORREL_CHECK(!request.error().code.empty(), "a refusal without a code");
    return;
  }
  const auto again = control::parse_request(control::request_text(*request));
  SORREL_CHECK(again && again->command == request->command, "a request that reads back otherwise");
  SORREL_CHECK(again->arguments.size() == request->arguments.size(), "an argument was lost");
  for (std::size_t i = 0; i < request->arguments.size(); ++i) {
    SORREL_CHECK(again->arguments[i].value == request->arguments[i].value, "an argument changed");
  }
}

// ASCII's control characters, save the ends of lines; in UTF-8 also those from U+0080.
void check_shown(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    SORREL_CHECK((byte >= 0x20 && byte != 0x7f) || byte == '\n', "a control character was shown");
    const bool is_c1 =
        byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    SORREL_CHECK(!is_c1, "a control character was shown");
  }
}

void check_rows(std::string_view text) {
  sorrelctl::PsRows rows;
  std::size_t lines = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    rows.add(text.substr(0, end));
    ++lines;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  SORREL_CHECK(rows.processes().size() + rows.unreadable() + rows.dropped() == lines,
               "a row that nobody counted");
  rows.sort();
  for (const bool has_utf8 : {false, true}) {
    std::size_t shown = 0;
    const sorrelctl::PsTree tree(rows.processes());
    sorrelctl::print_ps_tree(
        rows, tree, {.has_utf8 = has_utf8, .has_colour = false}, [&shown](std::string_view piece) {
          check_shown(piece);
          shown += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
        });
    SORREL_CHECK(shown == rows.processes().size() + 1, "a process is not in the tree, or twice");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_request(bytes);
  check_rows(bytes);
  if (const auto status = sorrelctl::status_text(bytes)) check_shown(*status);
  std::string json;
  sorrelctl::append_visible_json(bytes, json);
  check_shown(json);
  SORREL_CHECK(json.find('\n') == std::string::npos, "a line break in a line");
  return 0;
}
