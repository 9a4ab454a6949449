// One line of text, its stamp, and a socket address, as they are read from anywhere.

#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "record/argument_key.h"
#include "record/datagram.h"
#include "record/line_parser.h"
#include "record/sockaddr.h"
#include "record/stamp.h"

namespace {

using namespace sorrel;

bool lies_within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_line(std::string_view line) {
  const record::Datagram datagram = record::parse_line(line);
  SORREL_CHECK(lies_within(datagram.line, line) && lies_within(datagram.payload, line) &&
                   lies_within(datagram.node, line) && lies_within(datagram.type_name, line),
               "a view beyond the line");
  SORREL_CHECK(datagram.payload.empty() == datagram.type_name.empty(), "half a record");
  record::LineParser parser;
  for (int time = 0; time < 2; ++time) {  // the second time it knows the line
    record::Datagram again;
    parser.parse_to(line, again);
    SORREL_CHECK(again.type == datagram.type && again.line == datagram.line &&
                     again.payload.data() == datagram.payload.data() &&
                     again.payload == datagram.payload && again.node == datagram.node &&
                     again.type_name == datagram.type_name,
                 "another result when asked again");
  }
  EventId id;
  std::string_view body;
  if (!record::parse_stamp(datagram.payload, id, body)) return;
  SORREL_CHECK(id.milliseconds < 1000 && id.seconds <= record::kMaxStampSeconds, "no time");
  SORREL_CHECK(lies_within(body, datagram.payload), "a view beyond the line");
}

void check_address(std::string_view raw) {
  for (const bool big_endian : {false, true}) {
    record::SockAddr address;
    record::decode_sockaddr(raw, big_endian, address);
    const auto fields = address.fields();
    SORREL_CHECK(fields.empty() == (raw.size() < 2), "a wrong number of fields");
    SORREL_CHECK(fields.size() <= record::SockAddr::kMaxFields, "too many fields");
    unsigned sum = 0;
    for (const record::SockAddrField& field : fields)
      for (const char byte : field.text) sum += static_cast<unsigned char>(byte);
    asm volatile("" : : "r"(sum));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // In a block of its own: no byte behind it may be read.
  const auto bytes = std::make_unique<char[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const std::string_view text(bytes.get(), size);
  check_line(text);
  check_address(text);
  static_cast<void>(record::parse_argument_key(text));
  return 0;
}
