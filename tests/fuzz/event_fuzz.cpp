// Random streams of datagrams into the assembler: each record comes out once or is counted as
// dropped, and nothing is in flight beyond the limits, or at all in the end.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "event/assembler.h"

namespace {

using namespace sorrel;

class Counting final : public event::EventHandler {
 public:
  void on_event(event::Event& event) override {
    SORREL_CHECK(!event.records().empty(), "an event without a record");
    for (const event::Record& r : event.records()) {
      const auto fields = event.fields(r);
      for (const record::Field& field : fields)
        SORREL_CHECK(field.value_data >= r.body.data() &&
                         field.value_data + field.value_size <= r.body.data() + r.body.size(),
                     "a field views what is not its record's");
    }
    records += event.records().size();
    dropped += event.dropped_records;
    ++events;
  }
  void on_unparsed(const record::Datagram&) override { ++unparsed; }

  std::size_t records = 0;
  std::size_t dropped = 0;
  std::size_t events = 0;
  std::size_t unparsed = 0;
};

constexpr std::array<record::RecordType, 16> kTypes = {
    record::type::kSyscall,      record::type::kPath,
    record::type::kPath,         record::type::kCwd,
    record::type::kExecve,       record::type::kProctitle,
    record::type::kEoe,          record::type::kEoe,
    record::type::kUser,         record::type::kLogin,
    record::type::kAvc,          record::type::kDaemonStart,
    record::type::kSorrelLoss,   record::type::kUnknownName,
    record::type::kConfigChange, 1105};

// Of 64 bytes of body, with its fields.
constexpr std::size_t kLargestRecord = 2'048;

// Takes the input's bytes one by one; zeros behind its end.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  unsigned take() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes_[0]);
    bytes_.remove_prefix(1);
    return byte;
  }
  std::string_view take(std::size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes({reinterpret_cast<const char*>(data), size});
  const event::Options options{.timeout_ms = 10,
                               .user_linger_ms = 2,
                               .max_events = 1 + bytes.take() % 16,
                               .max_bytes = 200 + 64 * bytes.take(),
                               .max_event_bytes = 100 + 16 * bytes.take(),
                               .max_event_records = 1 + bytes.take() % 16};
  Counting out;
  event::Assembler assembler(
      options, bytes.take() % 2 == 0 ? event::TimeBase::live : event::TimeBase::stored, out);
  std::uint64_t now_ns = 0;
  std::size_t given = 0;
  while (!bytes.empty()) {
    // A byte for the type and the node, one for stamp and serial, one for the time, one for the
    // size of a body that follows.
    const unsigned what = bytes.take();
    const unsigned where = bytes.take();
    now_ns += bytes.take() * 100'000;
    const std::string body(bytes.take(bytes.take() % 64));
    const std::string payload = "audit(" + std::to_string(where % 3) + "." +
                                std::to_string(where / 3 % 3) + ":" + std::to_string(where / 9) +
                                (what % 64 == 63 ? "" : "): ") + body;
    record::Datagram datagram;
    datagram.type = kTypes[what % kTypes.size()];
    datagram.payload = payload;
    datagram.node = what >= 224 ? "n" : "";
    assembler.set_time(now_ns);
    if (what % 32 == 31) assembler.release_due();
    assembler.add(datagram);
    ++given;
    SORREL_CHECK(assembler.events_in_flight() <= options.max_events, "too many events in flight");
    // The last record may pass the limit; the next one then evicts.
    SORREL_CHECK(assembler.bytes_in_flight() <= options.max_bytes + kLargestRecord,
                 "too many bytes in flight");
    SORREL_CHECK(assembler.next_deadline_ns() + 1 != 0 || assembler.events_in_flight() == 0,
                 "an event in flight that nothing will release");
  }
  assembler.flush();
  const event::AssemblerCounters& counters = assembler.counters();
  SORREL_CHECK(assembler.events_in_flight() == 0 && assembler.bytes_in_flight() == 0,
               "an event was forgotten");
  SORREL_CHECK(out.records + out.dropped + out.unparsed == given, "a record came twice, or never");
  SORREL_CHECK(counters.records.value() + counters.unparsed.value() == given, "a wrong count");
  SORREL_CHECK(counters.events.value() == out.events, "a wrong count");
  SORREL_CHECK(counters.dropped_records.value() == out.dropped, "a wrong count");
  return 0;
}
