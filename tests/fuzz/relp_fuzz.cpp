// What a RELP server, a proxy and a configuration's address may send: any bytes.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sink/endpoint.h"
#include "sink/proxy.h"
#include "sink/relp_frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel::sink;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto frame = parse_relp_frame(bytes);
  if (frame && *frame) {
    SORREL_CHECK((*frame)->size <= bytes.size(), "a frame beyond the bytes");
    std::string again;
    append_relp_frame((*frame)->number, (*frame)->command, (*frame)->data, again);
    const auto same = parse_relp_frame(again);
    SORREL_CHECK(same && *same && (*same)->data == (*frame)->data,
                 "a frame that is read differently");
    static_cast<void>(relp_code((*frame)->data));
  }
  // More bytes never turn a frame that is wrong into a right one.
  const auto half = parse_relp_frame(std::string_view(bytes).substr(0, size / 2));
  SORREL_CHECK(half || !frame, "a wrong beginning of a right frame");
  const auto head = read_connect_answer(bytes);
  if (head && *head) SORREL_CHECK(**head <= bytes.size(), "a head beyond the bytes");
  if (const auto endpoint = parse_endpoint(bytes)) {
    const auto same = parse_endpoint(endpoint->to_string());
    SORREL_CHECK(same && *same == *endpoint, "an address that is read differently");
  }
  return 0;
}
