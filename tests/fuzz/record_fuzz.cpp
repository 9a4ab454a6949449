// The parser over any bytes: the fields give the body back, views lie inside it, and a parser that
// has seen other records finds the same as one that has not.

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "property/parsed_body.h"

namespace {

using namespace sorrel;

struct Body {
  record::RecordType type;
  record::Origin origin;
  std::string_view text;
};

constexpr record::RecordType kTypes[] = {record::type::kSyscall, record::type::kPath,
                                         record::type::kExecve,  record::type::kAvc,
                                         record::type::kUser,    record::type::kUnknownName};

// Each line of the input is a body; its first byte chooses type and origin.
std::vector<Body> bodies_of(std::string_view bytes) {
  std::vector<Body> bodies;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view line = bytes.substr(0, end);
    if (!line.empty()) {
      const auto choice = static_cast<unsigned char>(line[0]);
      bodies.push_back({kTypes[choice % std::size(kTypes)],
                        choice >= 'a' ? record::Origin::kernel : record::Origin::text,
                        line.substr(1)});
    }
    bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
  }
  return bodies;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  record::Parser warm;
  for (const Body& body : bodies_of({reinterpret_cast<const char*>(data), size})) {
    record::Parser cold;
    const test::ParsedBody found(warm, body.type, body.text, body.origin);
    SORREL_CHECK(found.rebuilt() == body.text, "the fields do not give the body back");
    SORREL_CHECK(found.views_lie_inside(), "a field views what is not its record's");
    const test::ParsedBody again(cold, body.type, body.text, body.origin);
    SORREL_CHECK(found.described() == again.described(), "predictions changed what was found");
  }
  return 0;
}
