#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "answer_log.h"
#include "sink/bell.h"

namespace sorrel::sink {

// Gives the frames of a list, one at a time, and waits for more: as an output's feed does on a
// quiet host. What is not answered is given again after rewind(). Frames 1, 2 and so on are the
// texts "event 1", "event 2".
class ListFeed final : public AnswerLog {
 public:
  explicit ListFeed(const boost::asio::any_io_executor& executor) : bell_(executor) {}

  boost::asio::awaitable<bool> take(std::size_t, buffer::FrameBatch& batch) override {
    batch.clear();
    is_interrupted_ = false;
    while (next_ >= count_ && !is_stopped_ && !is_interrupted_) co_await bell_.wait();
    if (next_ >= count_ || is_interrupted_) co_return false;
    ++next_;
    const auto own = texts_.find(next_);
    const std::string text = own == texts_.end() ? "event " + std::to_string(next_) : own->second;
    std::memcpy(batch.reserve(text.size()), text.data(), text.size());
    buffer::FrameHeader header;
    header.sequence = next_;
    header.event_uid[1] = next_;
    header.size_bytes = static_cast<std::uint32_t>(text.size());
    batch.append_frame(header);
    co_return true;
  }
  void interrupt() override {
    is_interrupted_ = true;
    bell_.ring();
  }
  void rewind() override {
    AnswerLog::rewind();
    next_ = 0;
    while (answers.count(next_ + 1) != 0) ++next_;
  }

  void add(std::size_t more) {
    count_ += more;
    bell_.ring();
  }
  void add_text(std::string text) {
    texts_[count_ + 1] = std::move(text);
    add(1);
  }
  void stop() {
    is_stopped_ = true;
    bell_.ring();
  }

 private:
  Bell bell_;
  std::map<std::size_t, std::string> texts_;  // of events that have one of their own
  std::size_t count_ = 0;
  std::size_t next_ = 0;
  bool is_stopped_ = false;
  bool is_interrupted_ = false;
};

}  // namespace sorrel::sink
