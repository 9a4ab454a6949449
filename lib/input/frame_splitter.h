#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "input/carry_buffer.h"
#include "input/source.h"

namespace sorrel::input {

// Cuts what auditd's af_unix plugin sends with `format = binary` into datagrams. A frame is a
// header of four u32 in the machine's order, version, header size (16), record type, data size, and
// data: version 0 the kernel's text without "type=", version 1 a formatted line.
//
// Two framings are in use, told apart by where the second header is: the data alone (the plugin
// that has a queue, late audit 4), or the data in a field that is always 8970 bytes (all before
// it).
//
// auditd writes without waiting and does not repeat a write that went only half: what follows it is
// then out of step. Bytes up to the next header that a record follows are skipped and counted.
//
// Source: audit-userspace, lib/libaudit.h, struct audit_dispatcher_header; audisp-af_unix.c.
class FrameSplitter {
 public:
  static constexpr std::size_t kHeaderBytes = 16;
  static constexpr std::size_t kPaddedDataBytes = 8970;  // libaudit.h, MAX_AUDIT_MESSAGE_LENGTH
  static constexpr std::size_t kMaxDataBytes = 64u << 10;
  static constexpr std::size_t kMaxCarriedBytes = 2 * kHeaderBytes + kMaxDataBytes;

  // Appends the next frames' datagrams until the batch holds kMaxBatch or no whole frame is left.
  void split(CarryBuffer& buffer, Batch& batch);

  // A new connection: its framing is found anew.
  void reset() noexcept;

  std::uint64_t resyncs() const noexcept { return resyncs_; }
  std::uint64_t skipped_bytes() const noexcept { return skipped_bytes_; }
  std::uint64_t skipped_records() const noexcept { return skipped_records_; }

 private:
  enum class Framing : std::uint8_t { unknown, exact, padded };

  bool skip_padding(CarryBuffer& buffer);
  bool find_framing(std::string_view bytes);
  void resync(CarryBuffer& buffer);
  void take(std::string_view frame, Batch& batch);

  Framing framing_ = Framing::unknown;
  bool first_frame_taken_ = false;
  bool in_step_ = true;
  std::size_t padding_bytes_ = 0;  // still to come of the last frame, if frames are padded
  std::uint64_t resyncs_ = 0;
  std::uint64_t skipped_bytes_ = 0;
  std::uint64_t skipped_records_ = 0;
};

}  // namespace sorrel::input
