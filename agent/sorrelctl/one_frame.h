#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "buffer/frame.h"
#include "sink/bell.h"
#include "sink/feed.h"
#include "sink/json_string.h"

namespace sorrel::sorrelctl {

// One frame, once more after a connection was lost; then the end, when it is answered.
class OneFrame final : public sink::Feed {
 public:
  OneFrame(const boost::asio::any_io_executor& executor, buffer::Format format)
      : bell_(executor), format_(format) {
    std::random_device random;
    uid_[0] = (std::uint64_t{random()} << 32) | random();
    uid_[1] = (std::uint64_t{random()} << 32) | random();
    std::string uid;
    sink::append_uid(uid, uid_);
    const std::time_t now = std::time(nullptr);
    char stamp[32];
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
    time_ns_ = static_cast<std::uint64_t>(now) * 1'000'000'000;
    const std::string id = std::to_string(now) + ".000:1";
    if (format == buffer::Format::json) {
      text_ =
          "{\"ID\":\"" + id + "\",\"TIME\":\"" + stamp + "\",\"EVENT_UID\":\"" + uid +
          "\",\"SCHEMA\":1,\"SORREL_TEST\":{\"text\":\"a test of this output by sorrelctl\"}}\n";
    } else {
      text_ = "type=SORREL_TEST msg=audit(" + id +
              "): text=\"a test of this output by sorrelctl\" uid=" + uid + "\n";
    }
  }

  boost::asio::awaitable<bool> take(std::size_t, buffer::FrameBatch& batch) override {
    batch.clear();
    is_interrupted_ = false;
    if (is_taken_) {
      // Syslog knows only from its good-bye that everything was read. A collector that does not
      // want us says so after the handshake (TLS 1.3): it has a moment for that.
      if (ends_after_one_) {
        co_await bell_.wait(std::chrono::steady_clock::now() + std::chrono::seconds(1));
        co_return false;
      }
      while (!is_answered_ && is_taken_ && !is_interrupted_) co_await bell_.wait();
      if (is_answered_ || is_interrupted_) co_return false;
    }
    is_taken_ = true;
    std::memcpy(batch.reserve(text_.size()), text_.data(), text_.size());
    buffer::FrameHeader header;
    header.sequence = 1;
    header.event_uid[0] = uid_[0];
    header.event_uid[1] = uid_[1];
    header.time_ns = time_ns_;
    header.size_bytes = static_cast<std::uint32_t>(text_.size());
    header.format = format_;
    batch.append_frame(header);
    co_return true;
  }
  void interrupt() override {
    is_interrupted_ = true;
    bell_.ring();
  }
  void acknowledge(buffer::Lane, std::uint64_t, std::uint64_t) override { answer(""); }
  void reject(const buffer::FrameHeader&, std::string_view, std::string_view reason) override {
    answer(std::string(reason));
  }
  void rewind() override {
    if (!is_answered_) is_taken_ = false;
    bell_.ring();
  }

  void end_after_one() { ends_after_one_ = true; }
  bool is_answered() const { return is_answered_; }
  bool is_taken() const { return is_taken_; }
  const std::string& refusal() const { return refusal_; }
  std::string uid() const {
    std::string text;
    sink::append_uid(text, uid_);
    return text;
  }

 private:
  void answer(std::string refusal) {
    is_answered_ = true;
    refusal_ = std::move(refusal);
    bell_.ring();
  }

  sink::Bell bell_;
  const buffer::Format format_;
  std::uint64_t uid_[2]{};
  std::uint64_t time_ns_ = 0;
  std::string text_;
  bool is_taken_ = false;
  bool is_answered_ = false;
  bool is_interrupted_ = false;
  bool ends_after_one_ = false;
  std::string refusal_;
};

}  // namespace sorrel::sorrelctl
