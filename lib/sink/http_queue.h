#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "buffer/frame.h"
#include "sink/feed.h"
#include "sink/http_counters.h"
#include "sink/http_options.h"
#include "sink/parcel.h"

namespace sorrel::sink {

// What an http output has taken and not yet answered for: what waits to be sent, and what each
// answer of a collector means for it. No input or output of its own, no time but what it is told.
//
// A collector that refuses a request may mean one event in it, or us (a wrong path, a broken
// mapping). The request is halved until the event stands alone; yet it is given up only when the
// collector has accepted another one since it was first refused. One that refuses everything loses
// nothing.
class HttpQueue {
 public:
  using Time = Parcel::Time;

  HttpQueue(Feed& feed, const HttpOptions& options, HttpCounters& counters);

  // Frames that were just taken.
  void add(std::shared_ptr<const buffer::FrameBatch> batch);
  // The first parcel that may be sent now; it is then the caller's until settle() or give_back().
  std::optional<Parcel> claim(Time now);
  // When the next one may be sent; nothing: none waits.
  std::optional<Time> next_due() const;
  // It was not sent, or not answered: it goes first when it is sent again.
  void give_back(Parcel parcel) { enqueue(std::move(parcel), true); }
  // The connection broke before the answer was there. One that breaks again and again may be over a
  // limit that nobody tells us of: the parcel becomes smaller.
  void give_back_broken(Parcel parcel);
  // The collector has answered; not for Verdict::pending. `was_compressed`: how it was sent.
  void settle(Parcel parcel, const BulkAnswer& answer, bool was_compressed, Time now);
  // The collector has confirmed what it was slow to.
  void acknowledge(const Parcel& parcel);

  // How many bytes the next take may have.
  std::size_t request_bytes() const noexcept { return request_bytes_; }
  // Enough is under way: no more is to be taken. Refused events that wait for another one to be
  // accepted do not count, or they would keep it away.
  bool is_full() const noexcept;
  // Of all frames that were taken and are not answered for.
  std::size_t held_bytes() const noexcept { return held_bytes_; }
  bool is_empty() const noexcept { return held_bytes_ == 0; }
  // False: the collector does not understand compressed bodies; the log says so.
  bool may_compress() const noexcept { return may_compress_; }
  // Why nothing gets through, while every event is refused.
  const std::string& refusal() const noexcept { return refusal_; }

 private:
  void enqueue(Parcel parcel, bool is_again);
  void retry(Parcel parcel);
  void clear_suspicion(const Parcel& parcel);
  void enqueue_all(std::vector<Parcel> parcels);
  void settle_each(const Parcel& parcel, const BulkAnswer& answer, Time now);
  void acknowledge_run(const Parcel& parcel, std::size_t first, std::size_t last);
  void take_bad_request(Parcel parcel, const BulkAnswer& answer, bool was_compressed, Time now);
  void take_too_large(Parcel parcel, const BulkAnswer& answer, Time now);
  // `lone` has one frame.
  void refuse(Parcel lone, const std::string& reason, Time now);
  void reject(const Parcel& lone, std::string_view reason);
  void accepted(std::size_t frames);

  Feed& feed_;
  const HttpOptions options_;
  HttpCounters& counters_;
  std::deque<Parcel> waiting_;  // by lane; within a lane what is sent again goes first
  std::size_t request_bytes_;
  std::size_t held_bytes_ = 0;
  std::size_t suspect_bytes_ = 0;  // of them, of events that were refused alone
  std::size_t suspects_ = 0;
  std::uint64_t accepted_count_ = 0;
  bool may_compress_ = true;
  bool is_compression_proven_ = false;
  std::string refusal_;
};

}  // namespace sorrel::sink
