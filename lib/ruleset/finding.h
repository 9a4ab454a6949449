#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What is wrong with a rule, for the person who wrote it. Checking goes on after the first one: all
// that is wrong with a file is told at once.
namespace sorrel::ruleset {

// Where something is written. `file` is an index into the list of files that were read; line and
// column count from 1, the column in bytes.
struct Place {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

enum class Severity : std::uint8_t {
  note,     // all is well, and yet worth knowing
  warning,  // the rule is used, and does not do what was meant
  error     // the rule is not used
};

// Why something is refused or doubtful, before it is known where. `id` is stable, in words with
// dashes ("field-unknown"), and lives for ever.
struct Reason {
  std::string_view id;
  std::string why;
  std::string remedy;
};

struct Finding {
  Severity severity = Severity::error;
  std::string_view id;
  Place place;
  std::string why;
  std::string remedy;
};

// "error", "warning" or "note".
std::string_view severity_name(Severity severity) noexcept;

// "50-exec.rules:3:7: error: there is no field 'usr'; did you mean 'uid'? [field-unknown]"
std::string finding_text(const Finding& finding, std::span<const std::string> files);

// The findings of one run, at most kMaxFindings of them.
class Findings {
 public:
  static constexpr std::size_t kMaxFindings = 10'000;

  void error(Place place, Reason reason) { add(Severity::error, place, std::move(reason)); }
  void warning(Place place, Reason reason) { add(Severity::warning, place, std::move(reason)); }
  void note(Place place, Reason reason) { add(Severity::note, place, std::move(reason)); }

  // By file, line and column; what was found at one place stays in its order.
  void sort();

  const std::vector<Finding>& all() const noexcept { return all_; }
  std::size_t errors() const noexcept { return errors_; }
  std::size_t warnings() const noexcept { return warnings_; }
  std::size_t notes() const noexcept { return notes_; }
  // Beyond kMaxFindings; errors(), warnings() and notes() count them.
  std::size_t dropped() const noexcept { return errors_ + warnings_ + notes_ - all_.size(); }

 private:
  void add(Severity severity, Place place, Reason reason);

  std::vector<Finding> all_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
  std::size_t notes_ = 0;
};

}  // namespace sorrel::ruleset
