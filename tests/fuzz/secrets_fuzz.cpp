// Two kinds of input, by its first byte. "r": a file of rules, which is refused or compiled. Else:
// lines of audit text, whose secrets are taken out; what is left must be a record that reads as it
// is, must fit into the encoders' bounds, and must hold none of the canaries that a rule knows.

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "config/secret_rules.h"
#include "encode/json.h"
#include "encode/raw.h"
#include "enrich/secrets.h"
#include "event/assembler.h"

namespace {

using namespace sorrel;

// One rule of each form. What canary() says is never left over, wherever it stands.
constexpr std::string_view kRules = R"(
- {name: canary, why: x, pattern: '(CANARY\d+)', match: 'a{{CANARY1}}'}
- {name: value, why: x, pattern: '(?i)^[\w-]*pass=(.+)$', cut: 'tok_(\w*)$', match: 'pass={{a}}'}
- {name: next, why: x, after: '--?p', programs: [tool], except: '-.*', match: 'tool -p {{a}}'}
- {name: user, why: x, after: '-u', pattern: '^[^:]*:(.+)$', unless_programs: [ssh], match: '-u a:{{b}}'}
- {name: key, why: x, pattern: 'BEGIN(.*?)(?:END|$)', match: 'BEGIN{{a}}END'}
)";

std::unique_ptr<enrich::Secrets> make(std::string_view rules) {
  auto parsed = config::parse_secret_rules("rules", rules);
  if (!parsed) return nullptr;
  auto made = enrich::Secrets::make(*std::move(parsed));
  return made ? *std::move(made) : nullptr;
}

class Checking final : public event::EventHandler {
 public:
  explicit Checking(enrich::Secrets& secrets) : secrets_(secrets) {}

  void on_event(event::Event& event) override {
    for (const enrich::Redaction& redaction : secrets_.apply(event)) {
      SORREL_CHECK(redaction.record < event.records().size(), "a record that is none");
      SORREL_CHECK(redaction.rule < secrets_.rules().size(), "a rule that is none");
    }
    for (const event::Record& r : event.records()) check_record(event, r);
    std::string out(std::max(json_.bound(event), raw_.bound(event)), '\0');
    SORREL_CHECK(json_.encode(event, {}, out.data()) <= out.size(), "more than the bound");
    SORREL_CHECK(raw_.encode(event, out.data()) <= out.size(), "more than the bound");
  }
  void on_unparsed(const record::Datagram&) override {}

 private:
  void check_record(const event::Event& event, const event::Record& r) {
    event::Event again;
    again.add(record::parse_line(r.line), std::string_view("audit(1.000:1): ").size(), parser_);
    SORREL_CHECK(again.records()[0].body == r.body, "a line that reads otherwise");
    const auto fields = event.fields(r);
    const auto expected = again.fields(again.records()[0]);
    SORREL_CHECK(fields.size() == expected.size(), "fields that are not the line's");
    for (std::size_t i = 0; i < fields.size(); ++i)
      SORREL_CHECK(fields[i].value() == expected[i].value(), "a field that is not the line's");
    if (r.type != record::type::kProctitle && r.type != record::type::kTty) return;
    // The only part of the line that is searched.
    for (const record::Field& field : fields) {
      // proctitle= of a PROCTITLE, data= of a TTY: the one in the other is what nobody writes.
      const bool is_title = r.type == record::type::kProctitle;
      if (field.key_id != (is_title ? record::key::kProctitle : record::key::kData)) continue;
      if (field.enriched) continue;
      std::string bytes(field.value_size + 64, '\0');
      const char* const end = enrich::decode_value(field, bytes.data());
      const std::string_view text(bytes.data(), static_cast<std::size_t>(end - bytes.data()));
      SORREL_CHECK(text.find("CANARY7") == text.npos, "a secret is still there");
    }
  }

  enrich::Secrets& secrets_;
  encode::JsonEncoder json_{{.argv_string = true, .argv_limit = 64}, ""};
  encode::RawEncoder raw_{true};
  record::Parser parser_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with('r')) {
    make(text.substr(1));
    return 0;
  }
  static const std::unique_ptr<enrich::Secrets> secrets = make(kRules);
  SORREL_CHECK(secrets != nullptr, "the rules of this test");
  Checking checking(*secrets);
  event::Assembler assembler({}, event::TimeBase::stored, checking);
  while (!text.empty()) {
    const std::string_view body = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), body.size() + 1));
    // "TYPE BODY"; of one event, so that title and arguments meet.
    const std::size_t blank = body.find(' ');
    if (blank == body.npos) continue;
    const std::string line = "type=" + std::string(body.substr(0, blank)) +
                             " msg=audit(1.000:1): " + std::string(body.substr(blank + 1));
    assembler.add(record::parse_line(line));
  }
  assembler.flush();
  return 0;
}
