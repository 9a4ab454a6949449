#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sink/feed.h"

namespace sorrel::sink {

// The answers that a sink gives for its frames, of the lane security, and a check that it gives one
// a frame. Nothing can be taken from it.
class AnswerLog : public Feed {
 public:
  boost::asio::awaitable<bool> take(std::size_t, buffer::FrameBatch&) override {
    SORREL_CHECK(false, "nothing is to be had here");
    co_return false;
  }
  void interrupt() override {}
  void acknowledge(buffer::Lane, std::uint64_t first, std::uint64_t last) override {
    for (std::uint64_t sequence = first; sequence <= last; ++sequence) note(sequence, "+");
  }
  void reject(const buffer::FrameHeader& header, std::string_view, std::string_view why) override {
    note(header.sequence, std::string(why));
  }
  void rewind() override { ++rewinds; }

  // "1+ 2+ 3:reason", by sequence.
  std::string text() const {
    std::string text;
    for (const auto& [sequence, answer] : answers) {
      if (!text.empty()) text += ' ';
      text += std::to_string(sequence) + (answer == "+" ? "+" : ":" + answer);
    }
    return text;
  }

  std::map<std::uint64_t, std::string> answers;
  unsigned rewinds = 0;

 private:
  void note(std::uint64_t sequence, const std::string& answer) {
    SORREL_CHECK(answers.emplace(sequence, answer).second, "a frame was answered twice");
  }
};

}  // namespace sorrel::sink
