#include <lzma.h>

#include "input/archive_stream.h"

namespace sorrel::input {
namespace {

// xz -9 needs 65 MiB to unpack; what asks for more is an odd file or an attack.
constexpr std::uint64_t kMaxXzMemoryBytes = 192u << 20;

class XzStream final : public ArchiveStream {
 public:
  XzStream(std::unique_ptr<ByteStream> packed, std::size_t chunk_bytes)
      : ArchiveStream(std::move(packed), chunk_bytes),
        started_(lzma_stream_decoder(&lzma_, kMaxXzMemoryBytes, LZMA_CONCATENATED) == LZMA_OK) {}
  ~XzStream() override { lzma_end(&lzma_); }
  bool started() const noexcept { return started_; }

 protected:
  const char* decode(DecodeState& state, bool last_input) override {
    if (ended_) return nullptr;
    lzma_.next_in = state.in;
    lzma_.avail_in = state.in_left;
    lzma_.next_out = state.out;
    lzma_.avail_out = state.out_left;
    const lzma_ret answer = lzma_code(&lzma_, last_input ? LZMA_FINISH : LZMA_RUN);
    state.in = lzma_.next_in;
    state.in_left = lzma_.avail_in;
    state.out = lzma_.next_out;
    state.out_left = lzma_.avail_out;
    switch (answer) {
      case LZMA_STREAM_END:
        ended_ = true;
        return nullptr;
      case LZMA_OK:
      case LZMA_BUF_ERROR:  // nothing moved: more input is needed
        return nullptr;
      case LZMA_MEM_ERROR:
        return "no memory to unpack it";
      case LZMA_MEMLIMIT_ERROR:
        return "unpacking needs more than 192 MiB; pack it with xz -9 or less";
      case LZMA_FORMAT_ERROR:
        return "not xz data";
      case LZMA_OPTIONS_ERROR:
        return "uses xz options that this liblzma does not know";
      default:
        return "xz data do not match their checksum";
    }
  }
  bool at_boundary() const noexcept override { return ended_; }

 private:
  lzma_stream lzma_ = LZMA_STREAM_INIT;
  bool started_;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> make_xz_stream(std::unique_ptr<ByteStream> packed,
                                                   std::size_t chunk_bytes) {
  const std::string name = packed->name();
  auto stream = std::make_unique<XzStream>(std::move(packed), chunk_bytes);
  if (!stream->started()) {
    return fail(std::errc::not_enough_memory, name + ": liblzma cannot start; free some memory");
  }
  return std::unique_ptr<ByteStream>(std::move(stream));
}

}  // namespace sorrel::input
