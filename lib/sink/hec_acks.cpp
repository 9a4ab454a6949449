#include "sink/hec_acks.h"

#include <sys/random.h>

#include <cstdio>
#include <utility>

#include "base/check.h"

namespace sorrel::sink {

std::optional<Parcel> HecAcks::add(std::uint64_t id, Parcel parcel, Time now) {
  if (waiting_.empty()) next_ = now + poll_;
  std::optional<Parcel> before;
  const auto found = waiting_.find(id);
  if (found != waiting_.end()) {
    before = std::move(found->second.parcel);
    waiting_.erase(found);
  }
  Sent sent{std::move(parcel), now};
  waiting_.emplace(id, std::move(sent));
  return before;
}

std::optional<HecAcks::Time> HecAcks::next_question() const {
  if (waiting_.empty()) return std::nullopt;
  return next_;
}

std::vector<std::uint64_t> HecAcks::ask(Time now) {
  next_ = now + poll_;
  std::vector<std::uint64_t> ids;
  for (const auto& [id, sent] : waiting_) ids.push_back(id);
  return ids;
}

std::vector<Parcel> HecAcks::confirm(std::span<const std::uint64_t> ids) {
  std::vector<Parcel> safe;
  for (const std::uint64_t id : ids) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) continue;
    safe.push_back(std::move(found->second.parcel));
    waiting_.erase(found);
  }
  return safe;
}

std::vector<Parcel> HecAcks::expire(Time now) {
  std::vector<Parcel> late;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (now - at->second.at < timeout_) {
      ++at;
      continue;
    }
    late.push_back(std::move(at->second.parcel));
    at = waiting_.erase(at);
  }
  return late;
}

std::vector<Parcel> HecAcks::take_all() {
  std::vector<Parcel> all;
  for (auto& [id, sent] : waiting_) all.push_back(std::move(sent.parcel));
  waiting_.clear();
  return all;
}

std::string make_channel() {
  unsigned char bytes[16];
  SORREL_CHECK(::getrandom(bytes, sizeof bytes, 0) == sizeof bytes, "getrandom");
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string text;
  for (std::size_t i = 0; i < sizeof bytes; ++i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits;
  }
  return text;
}

}  // namespace sorrel::sink
