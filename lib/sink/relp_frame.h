#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sorrel::sink {

// A frame of the Reliable Event Logging Protocol: TXNR SP COMMAND SP DATALEN [SP DATA] LF.
// Source: the protocol's description in librelp's documentation, "relp.html".
struct RelpFrame {
  std::uint32_t number = 0;  // of the transaction, 0..999999999
  std::string_view command;
  std::string_view data;
  std::size_t size = 0;  // bytes of the whole
};

inline constexpr std::uint32_t kMaxRelpNumber = 999'999'999;
// Of an answer. A server's are short; more is no RELP.
inline constexpr std::size_t kMaxRelpData = 64u << 10;

void append_relp_frame(std::uint32_t number, std::string_view command, std::string_view data,
                       std::string& out);

// The first frame in `bytes`, with views into it. Nothing: it is not whole yet.
// Errors: protocol_error, the bytes cannot become a frame.
Result<std::optional<RelpFrame>> parse_relp_frame(std::string_view bytes);

// The code of an answer's data: "200 OK..." is 200; nothing when there is none.
std::optional<int> relp_code(std::string_view data);

}  // namespace sorrel::sink
