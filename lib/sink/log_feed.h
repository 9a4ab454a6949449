#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/counter.h"
#include "buffer/buffer.h"
#include "sink/bell.h"
#include "sink/dead_letters.h"
#include "sink/feed.h"

namespace sorrel::sink {

struct LogFeedCounters {
  Counter taken_frames;  // given to the sink, those given again included
  Counter gap_frames;    // frames that a quota or a crash took from this output
  Counter rewinds;       // times that frames were given again
};

// One output's feed from the buffer's lanes: from memory while it keeps up, from the disk, read on
// another executor, when it lags. The lanes share the output by weight, so that no backlog of a
// lower one holds up the first, and none starves.
class LogFeed final : public Feed {
 public:
  // How a gap is said in the stream: the bytes of a frame.
  using EncodeGap = std::function<std::string(const buffer::Gap& gap)>;

  // `output`: its place in the buffer. `disk` may block. All outlive the feed.
  LogFeed(buffer::Buffer& buffer, std::size_t output, buffer::Format format,
          const boost::asio::any_io_executor& executor, const boost::asio::any_io_executor& disk,
          DeadLetters& dead_letters, EncodeGap encode_gap);

  boost::asio::awaitable<bool> take(std::size_t max_bytes, buffer::FrameBatch& batch) override;
  void interrupt() override;
  void acknowledge(buffer::Lane lane, std::uint64_t first, std::uint64_t last) override;
  void reject(const buffer::FrameHeader& header, std::string_view bytes,
              std::string_view reason) override;
  void rewind() override;

  // New frames are there: take() looks again. On the executor's thread, as all calls.
  void notify() { bell_.ring(); }
  // take() returns false from now on.
  void stop();
  // No frames behind these are taken, but for what lies in one piece with the last.
  void end_at(const buffer::LaneEnds& ends) { ends_ = ends; }
  // Whether all frames were taken, answered or not.
  bool has_given_all() const;
  // Frames that are not answered, of all outputs' that are between.
  std::uint64_t lag() const;
  const LogFeedCounters& counters() const noexcept { return counters_; }

 private:
  // One look at all lanes. Nothing: none has anything.
  enum class Look : std::uint8_t { nothing, something, behind };
  Look look(std::size_t max_bytes, buffer::FrameBatch& batch, std::size_t& lane);
  bool is_at_end(std::size_t lane) const {
    return ends_ && readers_[lane]->next() >= (*ends_)[lane];
  }
  void append_gap(const buffer::Gap& gap, buffer::FrameBatch& batch);

  buffer::Buffer& buffer_;
  const buffer::Format format_;
  const boost::asio::any_io_executor executor_;
  const boost::asio::any_io_executor disk_;
  DeadLetters& dead_letters_;
  const EncodeGap encode_gap_;
  Bell bell_;
  std::array<buffer::Reader*, buffer::kLanes> readers_{};
  std::array<unsigned, buffer::kLanes> credit_{};
  // Gaps that were given as a frame: its sequence, which is the gap's last, and the gap's first.
  std::array<std::map<std::uint64_t, std::uint64_t>, buffer::kLanes> gaps_;
  LogFeedCounters counters_;
  std::optional<buffer::LaneEnds> ends_;  // nothing: there is no end
  bool is_stopped_ = false;
  bool is_interrupted_ = false;
};

}  // namespace sorrel::sink
