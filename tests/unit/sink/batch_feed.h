#pragma once

#include <boost/asio/awaitable.hpp>

#include "answer_log.h"
#include "bulk_fixture.h"

namespace sorrel::sink {

// Gives the frames of a list, `per_take` at a time, and no more when it is used up.
class BatchFeed final : public AnswerLog {
 public:
  boost::asio::awaitable<bool> take(std::size_t max_bytes, buffer::FrameBatch& batch) override {
    batch.clear();
    std::size_t count = 0;
    while (next < texts.size() && count < per_take &&
           (count == 0 || batch.bytes().size() + texts[next].size() <= max_bytes)) {
      const std::string& text = texts[next];
      std::memcpy(batch.reserve(text.size()), text.data(), text.size());
      buffer::FrameHeader header;
      header.sequence = ++next;
      header.event_uid[1] = header.sequence;
      header.time_ns = BulkBatch::kTimeNs;
      header.partition_key = header.sequence % keys;
      header.size_bytes = static_cast<std::uint32_t>(text.size());
      batch.append_frame(header);
      ++count;
    }
    co_return count != 0;
  }
  // Events {"n":1} and so on.
  void add(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      texts.push_back("{\"n\":" + std::to_string(texts.size() + 1) + "}\n");
    }
  }

  std::vector<std::string> texts;
  std::size_t next = 0;
  std::size_t per_take = 10;
  std::size_t keys = 1;  // processes that the events are of
};

}  // namespace sorrel::sink
