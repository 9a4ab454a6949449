#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "buffer/frame.h"

namespace sorrel::sink {

// A frame that a collector refused, as DeadLetters keeps it.
struct DeadLetter {
  buffer::FrameHeader header;
  std::string bytes;
  std::string reason;
  std::string line;  // as it stands in the file, without its end
};

// Reads one line of a file of dead letters. Errors: bad_message, it is none.
Result<DeadLetter> read_dead_letter(std::string_view line);

struct DeadLetterFile {
  std::vector<DeadLetter> letters;
  std::vector<std::string> unreadable;  // lines that are no dead letters
  std::uint64_t size = 0;               // that was read
};

// Errors: the file cannot be read.
Result<DeadLetterFile> read_dead_letters(const std::string& path);

}  // namespace sorrel::sink
