#include "record/line_parser.h"

namespace sorrel::record {

void LineParser::parse_and_remember(std::string_view line, Datagram& datagram) noexcept {
  constexpr std::string_view kPayloadBegin = "audit(";
  datagram = parse_line(line);
  if (datagram.payload.empty() || !datagram.node.empty() || line.size() < kHeadBytes) return;
  const auto payload_at = static_cast<std::size_t>(datagram.payload.data() - line.data());
  const std::size_t size = payload_at + kPayloadBegin.size();
  if (size > kHeadBytes) return;
  Head& head = heads_[place(line.data())];
  head.text = {};
  line.copy(head.text.data(), size);
  const std::uint64_t bits = (std::uint64_t{1} << size) - 1;
  head.masks[0] = bits & 0xffff;
  head.masks[1] = static_cast<std::uint32_t>(bits >> 16);
  head.payload_at = static_cast<std::uint32_t>(payload_at);
  head.type = datagram.type;
}

}  // namespace sorrel::record
