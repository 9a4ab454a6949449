#include "samples.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "base/hex.h"
#include "input/archive_stream.h"
#include "input/file_stream.h"
#include "record/parser.h"
#include "record/stamp.h"

namespace sorrel::bench {
namespace {

template <class T>
T or_exit(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "bench: %s\n", result.error().to_string().c_str());
  std::exit(1);
}

std::string read_all(const std::string& path) {
  std::unique_ptr<input::ByteStream> file = or_exit(input::FileStream::open(path));
  const auto stream = or_exit(input::decompress(std::move(file)));
  std::string bytes;
  char chunk[65'536];
  while (const std::size_t count = or_exit(stream->read(chunk))) bytes.append(chunk, count);
  return bytes;
}

void split_lines(Samples& samples) {
  std::string_view rest = samples.text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const record::Datagram datagram = record::parse_line(line);
    if (datagram.payload.empty()) continue;
    samples.lines.push_back(line);
    samples.datagrams.push_back(datagram);
  }
}

// A copy with the parser's sentinels behind it.
std::string_view keep(Samples& samples, std::string_view text) {
  auto& bytes = samples.memory.emplace_back(new char[text.size() + record::kPadding]());
  std::memcpy(bytes.get(), text.data(), text.size());
  std::memcpy(bytes.get() + text.size(), record::kSentinel, sizeof record::kSentinel);
  return {bytes.get(), text.size()};
}

void take_values(Samples& samples, const record::FieldList& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const record::Field& field = fields.data()[i];
    const std::string_view value = field.value();
    if (field.form == record::Form::quoted) samples.values.push_back(value);
    if (field.form != record::Form::bare || !record::is_hex_encoded(value)) continue;
    if (field.key() == "saddr") samples.addresses.push_back(*decode_hex(value));
    if (field.key() != "proctitle" && field.key() != "saddr") continue;
    samples.hex.push_back(value);
    samples.values.push_back(keep(samples, *decode_hex(value)));
  }
}

void take_apart(Samples& samples) {
  record::Parser parser;
  record::FieldList fields;
  std::map<EventId, event::Event*> events;
  for (const record::Datagram& datagram : samples.datagrams) {
    EventId id;
    std::string_view body;
    if (!record::parse_stamp(datagram.payload, id, body)) continue;
    samples.bodies.push_back({datagram.type, keep(samples, body)});
    fields.clear();
    parser.parse(datagram.type, samples.bodies.back().text, record::Origin::text, fields);
    take_values(samples, fields);
    event::Event*& event = events[id];
    if (event == nullptr) {
      event = samples.events.emplace_back(std::make_unique<event::Event>()).get();
      event->id = id;
    }
    event->add(datagram, static_cast<std::size_t>(body.data() - datagram.payload.data()), parser);
  }
}

}  // namespace

std::unique_ptr<Samples> read_samples(const std::string& folder, const std::string& name,
                                      const std::string& configuration) {
  auto samples = std::make_unique<Samples>();
  const std::string stem = folder + "/" + name;
  samples->text = read_all(stem + ".log.xz");
  samples->audrec = read_all(stem + ".audrec.xz");
  samples->configuration = read_all(configuration);
  split_lines(*samples);
  take_apart(*samples);
  return samples;
}

}  // namespace sorrel::bench
