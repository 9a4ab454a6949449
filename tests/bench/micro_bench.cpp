// Every parser and every encoder by itself, over our recordings, in CPU time, and what reading a
// process from /proc costs; no pipeline, no files. Prints a line each: its name, a tab, ns a call
// and bytes of its input a second.
//   micro_bench [RECORDING]      everyday-raw (default) or every-kind-raw
// A figure here is good for comparing two versions of one parser on one machine. What a user gets
// is measured by `./dev bench` on whole programs.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/hex.h"
#include "config/load.h"
#include "config/secret_rules.h"
#include "encode/escape.h"
#include "encode/json.h"
#include "encode/raw.h"
#include "enrich/interpret.h"
#include "enrich/secrets.h"
#include "event/event_uid.h"
#include "host/cgroup.h"
#include "host/proc_fs.h"
#include "input/audrec_source.h"
#include "input/memory_stream.h"
#include "input/text_source.h"
#include "measure.h"
#include "process_table_sample.h"
#include "record/line_parser.h"
#include "record/parser.h"
#include "record/sockaddr.h"
#include "record/stamp.h"
#include "samples.h"
#include "sink/body_codec.h"
#include "sink/bulk_format.h"
#include "sink/parcel.h"

namespace sorrel::bench {
namespace {

void print(const char* name, double ns, std::size_t calls, std::size_t bytes, const char* unit) {
  std::printf("%s\t%.1f ns a %s, %.0f MB/s\n", name, ns / static_cast<double>(calls), unit,
              static_cast<double>(bytes) * 1000 / ns);
}

// One call of `work` for each item.
template <class Items, class Size, class Work>
void each(const char* name, const char* unit, const Items& items, Size size_of, Work work) {
  if (items.empty()) return;
  std::size_t bytes = 0;
  for (const auto& item : items) bytes += size_of(item);
  const double ns = cpu_ns_of([&] {
    for (const auto& item : items) work(item);
  });
  print(name, ns, items.size(), bytes, unit);
}

constexpr auto size_of_text = [](const auto& text) { return text.size(); };

void measure_record(const Samples& samples) {
  record::LineParser line_parser;
  each("record: LineParser", "line", samples.lines, size_of_text, [&](std::string_view line) {
    record::Datagram datagram;
    line_parser.parse_to(line, datagram);
    use(datagram);
  });
  each(
      "record: parse_stamp", "record", samples.datagrams,
      [](const record::Datagram& d) { return d.payload.find(' '); },
      [](const record::Datagram& d) {
        EventId id;
        std::string_view body;
        use(record::parse_stamp(d.payload, id, body));
      });
  record::Parser parser;
  record::FieldList fields;
  each(
      "record: Parser::parse", "record", samples.bodies,
      [](const Samples::Body& body) { return body.text.size(); },
      [&](const Samples::Body& body) {
        fields.clear();
        parser.parse(body.type, body.text, record::Origin::text, fields);
        use(fields.size());
      });
  each("record: decode_sockaddr", "address", samples.addresses, size_of_text,
       [](const std::string& raw) {
         record::SockAddr address;
         record::decode_sockaddr(raw, false, address);
         use(address.field_count);
       });
}

void measure_encode(const Samples& samples) {
  std::size_t longest = 0;
  for (const std::string_view value : samples.values) longest = std::max(longest, value.size());
  std::vector<char> out(encode::escaped_bound(longest));
  each("encode: escape_to", "value", samples.values, size_of_text,
       [&](std::string_view value) { use(encode::escape_to(value, out.data())); });
  each("base: decode_hex_to", "value", samples.hex, size_of_text,
       [&](std::string_view digits) { use(decode_hex_to(digits, out.data())); });

  const auto size_of_event = [](const std::unique_ptr<event::Event>& event) {
    std::size_t size = 0;
    for (const event::Record& record : event->records()) size += record.line.size() + 1;
    return size;
  };
  encode::JsonEncoder json(encode::Options{}, "node");
  const encode::RawEncoder raw(false);
  std::size_t bound = 0;
  for (const auto& event : samples.events)
    bound = std::max({bound, json.bound(*event), raw.bound(*event)});
  out.resize(bound);
  each("encode: JsonEncoder", "event", samples.events, size_of_event,
       [&](const auto& event) { use(json.encode(*event, Hash128{}, out.data())); });
  each("encode: RawEncoder", "event", samples.events, size_of_event,
       [&](const auto& event) { use(raw.encode(*event, out.data())); });
  event::EventUid uids("host", "boot", "");
  each("event: EventUid", "event", samples.events, size_of_event,
       [&](const auto& event) { use(uids.of(*event)); });
}

void measure_enrich(const Samples& samples) {
  const auto size_of_event = [](const std::unique_ptr<event::Event>& event) {
    std::size_t size = 0;
    for (const event::Record& record : event->records()) size += record.line.size() + 1;
    return size;
  };
  enrich::InterpretationText room;
  each("enrich: interpret", "event", samples.events, size_of_event, [&](const auto& event) {
    enrich::CallContext call;
    for (const event::Record& record : event->records()) {
      const std::span<const record::Field> fields = event->fields(record);
      if (record.type == record::type::kSyscall) call = enrich::CallContext::of(fields);
      for (const record::Field& field : fields) {
        if (!enrich::may_interpret(field.key_id)) continue;
        use(enrich::interpret(record.type, field, call, room).size());
      }
    }
  });
}

// The shipped rules over events of which most have no secret: what redaction costs everybody.
void measure_secrets(const Samples& samples) {
  auto rules = config::load_secret_rules({SORREL_TEST_DIR "/../rules/secrets.yaml"});
  if (!rules) return;
  auto secrets = enrich::Secrets::make(*std::move(rules));
  if (!secrets) return;
  std::vector<event::Event*> execs;
  std::vector<event::Event*> others;
  for (const auto& event : samples.events)
    (event->has_type(record::type::kExecve) ? execs : others).push_back(event.get());
  const auto size_of = [](const event::Event* event) {
    std::size_t size = 0;
    for (const event::Record& r : event->records())
      if (r.type == record::type::kExecve || r.type == record::type::kProctitle)
        size += r.body.size();
    return size;
  };
  const auto apply = [&](event::Event* event) { use((*secrets)->apply(*event).size()); };
  each("enrich: Secrets::apply, execs", "event", execs, size_of, apply);
  each("enrich: Secrets::apply, others", "event", others, size_of, apply);
}

// Reading a whole file that is in memory; the figure holds the copy into the stream.
template <class Source>
void measure_source(const char* name, const std::string& bytes, std::size_t records) {
  input::Batch batch;
  const double ns = cpu_ns_of([&] {
    Source source(std::make_unique<input::MemoryStream>(bytes));
    for (auto state = source.read(batch); state && *state != input::ReadState::ended;
         state = source.read(batch)) {
      use(batch.size());
    }
  });
  print(name, ns, records, bytes.size(), "record");
}

// This process's own /proc: the kernel's work is nearly all of it.
void measure_host() {
  Result<host::ProcFs> proc =
      host::ProcFs::open("/", host::EnvironmentSelection({"LD_PRELOAD", "LD_LIBRARY_PATH"}));
  if (!proc) return;
  const auto pid = static_cast<std::uint32_t>(::getpid());
  host::ProcFacts facts;
  const auto read = [&](const char* name, std::uint32_t parts) {
    const double ns = cpu_ns_of([&] { use(proc->read(pid, parts, facts)); });
    std::printf("%s\t%.1f us a process\n", name, ns / 1000);
  };
  read("host: ProcFs, all parts", host::part::kAll);
  read("host: ProcFs, what audit does not tell",
       host::part::kAll & ~(host::part::kLogin | host::part::kCwd));
  read("host: ProcFs, stat alone", host::part::kStat);
  const std::string text =
      "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod"
      "12345678_9abc_def0_1234_56789abcdef0.slice/cri-containerd-" +
      std::string(64, 'b') + ".scope\n";
  const double ns = cpu_ns_of([&] { use(host::parse_cgroup(text).runtime); });
  print("host: parse_cgroup", ns, 1, text.size(), "process");
}

void measure_config(const Samples& samples) {
  const double ns =
      cpu_ns_of([&] { use(config::check_text("sorrel.yaml", samples.configuration).problems); });
  print("config: check_text", ns, 1, samples.configuration.size(), "file");
}

// Each pass is of processes that are known and execute again, as a shell's children do. The
// sample's programs have far too few names to miss: it is the table that is measured.
void measure_process_table() {
  for (const std::uint32_t count : {1000u, 90'000u}) {
    ExecSample sample(500, count);
    enrich::ProcessTable table;
    for (const enrich::Sighting& shell : sample.shells) table.exec(shell);
    // In no order, as pids are; by turns of a large stride.
    for (std::size_t i = 0; i < sample.execs.size(); ++i)
      std::swap(sample.execs[i], sample.execs[i * 48'271 % sample.execs.size()]);
    const std::string name = "enrich: ProcessTable::exec, " + std::to_string(count) + " pids";
    each(
        name.c_str(), "event", sample.execs,
        [](const enrich::Sighting&) { return std::size_t{1100}; },
        [&](const enrich::Sighting& sighting) { use(exec_event(table, sighting)); });
    const std::string fetched = name + ", prefetched";
    // The SYSCALL record is parsed some hundred nanoseconds before its event is complete.
    std::size_t i = 0;
    each(
        fetched.c_str(), "event", sample.execs,
        [](const enrich::Sighting&) { return std::size_t{1100}; },
        [&](const enrich::Sighting& sighting) {
          i = i + 1 < sample.execs.size() ? i + 1 : 0;
          table.prefetch(sample.execs[i].pid);
          use(exec_event(table, sighting));
        });
  }
}

// Bodies and answers of the bulk formats, for 500 events; the frames are the events' JSON.
void measure_bulk(const Samples& samples) {
  encode::JsonEncoder json(encode::Options{}, "node");
  auto batch = std::make_shared<buffer::FrameBatch>();
  for (std::size_t i = 0; i < 500; ++i) {
    const event::Event& event = *samples.events[i % samples.events.size()];
    buffer::FrameHeader header;
    header.event_uid[1] = header.sequence = i + 1;
    header.time_ns = 1'795'737'599'123'000'000;
    const auto size = json.encode(event, Hash128{}, batch->reserve(json.bound(event)));
    header.size_bytes = static_cast<std::uint32_t>(size);
    batch->append_frame(header);
  }
  const std::vector<sink::Parcel> parcels = sink::make_parcels(batch, SIZE_MAX, SIZE_MAX);
  const std::pair<const char*, sink::BulkKind> kinds[] = {
      {"sink: body, elasticsearch", sink::BulkKind::elasticsearch},
      {"sink: body, splunk_hec", sink::BulkKind::splunk_hec},
      {"sink: body, loki", sink::BulkKind::loki},
      {"sink: body, ndjson", sink::BulkKind::ndjson},
      {"sink: body, otlp", sink::BulkKind::otlp}};
  std::string body;
  for (const auto& [name, kind] : kinds) {
    sink::HttpOptions options;
    options.kind = kind;
    const auto format = sink::make_bulk_format(options);
    const double ns = cpu_ns_of([&] {
      body.clear();
      (*format)->append_body(parcels.front().frames, body);
      use(body.size());
    });
    print(name, ns, 500, batch->bytes().size(), "event");
  }
  std::string packed;
  for (const auto& [name, how] : {std::pair{"sink: gzip", sink::Compression::gzip},
                                  std::pair{"sink: zstd", sink::Compression::zstd}}) {
    const double ns =
        cpu_ns_of([&] { use(sink::compress(how, batch->bytes(), packed).has_value()); });
    print(name, ns, 500, batch->bytes().size(), "event");
  }
  sink::HttpResponse answer;
  answer.status = 200;
  answer.body = R"({"errors":true,"items":[)";
  for (int i = 0; i < 500; ++i) {
    if (i != 0) answer.body += ',';
    answer.body += i % 50 == 0 ? R"({"create":{"status":409}})" : R"({"create":{"status":201}})";
  }
  answer.body += "]}";
  const auto format = sink::make_bulk_format(sink::HttpOptions{});
  const double ns = cpu_ns_of([&] { use((*format)->read(answer, 500).frames.size()); });
  print("sink: answer, elasticsearch", ns, 500, answer.body.size(), "event");
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" +
      answer.body;
  sink::HttpResponseParser parser(1u << 20);
  const double parse_ns = cpu_ns_of([&] {
    use(parser.feed(bytes).has_value());
    use(parser.take().status);
  });
  print("sink: HttpResponseParser", parse_ns, 1, bytes.size(), "response");
}

}  // namespace
}  // namespace sorrel::bench

int main(int argc, char** argv) {
  using namespace sorrel;
  const std::string tests = SORREL_TEST_DIR;
  const auto samples =
      bench::read_samples(tests + "/golden/recordings", argc > 1 ? argv[1] : "everyday-raw",
                          tests + "/../config/sorrel.yaml");
  bench::measure_record(*samples);
  bench::measure_encode(*samples);
  bench::measure_enrich(*samples);
  bench::measure_secrets(*samples);
  bench::measure_source<input::TextSource>("input: TextSource", samples->text,
                                           samples->lines.size());
  bench::measure_source<input::AudrecSource>("input: AudrecSource", samples->audrec,
                                             samples->lines.size());
  bench::measure_host();
  bench::measure_process_table();
  bench::measure_config(*samples);
  bench::measure_bulk(*samples);
  return 0;
}
