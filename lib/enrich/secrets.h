#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/counter.h"
#include "base/result.h"
#include "enrich/clean_texts.h"
#include "enrich/execve_text.h"
#include "enrich/options.h"
#include "enrich/secret_finder.h"
#include "enrich/secret_patterns.h"
#include "enrich/secret_spans.h"
#include "event/event.h"
#include "record/parser.h"

namespace sorrel::enrich {

// A rule that found something in a record.
struct Redaction {
  std::uint32_t record;  // for EXECVE the first of the event
  std::uint32_t rule;

  friend auto operator<=>(const Redaction&, const Redaction&) = default;
};

// Takes secrets out of command lines (EXECVE, PROCTITLE, USER_CMD) and typed text (TTY, USER_TTY):
// the record itself is rewritten, with kRedacted in the place of each secret, so that no format
// shows it. PROCTITLE is the beginning of the command line: what goes from EXECVE goes from there,
// too, wherever it is cut.
class Secrets {
 public:
  // Errors: see SecretPatterns::compile(); a rule that does not do with its examples what it says;
  // two rules of one name. The message begins with the rule's place.
  static Result<std::unique_ptr<Secrets>> make(std::vector<SecretRule> rules);

  // Rewrites the event's records. Call once, before anything is annotated. What it returns is in
  // the order of the records, each pair once, valid until the next call; most often it is empty.
  std::span<const Redaction> apply(event::Event& event);

  // Adds REDACTED, the names of the rules that apply() found something with in record `index` of
  // the event that it had last.
  void annotate(std::uint32_t index, event::AnnotationList& out) const;

  std::span<const SecretRule> rules() const noexcept { return rules_; }
  // How many secrets the rule has found. One in EXECVE and again in PROCTITLE counts twice.
  const Counter& count(std::size_t rule) const noexcept { return counts_[rule]; }

 private:
  Secrets(std::vector<SecretRule> rules, SecretPatterns patterns);

  void redact_execve(event::Event& event, std::uint32_t first, std::string_view exe);
  void redact_title(event::Event& event, std::uint32_t index, std::string_view exe);
  void redact_text(event::Event& event, std::uint32_t index, record::KeyId key);
  void find_in_title(std::string_view title, std::string_view exe);
  void find_known(std::string_view title);
  template <class Find>
  void redact_fields(event::Event& event, std::uint32_t index, record::KeyId key, Find find);
  void note(std::uint32_t record, const SecretSpans& spans);
  std::string_view decoded(const record::Field& field);
  std::string_view exe_of(const event::Event& event);

  const std::vector<SecretRule> rules_;
  const std::unique_ptr<Counter[]> counts_;
  SecretPatterns patterns_;
  SecretFinder finder_;
  record::Parser parser_;
  RecordEditor editor_;
  ExecveText execve_;
  SecretSpans execve_spans_;  // in execve_.text()
  SecretSpans spans_;         // in the record at hand
  CleanTexts clean_titles_;   // of events without arguments
  std::vector<Finding> findings_;
  std::vector<TextRange> words_;
  std::string bytes_;  // of the value at hand
  std::string exe_;
  std::string redacted_;
  std::string value_;
  std::vector<Redaction> redactions_;
};

}  // namespace sorrel::enrich
