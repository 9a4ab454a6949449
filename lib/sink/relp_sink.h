#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "buffer/frame.h"
#include "sink/relp_frame.h"
#include "sink/stream_sink.h"
#include "sink/syslog_format.h"
#include "sink/syslog_options.h"

namespace sorrel::sink {

// RELP over TLS or TCP: each message is acknowledged by the receiver, and sent again over the next
// connection when it was not. Events may so arrive twice, and none is lost on the way.
class RelpSink final : public StreamSink {
 public:
  RelpSink(std::string name, const RelpOptions& options,
           const boost::asio::any_io_executor& executor, Feed& feed, Connector& connector)
      : StreamSink(std::move(name), executor, feed, connector),
        options_(options),
        format_(options.format) {}

 private:
  // A frame whose messages are on their way.
  struct Flying {
    buffer::FrameHeader header;
    std::shared_ptr<const buffer::FrameBatch> batch;
    std::string_view bytes;   // of the batch, for the dead letters
    std::uint32_t first = 0;  // number of its first message; they are consecutive
    std::uint32_t count = 0;  // messages
    std::uint32_t answered = 0;
    std::string refusal;  // why one of them was refused
  };

  boost::asio::awaitable<Ended> serve(Stream& stream) override;
  boost::asio::awaitable<Status> greet(Stream& stream);
  boost::asio::awaitable<Status> send(Stream& stream,
                                      std::shared_ptr<const buffer::FrameBatch> batch);
  boost::asio::awaitable<Status> flush(Stream& stream);
  // Until at most `most` messages are on their way. False: the connection has ended.
  boost::asio::awaitable<bool> wait_for_answers(std::size_t most);
  boost::asio::awaitable<void> read_answers(Stream& stream);
  Status take_answers();
  void take_answer(const RelpFrame& frame);
  void finish(Flying& flying);
  void flush_acknowledged();
  // One that no frame is under way from.
  std::shared_ptr<buffer::FrameBatch> spare_batch();
  std::uint32_t next_number();

  const RelpOptions options_;
  SyslogFormat format_;
  std::string out_;
  std::string in_;
  std::vector<std::shared_ptr<buffer::FrameBatch>> batches_;
  std::deque<Flying> flying_;
  struct {
    buffer::Lane lane{};
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // 0: nothing
  } run_;                    // frames acknowledged in a row, not yet told
  std::size_t messages_flying_ = 0;
  std::uint32_t number_ = 0;
  bool is_closing_ = false;  // the server has said that it goes
  bool is_ending_ = false;   // we have
};

}  // namespace sorrel::sink
