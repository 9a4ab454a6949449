#include "run.h"

#include <cstdio>
#include <cstring>

#include "buffer/segment_cipher.h"

namespace sorrel::simulation {

using buffer::Buffer;
using buffer::kLanes;
using buffer::Lane;
using buffer::Reader;
using buffer::Sync;

namespace {

unsigned long long show(std::uint64_t number) {
  return number;
}

constexpr Lane lane_of(std::size_t lane) {
  return static_cast<Lane>(lane);
}

}  // namespace

Run::Run(std::uint64_t seed, const std::string& key_file, bool is_told)
    : random_(seed),
      storage_(seed ^ 0x5eed),
      is_told_(is_told),
      lanes_{LaneModel("first"), LaneModel("security"), LaneModel("bulk")} {
  options_.path = "/b";
  options_.segment_bytes = 1'000 + below(6'000);
  options_.commit_bytes = 200 + below(1'000);
  options_.memory_bytes = 3'000 + below(9'000);
  options_.compression = static_cast<std::uint32_t>(below(2));
  options_.max_share_percent = 0;
  options_.min_free_bytes = one_of(6) ? 20'000 : 0;
  options_.max_bytes = one_of(3) ? 4'000 + below(30'000) : 0;
  options_.sync_interval_ms = 100;
  for (auto& lane : options_.lanes) {
    constexpr Sync kPolicies[] = {Sync::always, Sync::always, Sync::interval, Sync::never};
    lane.sync = kPolicies[below(4)];
  }
  if (one_of(4)) {
    options_.key_file = key_file;
    secret_ = *buffer::read_key_file(key_file);
  }
  choose_outputs();
  one_in_ = one_of(2) ? 0 : 20 + static_cast<unsigned>(below(200));
}

// The first three at once, the others later; one that is required always, so that something holds.
void Run::choose_outputs() {
  for (std::size_t i = 0; i < 3; ++i) {
    outputs_.push_back({.name = "o" + std::to_string(i),
                        .bit = std::uint64_t{1} << i,
                        .is_required = i == 0 || !one_of(3),
                        .from_oldest = !one_of(3)});
  }
  if (one_of(10)) outputs_.front().is_required = false;
}

void Run::play(unsigned steps) {
  reopen(Loss::process);
  for (unsigned i = 0; i < steps; ++i) {
    ++operations;
    try {
      step();
    } catch (const Crashed&) {
      recover(one_of(4) ? Loss::process : Loss::power);
    }
    require(storage_.reused_nonce().empty(), storage_.reused_nonce());
  }
  settle();
}

void Run::step() {
  switch (below(10)) {
    case 0:
    case 1:
    case 2:
      return append();
    case 3:
    case 4:
      return write();
    case 5:
    case 6:
      return read_some();
    case 7:
      return acknowledge();
    case 8:
      if (one_of(4)) return rewind();
      if (one_of(6)) return close_in_order();
      return append();
    default:
      if (options_.min_free_bytes != 0) storage_.set_others(150'000 + below(50'000));
      if (one_of(5)) storage_.crash_after(1 + below(40));
      if (one_of(8)) throw Crashed{};  // between two calls
      return;
  }
}

// A batch may go into several lanes, by runs.
void Run::append() {
  buffer::FrameBatch batch;
  std::array<std::uint64_t, kLanes> next{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    next[lane] = buffer_->status(lane_of(lane)).end;
  }
  std::size_t lane = below(kLanes);
  for (std::uint64_t left = 1 + below(6); left != 0; --left) {
    if (one_of(4)) lane = below(kLanes);
    std::string text = "frame " + std::to_string(++frames) + ' ' +
                       std::string(below(300), static_cast<char>('a' + below(26)));
    buffer::FrameHeader header;
    header.size_bytes = static_cast<std::uint32_t>(text.size());
    header.lane = lane_of(lane);
    header.outputs = 1 + below((1u << kMaxOutputs) - 1);
    std::memcpy(batch.reserve(text.size()), text.data(), text.size());
    batch.append_frame(header);
    lanes_[lane].append(next[lane]++, std::move(text), header.outputs);
  }
  buffer_->append(batch);
  note();
  for (std::size_t each = 0; each < kLanes; ++each) {
    require(buffer_->status(lane_of(each)).end == next[each], "sequences are dense");
  }
}

void Run::write() {
  clock_.advance_ms(below(1'500));
  std::array<std::uint64_t, kLanes> dropped{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) dropped[lane] = lanes_[lane].quota_dropped();
  buffer_->run_once();
  note();
  // What is more urgent goes last.
  for (std::size_t lane = 0; lane + 1 < kLanes; ++lane) {
    const bool has_faults = one_in_ != 0 || options_.min_free_bytes != 0;
    if (has_faults || dropped[lane] == lanes_[lane].quota_dropped()) continue;
    for (std::size_t lower = lane + 1; lower < kLanes; ++lower) {
      require(buffer_->status(lane_of(lower)).disk_bytes <= buffer::kSegmentHeaderBytes,
              "a quota took from a lane before a lower one was empty");
    }
  }
  if (!is_told_) return;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const buffer::LaneStatus status = buffer_->status(lane_of(lane));
    std::printf("run: lane %zu end %llu durable %llu first %llu\n", lane, show(status.end),
                show(status.durable_end), show(status.first));
  }
}

void Run::note() {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    lanes_[lane].note(buffer_->status(lane_of(lane)));
  }
}

Reader& Run::reader(std::size_t output, std::size_t lane) {
  return buffer_->reader(output, lane_of(lane));
}

void Run::read_some() {
  const std::size_t output = below(outputs_.size());
  static_cast<void>(read(output, below(kLanes), 200 + below(2'000)));
}

bool Run::read(std::size_t output, std::size_t lane, std::size_t max_bytes) {
  buffer::FrameBatch batch;
  buffer::Gap gap;
  Reader::Got got = reader(output, lane).read(max_bytes, batch, gap);
  if (got == Reader::Got::behind) got = load(output, lane, max_bytes, batch, gap);
  if (got == Reader::Got::gap) {
    ++gaps;
    if (is_told_) {
      std::printf("gap: lane %zu output %zu: %llu to %llu\n", lane, output, show(gap.first),
                  show(gap.last));
    }
    lanes_[lane].take_gap(output, gap);
  }
  std::size_t offset = 0;
  for (const buffer::FrameHeader& frame : batch.frames()) {
    lanes_[lane].take_frame(output, frame.sequence, batch.bytes().substr(offset, frame.size_bytes));
    offset += frame.size_bytes;
  }
  lanes_[lane].check_cursor(output, reader(output, lane).acked());
  return got == Reader::Got::frames || got == Reader::Got::gap;
}

// From the disk.
Reader::Got Run::load(std::size_t output, std::size_t lane, std::size_t max_bytes,
                      buffer::FrameBatch& batch, buffer::Gap& gap) {
  Reader& from = reader(output, lane);
  unsigned& failed = failed_loads_[output][lane];
  for (;;) {
    // A disk that fails for so long is given up, which is no fault of the buffer.
    if (failed >= 5) storage_.set_fault_rate(0);
    const std::uint64_t sequence = from.next();
    auto loaded = from.load(sequence);
    storage_.set_fault_rate(one_in_);
    failed = loaded.must_retry ? failed + 1 : 0;
    if (loaded.must_retry) return Reader::Got::nothing;
    from.set_loaded(sequence, std::move(loaded.block));
    const Reader::Got got = from.read(max_bytes, batch, gap);
    if (got != Reader::Got::behind) return got;
  }
}

void Run::acknowledge() {
  const std::size_t output = below(outputs_.size());
  const std::size_t lane = below(kLanes);
  std::vector<std::uint64_t>& unanswered = lanes_[lane].received(output).unanswered;
  std::vector<std::uint64_t> rest;
  for (const std::uint64_t sequence : unanswered) {
    if (one_of(8)) {
      rest.push_back(sequence);
      continue;
    }
    lanes_[lane].answer(output, sequence);
    reader(output, lane).acknowledge(sequence, sequence);
  }
  unanswered = std::move(rest);
  lanes_[lane].check_cursor(output, reader(output, lane).acked());
}

void Run::rewind() {
  const std::size_t output = below(outputs_.size());
  const std::size_t lane = below(kLanes);
  reader(output, lane).rewind();
  lanes_[lane].rewind(output);
}

std::uint64_t Run::quota_dropped() const {
  std::uint64_t sum = 0;
  for (const LaneModel& lane : lanes_) sum += lane.quota_dropped();
  return sum;
}

}  // namespace sorrel::simulation
