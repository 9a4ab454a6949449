#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "sink/bell.h"
#include "sink/kafka_producer.h"
#include "sink/kafka_sink.h"

// Inside of the kafka sink: it brings Asio's descriptors and librdkafka with it.
namespace sorrel::sink {

class KafkaShipper final : public KafkaSink {
 public:
  KafkaShipper(std::string name, const KafkaOptions& options,
               const boost::asio::any_io_executor& executor, Feed& feed);

  Status reload() override;
  boost::asio::awaitable<void> run() override;
  void stop() override;
  const KafkaCounters& counters() const noexcept override { return counters_; }
  const std::string& trouble() const noexcept override { return trouble_; }

 private:
  // A producer and what waits for its events.
  struct Line {
    Line(std::unique_ptr<KafkaProducer> made, const boost::asio::any_io_executor& executor)
        : producer(std::move(made)), events(executor, ::dup(producer->event_fd())) {}
    std::unique_ptr<KafkaProducer> producer;
    boost::asio::posix::stream_descriptor events;  // a copy of the descriptor, which Asio closes
    bool is_old = false;                           // gets nothing more
  };

  // What goes to one partition. The next round of it is given to librdkafka when all of the last
  // has been reported, see kafka_tracks.cpp; the partitions do not wait for each other.
  struct Track {
    std::deque<KafkaMessage> waiting;
    std::uint64_t round = 0;  // the last one
    std::size_t left = 0;     // messages of it without a report
  };

  boost::asio::awaitable<void> watch(std::shared_ptr<Line> line);
  void enqueue(std::shared_ptr<const buffer::FrameBatch> batch);
  std::shared_ptr<buffer::FrameBatch> spare_batch();
  bool fit_tracks();
  void send_rounds();
  bool send_round(Track& track);
  bool send(Track& track, KafkaMessage& message);
  boost::asio::awaitable<void> resend();
  boost::asio::awaitable<void> send_again();
  void spawn(boost::asio::awaitable<void> coroutine);
  void take_report(Line& line, KafkaMessage message, rd_kafka_resp_err_t error);
  void acknowledge(const buffer::FrameHeader& header);
  void flush_acknowledged();
  void reject(const KafkaMessage& message, const std::string& why);
  void take_fatal(Line& line, const std::string& why);
  void note_trouble(const std::string& why);
  bool is_full() const noexcept {
    return held_bytes_ >= options_.in_flight_bytes || held_frames_ >= options_.in_flight_frames;
  }

  const std::string name_;
  const KafkaOptions options_;
  const boost::asio::any_io_executor executor_;
  Feed& feed_;
  KafkaCounters counters_;
  Bell bell_;
  std::shared_ptr<Line> current_;
  std::set<std::shared_ptr<Line>> lines_;  // that are watched; they go with their last report
  std::vector<Track> tracks_ = std::vector<Track>(1);
  std::uint64_t rounds_ = 0;
  std::vector<std::shared_ptr<buffer::FrameBatch>> batches_;
  std::size_t round_bytes_;  // smaller, once a broker has found one too large
  std::uint64_t halved_round_ = 0;
  std::minstd_rand random_;
  std::deque<KafkaMessage> again_;
  std::chrono::steady_clock::time_point again_at_{};
  unsigned bad_rounds_ = 0;
  std::size_t held_bytes_ = 0;
  std::size_t held_frames_ = 0;
  std::string trouble_;
  struct {
    buffer::Lane lane{};
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // 0: nothing
  } run_;                    // frames acknowledged in a row, not yet told
  unsigned coroutines_ = 0;
  bool is_running_ = false;
  bool is_dead_ = false;  // the current producer has failed for good, and none could be made
  bool is_ended_ = false;
  bool is_stopped_ = false;
};

}  // namespace sorrel::sink
