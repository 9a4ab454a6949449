#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "buffer/frame.h"
#include "sink/http_options.h"
#include "sink/http_response.h"

namespace sorrel::sink {

// A frame in a request. Views into the batch that it came in.
struct BulkFrame {
  const buffer::FrameHeader* header = nullptr;
  std::string_view bytes;  // the final newline included, as the encoder wrote them
};

// What a collector says of one frame.
struct FrameAnswer {
  enum class Kind : std::uint8_t {
    acknowledged,
    duplicate,  // it had the frame already: as good as acknowledged
    retry,      // not now
    refused,    // not this one; yet perhaps it would refuse any: see http_sink.h
    hopeless    // not this one, for a reason that only it can have (its age)
  };
  Kind kind = Kind::acknowledged;
  std::string reason;
};

// What a collector says of a request.
struct BulkAnswer {
  enum class Verdict : std::uint8_t {
    all,          // every frame was taken
    each,         // `frames` says it of each
    pending,      // taken, and safe once `ack_id` has been confirmed
    busy,         // later, by Retry-After
    failed,       // later, perhaps elsewhere
    denied,       // no request can be taken until a person has changed something
    too_large,    // fewer frames at a time
    bad_request,  // one of the frames, or the compression, is at fault
    hopeless,     // as bad_request, for a reason that only a frame can have
  };
  Verdict verdict = Verdict::failed;
  std::string reason;                  // what the collector said, for people; short
  std::vector<FrameAnswer> frames;     // of Verdict::each: as many as were sent, in their order
  std::optional<std::size_t> suspect;  // of bad_request: the frame it complains of
  std::uint64_t ack_id = 0;            // of Verdict::pending
};

// How a kind of collector wants frames, and how it answers. Holds no state of a connection.
class BulkFormat {
 public:
  virtual ~BulkFormat() = default;

  virtual std::string_view default_path() const noexcept = 0;
  virtual std::string_view content_type() const noexcept = 0;
  virtual std::string_view token_scheme() const noexcept { return "Bearer"; }
  // Appends the body of a request with these frames, at least one.
  virtual void append_body(std::span<const BulkFrame> frames, std::string& body) const = 0;
  // Total over any bytes of the response.
  virtual BulkAnswer read(const HttpResponse& response, std::size_t frames) const = 0;
};

// The format that the options name. Errors: invalid_argument, an option that it cannot have.
Result<std::unique_ptr<BulkFormat>> make_bulk_format(const HttpOptions& options);

// What the status alone says, with the beginning of the body as the reason. Of a 2xx: `all`.
BulkAnswer read_status(const HttpResponse& response);

// The beginning of a text from outside, made fit for a line of the log: printable ASCII.
std::string short_reason(std::string_view text);

}  // namespace sorrel::sink
