#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "buffer/frame.h"
#include "sink/feed.h"

// What the sinks' rate is measured with: see sink_bench.cpp.
namespace sorrel::bench {

struct SinkArguments {
  std::string protocol;  // syslog, relp, kafka
  bool is_bare = false;
  std::string address;  // HOST:PORT
  std::uint64_t count = 0;
  std::map<std::string, std::string> options;

  std::string option(const std::string& name, const std::string& otherwise = "") const {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : found->second;
  }
};

// Events of about 1 KB, as a buffer that is kept in memory has them.
class SinkEvents {
 public:
  // `run`: the first half of each event's uid, so that a receiver tells the runs apart.
  SinkEvents(std::uint64_t count, std::uint64_t run);

  const std::vector<buffer::FrameHeader>& frames() const noexcept { return frames_; }
  std::string_view bytes() const noexcept { return bytes_; }
  std::string_view bytes_of(std::size_t index) const noexcept {
    return bytes().substr(offsets_[index], frames_[index].size_bytes);
  }

 private:
  std::vector<buffer::FrameHeader> frames_;
  std::vector<std::size_t> offsets_;
  std::string bytes_;
};

// Gives them out, copied as a buffer's reader does, and counts the answers.
class MemoryFeed final : public sink::Feed {
 public:
  explicit MemoryFeed(const SinkEvents& events) : events_(events) {}

  boost::asio::awaitable<bool> take(std::size_t max_bytes, buffer::FrameBatch& batch) override;
  void interrupt() override {}  // take() never waits
  void acknowledge(buffer::Lane, std::uint64_t first, std::uint64_t last) override {
    acknowledged_ += last - first + 1;
  }
  void reject(const buffer::FrameHeader&, std::string_view, std::string_view why) override;
  // A connection began. One that is not the first measures a failure.
  void rewind() override;

  bool is_done() const noexcept { return acknowledged_ == events_.frames().size(); }
  std::uint64_t acknowledged() const noexcept { return acknowledged_; }

 private:
  const SinkEvents& events_;
  std::size_t next_ = 0;
  std::uint64_t acknowledged_ = 0;
};

// From before the connection until all has been taken by the receiver, and its price.
class SinkClock {
 public:
  SinkClock();
  void print(const SinkEvents& events) const;

 private:
  std::uint64_t wall_ns_;
  std::uint64_t cpu_ns_;
};

// The least that sends the same bytes: a blocking socket, OpenSSL, 16 KiB a write. Each ends the
// program with a message when something fails.
void send_bare_syslog(const SinkArguments& arguments, const SinkEvents& events);
void send_bare_relp(const SinkArguments& arguments, const SinkEvents& events);

// Our sink to Kafka, and a bare loop of librdkafka with the same settings and messages.
void send_kafka(const SinkArguments& arguments, const SinkEvents& events);
void send_bare_kafka(const SinkArguments& arguments, const SinkEvents& events);

}  // namespace sorrel::bench
