#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "buffer/frame.h"
#include "sink/syslog_options.h"

namespace sorrel::sink {

// Messages of RFC 5424, without any framing:
//   <110>1 2021-07-15T12:29:23.720Z host sorrel - audit [event@32473 uid="..."] MSG
// MSG is the event's JSON, or a line of auditd's text. JSON that does not fit goes in parts, each
// valid JSON by itself, which put together give the event back:
//   {"EVENT_UID":"...","PART":1,"PARTS":3,"JSON":"...a piece of the JSON, as a string..."}
class SyslogFormat {
 public:
  explicit SyslogFormat(const SyslogFormatOptions& options);

  // Appends each message of a frame by calling `add(std::string_view message)`; the view is valid
  // during the call. At least one call for a frame that is not empty.
  template <class Add>
  void messages(const buffer::FrameHeader& frame, std::string_view bytes, Add add) {
    start(frame);
    if (bytes.ends_with('\n')) bytes.remove_suffix(1);
    if (frame.format == buffer::Format::raw) {
      // One record a line, and a message each; too long a line is cut into pieces as it is.
      for (;;) {
        const std::size_t end = bytes.find('\n');
        std::string_view line = bytes.substr(0, end);
        do {
          const std::string_view piece = line.substr(0, room_);
          add(with_header(piece));
          line.remove_prefix(piece.size());
        } while (!line.empty());
        if (end == std::string_view::npos) return;
        bytes.remove_prefix(end + 1);
      }
    }
    if (bytes.size() <= room_) return add(with_header(bytes));
    split(bytes);
    for (std::size_t part = 0; part < parts_.size(); ++part) add(with_header(part_json(part)));
  }

 private:
  void start(const buffer::FrameHeader& frame);
  void set_second(std::uint64_t second);
  std::string_view with_header(std::string_view text);
  // Fills parts_ with pieces of `json` whose string form fits into a message.
  void split(std::string_view json);
  std::string_view part_json(std::size_t part);

  const SyslogFormatOptions options_;
  const std::string host_and_app_;
  std::string message_;
  std::uint64_t second_ = ~std::uint64_t{0};  // that stamp_ is of
  std::string stamp_;                         // 2021-07-15T12:29:23.
  std::size_t header_size_ = 0;
  std::size_t room_ = 0;  // for MSG
  std::string uid_;
  std::vector<std::string> parts_;  // escaped
  std::string part_;
};

}  // namespace sorrel::sink
