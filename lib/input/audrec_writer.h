#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "input/audrec_format.h"

namespace sorrel::input {

// Appends one record to `out`; header.payload_bytes is taken from `payload`, which is at most
// kMaxAudrecPayloadBytes long.
void append_audrec(std::string& out, AudrecHeader header, std::string_view payload);

// Writes a recording, through a buffer of 256 KiB.
class AudrecWriter {
 public:
  // Creates the file, which must not exist yet (mode 0600: audit records are root's business), or
  // takes an open descriptor that nothing was written to. Errors: it cannot be created.
  static Result<AudrecWriter> create(const std::string& path);
  AudrecWriter(Fd fd, std::string name);

  // Errors: a payload above kMaxAudrecPayloadBytes (nothing is written then), a write that failed.
  Status write(const AudrecHeader& header, std::string_view payload);
  // Writes out what is buffered; without it the destructor drops that.
  Status flush();

 private:
  Fd fd_;
  std::string name_;
  std::string buffer_;
};

}  // namespace sorrel::input
