#include <zstd.h>
#include <zstd_errors.h>

#include "input/archive_stream.h"

namespace sorrel::input {
namespace {

// zstd's own default limit of the window (128 MiB) holds: `zstd --ultra --long=31` is refused.
class ZstdStream final : public ArchiveStream {
 public:
  ZstdStream(std::unique_ptr<ByteStream> packed, std::size_t chunk_bytes)
      : ArchiveStream(std::move(packed), chunk_bytes), zstd_(ZSTD_createDStream()) {}
  ~ZstdStream() override { ZSTD_freeDStream(zstd_); }
  bool started() const noexcept { return zstd_ != nullptr; }

 protected:
  const char* decode(DecodeState& state, bool /*last_input*/) override {
    // Between two frames a call without input would ask for the next header and hide that the
    // last frame is whole.
    if (state.in_left == 0 && frame_left_ == 0) return nullptr;
    ZSTD_inBuffer in{state.in, state.in_left, 0};
    ZSTD_outBuffer out{state.out, state.out_left, 0};
    const std::size_t answer = ZSTD_decompressStream(zstd_, &out, &in);
    state.in += in.pos;
    state.in_left -= in.pos;
    state.out += out.pos;
    state.out_left -= out.pos;
    if (!ZSTD_isError(answer)) {
      frame_left_ = answer;
      return nullptr;
    }
    if (ZSTD_getErrorCode(answer) == ZSTD_error_frameParameter_windowTooLarge) {
      return "unpacking needs a window above 128 MiB; pack it without --long";
    }
    return ZSTD_getErrorName(answer);
  }
  bool at_boundary() const noexcept override { return frame_left_ == 0; }

 private:
  ZSTD_DStream* zstd_;
  std::size_t frame_left_ = 1;  // as ZSTD_decompressStream() returned it; 0: the frame is whole
};

}  // namespace

Result<std::unique_ptr<ByteStream>> make_zstd_stream(std::unique_ptr<ByteStream> packed,
                                                     std::size_t chunk_bytes) {
  const std::string name = packed->name();
  auto stream = std::make_unique<ZstdStream>(std::move(packed), chunk_bytes);
  if (!stream->started()) {
    return fail(std::errc::not_enough_memory, name + ": libzstd cannot start; free some memory");
  }
  return std::unique_ptr<ByteStream>(std::move(stream));
}

}  // namespace sorrel::input
