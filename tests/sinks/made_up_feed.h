#pragma once

#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "sink/feed.h"
#include "sink/json_string.h"

namespace sorrel::sink::test {

struct MadeUpEvents {
  std::uint64_t count = 0;
  std::uint64_t poison = 0;    // the number of one that is no JSON object; 0: none is
  std::uint64_t first_ns = 0;  // its time; each further one is a microsecond later
  std::uint64_t name = 0;      // the first half of each uid, so that runs differ
};

// Makes events as they are taken; each needs exactly one answer.
class MadeUpFeed final : public Feed {
 public:
  explicit MadeUpFeed(const MadeUpEvents& events)
      : events_(events), is_answered_(events.count + 1) {}

  boost::asio::awaitable<bool> take(std::size_t max_bytes, buffer::FrameBatch& batch) override {
    batch.clear();
    while (next_ < events_.count) {
      const std::string text = event(next_ + 1);
      if (!batch.empty() && batch.bytes().size() + text.size() > max_bytes) break;
      std::memcpy(batch.reserve(text.size()), text.data(), text.size());
      buffer::FrameHeader header;
      header.sequence = ++next_;
      header.event_uid[0] = events_.name;
      header.event_uid[1] = next_;
      header.time_ns = events_.first_ns + next_ * 1'000;
      header.size_bytes = static_cast<std::uint32_t>(text.size());
      batch.append_frame(header);
    }
    co_return !batch.empty();
  }
  void interrupt() override {}  // take() never waits
  void acknowledge(buffer::Lane, std::uint64_t first, std::uint64_t last) override {
    for (std::uint64_t sequence = first; sequence <= last; ++sequence) answer(sequence);
  }
  void reject(const buffer::FrameHeader& header, std::string_view, std::string_view) override {
    answer(header.sequence);
    last_rejected = header.sequence;
  }
  void rewind() override {}

  // Its line, by its number from 1.
  std::string event(std::uint64_t number) const {
    const std::uint64_t uid[2] = {events_.name, number};
    std::string text = R"({"EVENT_UID":")";
    append_uid(text, uid);
    if (number == events_.poison) return text + "\n";  // ends within a string
    return text + R"(","NODE":"web1","@timestamp":")" + stamp() + R"(","n":)" +
           std::to_string(number) +
           R"(,"SYSCALL":{"arch":"0xc000003e","syscall":59,"success":"yes","exit":0,"ppid":812,)"
           R"("pid":813,"auid":1000,"uid":0,"comm":"sshd","exe":"/usr/sbin/sshd","key":"exec"},)"
           R"("EXECVE":{"argc":3,"ARGV":["sshd","-D","-R"]},"CWD":{"cwd":"/"}})"
           "\n";
  }

  std::uint64_t answers = 0;
  std::uint64_t repeated = 0;
  std::uint64_t last_rejected = 0;

 private:
  std::string stamp() const {
    char text[32];
    const auto seconds = static_cast<std::time_t>(events_.first_ns / 1'000'000'000);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &utc));
  }
  void answer(std::uint64_t sequence) {
    repeated += is_answered_.at(sequence) ? 1 : 0;
    answers += is_answered_.at(sequence) ? 0 : 1;
    is_answered_.at(sequence) = true;
  }

  const MadeUpEvents& events_;
  std::vector<bool> is_answered_;
  std::uint64_t next_ = 0;
};

}  // namespace sorrel::sink::test
