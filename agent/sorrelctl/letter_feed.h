#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "sink/dead_letter_file.h"
#include "sink/feed.h"

namespace sorrel::sorrelctl {

// Dead letters as a feed: each is given until it has an answer, then there are no more. They get
// sequences of their own, as if they were of one lane.
class LetterFeed final : public sink::Feed {
 public:
  enum class Answer : std::uint8_t { none, delivered, refused };
  struct Entry {
    sink::DeadLetter letter;
    Answer answer = Answer::none;
    std::string reason;  // of a refusal
  };

  explicit LetterFeed(std::vector<sink::DeadLetter> letters) {
    for (sink::DeadLetter& letter : letters) {
      letter.header.lane = buffer::Lane::security;
      letter.header.sequence = entries_.size() + 1;
      entries_.push_back({.letter = std::move(letter), .reason = {}});
    }
  }

  boost::asio::awaitable<bool> take(std::size_t max_bytes, buffer::FrameBatch& batch) override {
    batch.clear();
    for (; next_ < entries_.size(); ++next_) {
      const Entry& entry = entries_[next_];
      if (entry.answer != Answer::none) continue;
      const std::string& bytes = entry.letter.bytes;
      const bool has_gap =
          !batch.empty() && batch.frames().back().sequence + 1 != entry.letter.header.sequence;
      if (has_gap || (!batch.empty() && batch.bytes().size() + bytes.size() > max_bytes)) break;
      std::memcpy(batch.reserve(bytes.size()), bytes.data(), bytes.size());
      batch.append_frame(entry.letter.header);
    }
    co_return !batch.empty();
  }
  void interrupt() override {}
  void acknowledge(buffer::Lane, std::uint64_t first, std::uint64_t last) override {
    for (std::uint64_t sequence = first; sequence <= last; ++sequence) {
      entries_.at(sequence - 1).answer = Answer::delivered;
    }
  }
  void reject(const buffer::FrameHeader& header, std::string_view,
              std::string_view reason) override {
    Entry& entry = entries_.at(header.sequence - 1);
    entry.answer = Answer::refused;
    entry.reason = reason;
  }
  void rewind() override { next_ = 0; }

  const std::vector<Entry>& entries() const noexcept { return entries_; }
  std::size_t count(Answer answer) const {
    std::size_t count = 0;
    for (const Entry& entry : entries_) count += entry.answer == answer ? 1 : 0;
    return count;
  }

 private:
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

}  // namespace sorrel::sorrelctl
