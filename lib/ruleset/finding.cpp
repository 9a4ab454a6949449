#include "ruleset/finding.h"

#include <algorithm>
#include <utility>

namespace sorrel::ruleset {

std::string_view severity_name(Severity severity) noexcept {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      break;
  }
  return "note";
}

std::string finding_text(const Finding& finding, std::span<const std::string> files) {
  std::string text = finding.place.file < files.size() ? files[finding.place.file] : "?";
  if (finding.place.line != 0) {
    text += ':' + std::to_string(finding.place.line) + ':' + std::to_string(finding.place.column);
  }
  text += ": ";
  text += severity_name(finding.severity);
  text += ": ";
  text += finding.why;
  if (!finding.remedy.empty()) text += "; " + finding.remedy;
  text += " [";
  text += finding.id;
  text += ']';
  return text;
}

void Findings::sort() {
  std::ranges::stable_sort(all_, {}, &Finding::place);
}

void Findings::add(Severity severity, Place place, Reason reason) {
  if (severity == Severity::error) ++errors_;
  if (severity == Severity::warning) ++warnings_;
  if (severity == Severity::note) ++notes_;
  if (all_.size() >= kMaxFindings) return;
  all_.push_back({severity, reason.id, place, std::move(reason.why), std::move(reason.remedy)});
}

}  // namespace sorrel::ruleset
