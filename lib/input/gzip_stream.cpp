#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "input/archive_stream.h"

namespace sorrel::input {
namespace {

constexpr int kGzipWindowBits = 15 + 16;  // zlib.h, inflateInit2(): the largest window, gzip only

class GzipStream final : public ArchiveStream {
 public:
  GzipStream(std::unique_ptr<ByteStream> packed, std::size_t chunk_bytes)
      : ArchiveStream(std::move(packed), chunk_bytes),
        started_(inflateInit2(&zlib_, kGzipWindowBits) == Z_OK) {}
  ~GzipStream() override { inflateEnd(&zlib_); }
  bool started() const noexcept { return started_; }

 protected:
  const char* decode(DecodeState& state, bool /*last_input*/) override {
    if (between_members_) {
      // As gzip(1) does: zeros after the last member are padding, not damage.
      while (state.in_left > 0 && *state.in == 0) {
        ++state.in;
        --state.in_left;
      }
      if (state.in_left == 0) return nullptr;
      inflateReset(&zlib_);
      between_members_ = false;
    }
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    const auto in_given = static_cast<uInt>(std::min(state.in_left, kMost));
    const auto out_given = static_cast<uInt>(std::min(state.out_left, kMost));
    zlib_.next_in = const_cast<Bytef*>(state.in);  // zlib's own type; it only reads
    zlib_.avail_in = in_given;
    zlib_.next_out = state.out;
    zlib_.avail_out = out_given;
    const int answer = inflate(&zlib_, Z_NO_FLUSH);
    state.in = zlib_.next_in;
    state.in_left -= in_given - zlib_.avail_in;
    state.out = zlib_.next_out;
    state.out_left -= out_given - zlib_.avail_out;
    if (answer == Z_STREAM_END) between_members_ = true;
    if (answer == Z_OK || answer == Z_STREAM_END || answer == Z_BUF_ERROR) return nullptr;
    if (answer == Z_MEM_ERROR) return "no memory to unpack it";
    return zlib_.msg != nullptr ? zlib_.msg : "not gzip data";
  }
  bool at_boundary() const noexcept override { return between_members_; }

 private:
  z_stream zlib_{};
  bool started_;
  bool between_members_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> make_gzip_stream(std::unique_ptr<ByteStream> packed,
                                                     std::size_t chunk_bytes) {
  const std::string name = packed->name();
  auto stream = std::make_unique<GzipStream>(std::move(packed), chunk_bytes);
  if (!stream->started()) {
    return fail(std::errc::not_enough_memory, name + ": zlib cannot start; free some memory");
  }
  return std::unique_ptr<ByteStream>(std::move(stream));
}

}  // namespace sorrel::input
