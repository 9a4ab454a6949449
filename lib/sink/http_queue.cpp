#include "sink/http_queue.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace sorrel::sink {
namespace {

constexpr std::size_t kLeastRequestBytes = 64u << 10;
// So many events refused alone, and none accepted since: more of them will not help.
constexpr std::size_t kMaxSuspects = 256;

buffer::Lane lane_of(const Parcel& parcel) noexcept {
  return parcel.frames.front().header->lane;
}

}  // namespace

HttpQueue::HttpQueue(Feed& feed, const HttpOptions& options, HttpCounters& counters)
    : feed_(feed), options_(options), counters_(counters), request_bytes_(options.request_bytes) {}

void HttpQueue::add(std::shared_ptr<const buffer::FrameBatch> batch) {
  for (Parcel& parcel : make_parcels(std::move(batch), request_bytes_, options_.request_events)) {
    held_bytes_ += parcel.bytes;
    enqueue(std::move(parcel), false);
  }
}

void HttpQueue::enqueue(Parcel parcel, bool is_again) {
  const buffer::Lane lane = lane_of(parcel);
  const auto at = std::find_if(waiting_.begin(), waiting_.end(), [&](const Parcel& other) {
    return is_again ? lane_of(other) >= lane : lane_of(other) > lane;
  });
  waiting_.insert(at, std::move(parcel));
}

void HttpQueue::enqueue_all(std::vector<Parcel> parcels) {
  counters_.split.add();
  for (auto parcel = parcels.rbegin(); parcel != parcels.rend(); ++parcel) {
    enqueue(std::move(*parcel), true);
  }
}

std::optional<Parcel> HttpQueue::claim(Time now) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [now](const Parcel& parcel) { return parcel.not_before <= now; });
  if (found == waiting_.end()) return std::nullopt;
  Parcel parcel = std::move(*found);
  waiting_.erase(found);
  return parcel;
}

std::optional<HttpQueue::Time> HttpQueue::next_due() const {
  std::optional<Time> due;
  for (const Parcel& parcel : waiting_)
    due = std::min(due.value_or(Time::max()), parcel.not_before);
  return due;
}

bool HttpQueue::is_full() const noexcept {
  return held_bytes_ - suspect_bytes_ >= options_.in_flight_bytes || suspects_ >= kMaxSuspects;
}

void HttpQueue::clear_suspicion(const Parcel& parcel) {
  if (!parcel.is_suspect) return;
  suspect_bytes_ -= parcel.bytes;
  --suspects_;
}

void HttpQueue::retry(Parcel parcel) {
  clear_suspicion(parcel);
  parcel.is_suspect = parcel.refusal_count != 0;
  if (parcel.is_suspect) {
    suspect_bytes_ += parcel.bytes;
    ++suspects_;
  }
  counters_.retried.add(parcel.frames.size());
  enqueue(std::move(parcel), true);
}

void HttpQueue::give_back_broken(Parcel parcel) {
  ++parcel.broken_count;
  if (parcel.broken_count < 2 || parcel.frames.size() < 2 || parcel.bytes <= kLeastRequestBytes) {
    return retry(std::move(parcel));
  }
  counters_.retried.add(parcel.frames.size());
  enqueue_all(split(parcel));
}

void HttpQueue::settle(Parcel parcel, const BulkAnswer& answer, bool was_compressed, Time now) {
  using Verdict = BulkAnswer::Verdict;
  parcel.broken_count = 0;
  switch (answer.verdict) {
    case Verdict::all:
    case Verdict::each:
      if (was_compressed) is_compression_proven_ = true;
      if (parcel.is_uncompressed && !parcel.refused_at) {
        // The very request that was refused when it was compressed.
        may_compress_ = false;
        log(Level::error,
            "a collector refuses compressed requests; they go uncompressed from now on",
            {{"remedy", "set compression: none, or enable it at the collector"}});
      }
      return answer.verdict == Verdict::all ? acknowledge(parcel)
                                            : settle_each(parcel, answer, now);
    case Verdict::bad_request:
    case Verdict::hopeless:
      return take_bad_request(std::move(parcel), answer, was_compressed, now);
    case Verdict::too_large:
      return take_too_large(std::move(parcel), answer, now);
    case Verdict::busy:
    case Verdict::failed:
    case Verdict::denied:
      return retry(std::move(parcel));
    case Verdict::pending:
      SORREL_CHECK(false, "an answer that is no answer yet");
  }
}

void HttpQueue::acknowledge(const Parcel& parcel) {
  clear_suspicion(parcel);
  acknowledge_run(parcel, 0, parcel.frames.size());
  accepted(parcel.frames.size());
}

// The sequences of a parcel go up, with holes where single frames were answered before.
void HttpQueue::acknowledge_run(const Parcel& parcel, std::size_t first, std::size_t last) {
  for (std::size_t begin = first; begin < last;) {
    std::size_t end = begin + 1;
    while (end < last &&
           parcel.frames[end].header->sequence == parcel.frames[end - 1].header->sequence + 1) {
      ++end;
    }
    feed_.acknowledge(lane_of(parcel), parcel.frames[begin].header->sequence,
                      parcel.frames[end - 1].header->sequence);
    begin = end;
  }
  for (std::size_t i = first; i < last; ++i) held_bytes_ -= parcel.frames[i].bytes.size();
  counters_.acknowledged.add(last - first);
}

void HttpQueue::settle_each(const Parcel& parcel, const BulkAnswer& answer, Time now) {
  using Kind = FrameAnswer::Kind;
  SORREL_CHECK(answer.frames.size() == parcel.frames.size(), "one answer for each frame");
  const auto is_good = [&](std::size_t i) {
    const Kind kind = answer.frames[i].kind;
    return kind == Kind::acknowledged || kind == Kind::duplicate;
  };
  const std::uint64_t accepted_before = accepted_count_;
  const std::size_t size = parcel.frames.size();
  clear_suspicion(parcel);
  for (std::size_t i = 0; i < size; ++i) {
    if (answer.frames[i].kind == Kind::duplicate) counters_.duplicates.add();
    std::size_t end = i;
    while (end < size && is_good(end)) ++end;
    if (end == i) continue;
    for (std::size_t k = i + 1; k < end; ++k) {
      if (answer.frames[k].kind == Kind::duplicate) counters_.duplicates.add();
    }
    acknowledge_run(parcel, i, end);
    accepted(end - i);
    i = end - 1;
  }
  Parcel again;
  again.batch = parcel.batch;
  again.is_uncompressed = parcel.is_uncompressed;
  again.refused_at = parcel.refused_at;
  again.refusal_count = parcel.refusal_count;  // not 0 for a lone frame only
  for (std::size_t i = 0; i < size; ++i) {
    const FrameAnswer& said = answer.frames[i];
    if (said.kind == Kind::retry) again.add(parcel.frames[i]);
    if (said.kind != Kind::refused && said.kind != Kind::hopeless) continue;
    Parcel lone = part_of(parcel, i, i + 1);
    lone.refusal_count = parcel.refusal_count;
    if (!lone.refused_at) lone.refused_at = accepted_before;
    if (said.kind == Kind::hopeless) {
      reject(lone, said.reason);
    } else {
      refuse(std::move(lone), said.reason, now);
    }
  }
  if (!again.frames.empty()) retry(std::move(again));
}

void HttpQueue::take_bad_request(Parcel parcel, const BulkAnswer& answer, bool was_compressed,
                                 Time now) {
  if (was_compressed && !is_compression_proven_) {
    // Collectors answer the same to a body that they cannot decompress: the very same one again.
    parcel.is_uncompressed = true;
    return retry(std::move(parcel));
  }
  if (!parcel.refused_at) parcel.refused_at = accepted_count_;
  if (parcel.frames.size() > 1) return enqueue_all(split(parcel, answer.suspect));
  if (answer.verdict == BulkAnswer::Verdict::hopeless) return reject(parcel, answer.reason);
  refuse(std::move(parcel), answer.reason, now);
}

void HttpQueue::take_too_large(Parcel parcel, const BulkAnswer& answer, Time now) {
  if (!parcel.refused_at) parcel.refused_at = accepted_count_;
  if (parcel.frames.size() > 1) {
    request_bytes_ = std::max(kLeastRequestBytes, std::min(request_bytes_, parcel.bytes / 2));
    return enqueue_all(split(parcel));
  }
  refuse(std::move(parcel), answer.reason, now);
}

void HttpQueue::refuse(Parcel lone, const std::string& reason, Time now) {
  if (accepted_count_ > *lone.refused_at) return reject(lone, reason);
  // Nothing at all has been accepted since: this may be the collector's fault, or ours.
  if (refusal_.empty()) {
    log(Level::error,
        "a collector refuses an event, and has accepted no other one since; it is kept",
        {{"why", reason}});
  }
  refusal_ = reason;
  const auto longest = std::max(options_.retry_min, options_.retry_max);
  auto pause = options_.retry_min;
  for (unsigned i = 0; i < lone.refusal_count && pause < longest; ++i) pause *= 2;
  ++lone.refusal_count;
  lone.not_before = now + std::min(pause, longest);
  retry(std::move(lone));
}

void HttpQueue::reject(const Parcel& lone, std::string_view reason) {
  const BulkFrame& frame = lone.frames.front();
  clear_suspicion(lone);
  feed_.reject(*frame.header, frame.bytes, reason);
  held_bytes_ -= frame.bytes.size();
  counters_.rejected.add();
  log(Level::warning, "a collector refuses an event for good", {{"why", std::string(reason)}});
}

void HttpQueue::accepted(std::size_t frames) {
  accepted_count_ += frames;
  if (frames != 0) refusal_.clear();
}

}  // namespace sorrel::sink
