#include "sink/log_feed.h"

#include <chrono>
#include <cstring>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
// Takes of each lane in a round.
constexpr std::array<unsigned, buffer::kLanes> kWeights = {8, 3, 1};

constexpr std::chrono::milliseconds kRetry{500};  // after the disk failed

asio::awaitable<buffer::LogReader::Loaded> load(buffer::Reader& reader, std::uint64_t sequence) {
  co_return reader.load(sequence);
}

}  // namespace

LogFeed::LogFeed(buffer::Buffer& buffer, std::size_t output, buffer::Format format,
                 const asio::any_io_executor& executor, const asio::any_io_executor& disk,
                 DeadLetters& dead_letters, EncodeGap encode_gap)
    : buffer_(buffer),
      format_(format),
      executor_(executor),
      disk_(disk),
      dead_letters_(dead_letters),
      encode_gap_(std::move(encode_gap)),
      bell_(executor),
      credit_(kWeights) {
  for (std::size_t lane = 0; lane < buffer::kLanes; ++lane) {
    readers_[lane] = &buffer_.reader(output, static_cast<buffer::Lane>(lane));
  }
}

asio::awaitable<bool> LogFeed::take(std::size_t max_bytes, buffer::FrameBatch& batch) {
  batch.clear();
  is_interrupted_ = false;
  while (!is_stopped_ && !is_interrupted_) {
    std::size_t lane = 0;
    const Look found = look(max_bytes, batch, lane);
    if (found == Look::something) {
      counters_.taken_frames.add(batch.frames().size());
      co_return true;
    }
    if (found == Look::behind) {
      buffer::Reader& reader = *readers_[lane];
      const std::uint64_t sequence = reader.next();
      auto loaded = co_await asio::co_spawn(disk_, load(reader, sequence), asio::use_awaitable);
      if (loaded.must_retry) {
        co_await bell_.wait(std::chrono::steady_clock::now() + kRetry);
      } else {
        reader.set_loaded(sequence, std::move(loaded.block));
      }
      continue;
    }
    co_await bell_.wait();
  }
  co_return false;
}

LogFeed::Look LogFeed::look(std::size_t max_bytes, buffer::FrameBatch& batch, std::size_t& lane) {
  for (const bool has_credit : {true, false}) {
    for (lane = 0; lane < buffer::kLanes; ++lane) {
      if ((has_credit && credit_[lane] == 0) || is_at_end(lane)) continue;
      buffer::Gap gap;
      switch (readers_[lane]->read(max_bytes, batch, gap)) {
        case buffer::Reader::Got::nothing:
          continue;
        case buffer::Reader::Got::behind:
          return Look::behind;
        case buffer::Reader::Got::gap:
          append_gap(gap, batch);
          break;
        case buffer::Reader::Got::frames:
          break;
      }
      if (!has_credit) credit_ = kWeights;
      if (credit_[lane] > 0) --credit_[lane];
      return Look::something;
    }
  }
  return Look::nothing;
}

// A frame that stands for all of the gap, with the last sequence of it.
void LogFeed::append_gap(const buffer::Gap& gap, buffer::FrameBatch& batch) {
  const std::string bytes = encode_gap_(gap);
  std::memcpy(batch.reserve(bytes.size()), bytes.data(), bytes.size());
  buffer::FrameHeader header;
  header.sequence = gap.last;
  // The same for the same gap, so that a collector can tell a copy.
  header.event_uid[0] = gap.first ^ 0x534f5252454c4741;
  header.event_uid[1] = gap.last << 2 | static_cast<std::uint64_t>(gap.lane);
  header.size_bytes = static_cast<std::uint32_t>(bytes.size());
  header.format = format_;
  header.lane = gap.lane;
  header.severity = 4;
  batch.append_frame(header);
  gaps_[buffer::lane_index(gap.lane)][gap.last] = gap.first;
  counters_.gap_frames.add(gap.count());
}

void LogFeed::acknowledge(buffer::Lane lane, std::uint64_t first, std::uint64_t last) {
  auto& gaps = gaps_[buffer::lane_index(lane)];
  for (auto gap = gaps.lower_bound(first); gap != gaps.end() && gap->first <= last;) {
    if (gap->second < first)
      readers_[buffer::lane_index(lane)]->acknowledge(gap->second, gap->first);
    gap = gaps.erase(gap);
  }
  readers_[buffer::lane_index(lane)]->acknowledge(first, last);
}

void LogFeed::reject(const buffer::FrameHeader& header, std::string_view bytes,
                     std::string_view reason) {
  dead_letters_.add(header, bytes, reason);
  acknowledge(header.lane, header.sequence, header.sequence);
}

void LogFeed::rewind() {
  for (auto& gaps : gaps_) gaps.clear();
  for (buffer::Reader* const reader : readers_) reader->rewind();
  counters_.rewinds.add();
}

void LogFeed::interrupt() {
  is_interrupted_ = true;
  bell_.ring();
}

void LogFeed::stop() {
  is_stopped_ = true;
  bell_.ring();
}

bool LogFeed::has_given_all() const {
  for (std::size_t lane = 0; lane < buffer::kLanes; ++lane) {
    if (readers_[lane]->has_more() && !is_at_end(lane)) return false;
  }
  return true;
}

std::uint64_t LogFeed::lag() const {
  std::uint64_t sum = 0;
  for (std::size_t lane = 0; lane < buffer::kLanes; ++lane) {
    sum += buffer_.status(static_cast<buffer::Lane>(lane)).end - 1 - readers_[lane]->acked();
  }
  return sum;
}

}  // namespace sorrel::sink
