#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "catch.h"
#include "config/secret_rules.h"
#include "encode/json.h"
#include "encode/raw.h"
#include "enrich/record_editor.h"
#include "enrich/secrets.h"
#include "event/assembler.h"
#include "event/event_uid.h"

namespace sorrel::test {

inline std::unique_ptr<enrich::Secrets> make_secrets(std::vector<enrich::SecretRule> rules) {
  auto secrets = enrich::Secrets::make(std::move(rules));
  if (!secrets) FAIL(secrets.error().message);
  return *std::move(secrets);
}

inline std::vector<enrich::SecretRule> shipped_rules() {
  auto rules = config::load_secret_rules({SORREL_TEST_DIR "/../rules/secrets.yaml"});
  if (!rules) FAIL(rules.error().message);
  return *std::move(rules);
}

// The shipped rules, compiled once.
inline enrich::Secrets& shipped_secrets() {
  static const std::unique_ptr<enrich::Secrets> secrets = make_secrets(shipped_rules());
  return *secrets;
}

// Takes the secrets out of events and encodes them as an agent would.
class Redacted final : public event::EventHandler {
 public:
  explicit Redacted(enrich::Secrets& secrets)
      : secrets_(secrets), json_({.argv_string = true}, ""), uids_("host", "boot", "") {}

  void on_event(event::Event& event) override {
    for (const enrich::Redaction& redaction : secrets_.apply(event)) {
      const event::Record& r = event.records()[redaction.record];
      marks.push_back(std::string(record::type_name(r.type)) + ' ' +
                      secrets_.rules()[redaction.rule].name);
    }
    for (std::uint32_t i = 0; i < event.records().size(); ++i)
      secrets_.annotate(i, event.annotate(i));
    event.end_annotations();
    std::string out(std::max(json_.bound(event), raw_.bound(event)), '\0');
    json += std::string_view(out.data(), json_.encode(event, uids_.of(event), out.data()));
    raw += std::string_view(out.data(), raw_.encode(event, out.data()));
  }
  void on_unparsed(const record::Datagram&) override { FAIL("not a record"); }

  std::vector<std::string> marks;  // "TYPE RULE", in order
  std::string json;
  std::string raw;

 private:
  enrich::Secrets& secrets_;
  encode::JsonEncoder json_;
  encode::RawEncoder raw_{true};
  event::EventUid uids_;
};

// The events of a text: lines "TYPE BODY" become records of one event.
inline Redacted redact(const std::vector<std::string>& records,
                       enrich::Secrets& secrets = shipped_secrets()) {
  Redacted out(secrets);
  event::Assembler assembler({}, event::TimeBase::stored, out);
  std::vector<std::string> lines;
  for (const std::string& text : records) {
    const std::size_t blank = text.find(' ');
    lines.push_back("type=" + text.substr(0, blank) + " msg=audit(1.000:2):" + text.substr(blank));
  }
  for (const std::string& line : lines) assembler.add(record::parse_line(line));
  assembler.flush();
  return out;
}

// The bodies of the raw output, one a line.
inline std::string bodies(const Redacted& redacted) {
  std::string out;
  std::string_view rest = redacted.raw;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n') + 1);
    rest.remove_prefix(line.size());
    out += line.substr(line.find("): ") + 3);
  }
  return out;
}

inline std::string value(std::string_view bytes) {
  std::string out;
  enrich::append_value(bytes, enrich::ValueForm::kernel, out);
  return out;
}

// An EXECVE record as the kernel writes it.
inline std::string execve_record(const std::vector<std::string>& arguments) {
  std::string text = "EXECVE argc=" + std::to_string(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i)
    text += " a" + std::to_string(i) + '=' + value(arguments[i]);
  return text;
}

// A PROCTITLE record as the kernel writes it.
inline std::string title_record(const std::vector<std::string>& arguments) {
  std::string title;
  for (const std::string& argument : arguments) (title += argument) += '\0';
  title.resize(std::min<std::size_t>(title.size(), 128));
  while (!title.empty() && (title.back() < 0x20 || title.back() > 0x7e)) title.pop_back();
  return "PROCTITLE proctitle=" + value(title);
}

}  // namespace sorrel::test
