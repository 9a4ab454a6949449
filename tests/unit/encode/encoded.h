#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "encode/json.h"
#include "encode/raw.h"
#include "event/assembler.h"
#include "event/event_uid.h"

namespace sorrel::test {

// Encodes each event into a block of exactly bound() bytes, so that the address sanitizer sees one
// byte more.
class Encoded final : public event::EventHandler {
 public:
  explicit Encoded(const encode::Options& options = {}, const std::string& node = "")
      : json_(options, node), raw_(options.eoe), uids_("host", "boot", "") {}

  void on_event(event::Event& event) override {
    json.push_back(encode_json(event));
    raw.push_back(encode_raw(event));
  }
  void on_unparsed(const record::Datagram& datagram) override {
    raw.push_back(std::string(datagram.line) + '\n');
  }

  std::vector<std::string> json;  // one line an event, "" for one that says nothing
  std::vector<std::string> raw;

 private:
  std::string encode_json(const event::Event& event) {
    const std::size_t bound = json_.bound(event);
    const auto out = std::make_unique<char[]>(bound);
    const std::size_t size = json_.encode(event, uids_.of(event), out.get());
    return {out.get(), size};
  }
  std::string encode_raw(const event::Event& event) const {
    const std::size_t bound = raw_.bound(event);
    const auto out = std::make_unique<char[]>(bound);
    const std::size_t size = raw_.encode(event, out.get());
    return {out.get(), size};
  }

  encode::JsonEncoder json_;
  encode::RawEncoder raw_;
  event::EventUid uids_;
};

// The events of a text, as a log file without or with EOE records.
inline Encoded encode_text(std::string_view text, const encode::Options& options = {},
                           const std::string& node = "") {
  Encoded encoded(options, node);
  event::Assembler assembler({}, event::TimeBase::stored, encoded);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string line(text.substr(0, end));  // a copy: what is read beyond it is no record's
    if (!line.empty()) assembler.add(record::parse_line(line));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  assembler.flush();
  return encoded;
}

// What stands behind the envelope of a single record: `"TYPE":...`.
inline std::string encode_record(std::string_view type_and_body,
                                 const encode::Options& options = {}) {
  const std::size_t blank = type_and_body.find(' ');
  std::string line = "type=" + std::string(type_and_body.substr(0, blank)) + " msg=audit(1.000:2):";
  line += blank == type_and_body.npos ? std::string_view(" ") : type_and_body.substr(blank);
  const Encoded encoded = encode_text(line, options);
  if (encoded.json.size() != 1) return "not one event";
  constexpr std::string_view kLast = "\"SCHEMA\":1,";
  const std::string& json = encoded.json[0];
  const std::size_t begin = json.find(kLast);
  if (begin == json.npos || !json.ends_with("}\n")) return json;
  return json.substr(begin + kLast.size(), json.size() - begin - kLast.size() - 2);
}

}  // namespace sorrel::test
