#include "enrich/secrets.h"

#include <algorithm>
#include <utility>

#include "enrich/secret_examples.h"

namespace sorrel::enrich {
namespace {

using event::Event;
using event::Record;
using record::Field;
namespace key = record::key;
namespace type = record::type;

constexpr record::RecordType kUserCmd = 1123;
constexpr record::RecordType kUserTty = 1124;

// PROCTITLE has the first 128 bytes, less what is not printable at their end.
// Source: linux/kernel/auditsc.c, MAX_PROCTITLE_AUDIT_LEN, audit_proctitle_rtrim().
constexpr std::size_t kCutTitle = 120;
// A secret that is known from the arguments is looked for elsewhere from this size on: one of two
// letters would be found in any text.
constexpr std::size_t kShortestKnown = 4;

const Field* find_field(std::span<const Field> fields, record::KeyId id) {
  for (const Field& field : fields)
    if (field.key_id == id && !field.enriched) return &field;
  return nullptr;
}

}  // namespace

Secrets::Secrets(std::vector<SecretRule> rules, SecretPatterns patterns)
    : rules_(std::move(rules)),
      counts_(std::make_unique<Counter[]>(rules_.size())),
      patterns_(std::move(patterns)),
      finder_(patterns_) {}

Result<std::unique_ptr<Secrets>> Secrets::make(std::vector<SecretRule> rules) {
  for (auto rule = rules.begin(); rule != rules.end(); ++rule) {
    const auto same = std::find_if(
        rules.begin(), rule, [&](const SecretRule& other) { return other.name == rule->name; });
    if (same != rule)
      return fail(std::errc::invalid_argument, rule->place + ": secret rule '" + rule->name +
                                                   "': this name is taken by the rule at " +
                                                   same->place);
  }
  Result<SecretPatterns> patterns = SecretPatterns::compile(rules);
  if (!patterns) return Unexpected(std::move(patterns).error());
  if (Status checked = check_examples(*patterns, rules); !checked)
    return Unexpected(std::move(checked).error());
  return std::unique_ptr<Secrets>(new Secrets(std::move(rules), *std::move(patterns)));
}

std::span<const Redaction> Secrets::apply(Event& event) {
  redactions_.clear();
  execve_.clear();
  execve_spans_.clear();
  const std::vector<Record>& records = event.records();
  std::string_view exe;
  if (event.has_type(type::kExecve) || event.has_type(type::kProctitle)) exe = exe_of(event);
  if (event.has_type(type::kExecve)) {
    std::uint32_t first = 0;
    while (records[first].type != type::kExecve) ++first;
    redact_execve(event, first, exe);
  }
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    switch (records[i].type) {
      case type::kProctitle:
        redact_title(event, i, exe);
        break;
      case type::kTty:
      case kUserTty:
        redact_text(event, i, key::kData);
        break;
      case kUserCmd:
        redact_text(event, i, key::kCmd);
        break;
      default:
        break;
    }
  }
  std::sort(redactions_.begin(), redactions_.end());
  redactions_.erase(std::unique(redactions_.begin(), redactions_.end()), redactions_.end());
  return redactions_;
}

void Secrets::annotate(std::uint32_t index, event::AnnotationList& out) const {
  bool any = false;
  for (const Redaction& redaction : redactions_) {
    if (redaction.record != index) continue;
    if (!any) out.open_array("REDACTED");
    any = true;
    out.plain({}, rules_[redaction.rule].name);
  }
  if (any) out.close();
}

// The program that runs, from SYSCALL's exe. Valid until the next call.
std::string_view Secrets::exe_of(const Event& event) {
  for (const Record& r : event.records()) {
    if (r.type != type::kSyscall) continue;
    const Field* const field = find_field(event.fields(r), key::kExe);
    if (field == nullptr) return {};
    if (!is_hex(*field)) return field->value();
    exe_ = decoded(*field);
    return exe_;
  }
  return {};
}

std::string_view Secrets::decoded(const Field& field) {
  const std::size_t room = field.value_size + std::size_t{64};
  if (bytes_.size() < room) bytes_.resize(room);
  return {bytes_.data(),
          static_cast<std::size_t>(decode_value(field, bytes_.data()) - bytes_.data())};
}

void Secrets::note(std::uint32_t record, const SecretSpans& spans) {
  for (const SecretSpan& span : spans.spans()) {
    for (const std::uint32_t rule : spans.rules(span)) {
      counts_[rule].add();
      redactions_.push_back({record, rule});
    }
  }
}

void Secrets::redact_execve(Event& event, std::uint32_t first, std::string_view exe) {
  execve_.read(event, first);
  finder_.begin(exe);
  if (!finder_.knows_exe() && !patterns_.may_match(execve_.text())) return;
  finder_.search_arguments(execve_.text(), execve_.arguments(), false);
  execve_spans_.join(execve_.text(), finder_.take_findings());
  if (execve_spans_.empty()) return;
  execve_.write(event, execve_spans_, parser_);
  note(first, execve_spans_);
}

// Sets findings_ to the secrets of the arguments that are in a title which is not their beginning:
// the program has changed it. Its end may be the beginning of one.
void Secrets::find_known(std::string_view title) {
  const std::string_view text = execve_.text();
  for (const SecretSpan& span : execve_spans_.spans()) {
    const std::string_view secret = text.substr(span.begin, span.end - span.begin);
    const std::uint32_t rule = execve_spans_.rules(span).front();
    if (secret.size() >= kShortestKnown)
      for (std::size_t at = title.find(secret); at != title.npos; at = title.find(secret, at + 1))
        findings_.push_back({at, at + secret.size(), rule});
    if (title.size() < kCutTitle) continue;
    for (std::size_t size = std::min(secret.size(), title.size()); size != 0; --size) {
      if (!title.ends_with(secret.substr(0, size))) continue;
      findings_.push_back({title.size() - size, title.size(), rule});
      break;
    }
  }
}

void Secrets::find_in_title(std::string_view title, std::string_view exe) {
  findings_.clear();
  // What follows the beginning of the arguments is their beginning. The spans tell all, then.
  if (!execve_.arguments().empty() && execve_.text().starts_with(title)) {
    for (const SecretSpan& span : execve_spans_.spans()) {
      if (span.begin >= title.size()) break;
      for (const std::uint32_t rule : execve_spans_.rules(span))
        findings_.push_back({span.begin, std::min(span.end, title.size()), rule});
    }
    return;
  }
  find_known(title);
  finder_.begin(exe);
  if (!finder_.knows_exe() && !patterns_.may_match(title)) return;
  words_.clear();
  for (std::size_t begin = 0; begin <= title.size();) {
    const std::size_t end = std::min(title.find('\0', begin), title.size());
    words_.push_back({begin, end});
    begin = end + 1;
  }
  finder_.search_arguments(title, words_, title.size() >= kCutTitle);
  // A title that a program has given itself has blanks where there were NULs.
  if (words_.size() == 1) finder_.search_text(title, ShellWords::Style::blanks);
  const std::span<const Finding> found = finder_.take_findings();
  findings_.insert(findings_.end(), found.begin(), found.end());
  std::sort(findings_.begin(), findings_.end());
}

void Secrets::redact_title(Event& event, std::uint32_t index, std::string_view exe) {
  finder_.begin(exe);
  const bool is_alone = execve_.arguments().empty() && !finder_.knows_exe();
  redact_fields(event, index, key::kProctitle, [&](const Field& field) {
    spans_.clear();
    if (is_alone && clean_titles_.has(field.value())) return ValueForm::kernel;
    const std::string_view title = decoded(field);
    find_in_title(title, exe);
    spans_.join(title, findings_);
    if (is_alone && spans_.empty()) clean_titles_.add(field.value());
    return ValueForm::kernel;
  });
}

void Secrets::redact_text(Event& event, std::uint32_t index, record::KeyId key) {
  redact_fields(event, index, key, [&](const Field& field) {
    const std::string_view text = decoded(field);
    finder_.begin({});
    if (patterns_.may_match(text)) {
      finder_.search_text(text, ShellWords::Style::shell);
      // sudo joins the arguments with blanks: a word may have bytes at which a shell would part it.
      if (key == key::kCmd) finder_.search_text(text, ShellWords::Style::blanks);
    }
    spans_.join(text, finder_.take_findings());
    return is_hex(field) ? ValueForm::hex : ValueForm::kernel;
  });
}

// Rewrites each field of that key of which `find` has set spans_, in its decoded bytes; it returns
// the form to write.
template <class Find>
void Secrets::redact_fields(Event& event, std::uint32_t index, record::KeyId key, Find find) {
  bool any = false;
  for (const Field& field : event.fields(event.records()[index])) {
    if (field.key_id != key || field.enriched) continue;
    const ValueForm form = find(field);
    if (spans_.empty()) continue;
    const std::string_view text = decoded(field);
    redacted_.clear();
    spans_.append_redacted(text, 0, text.size(), redacted_);
    value_.clear();
    append_value(redacted_, form, value_);
    if (!any) editor_.begin(event, index);
    any = true;
    editor_.replace(field, value_);
    note(index, spans_);
  }
  if (any) editor_.finish(event, parser_);
}

}  // namespace sorrel::enrich
