#include "ruleset/finding.h"

#include <algorithm>
#include <utility>

namespace sorrel::ruleset {

std::string finding_text(const Finding& finding, std::span<const std::string> files) {
  std::string text = finding.place.file < files.size() ? files[finding.place.file] : "?";
  if (finding.place.line != 0) {
    text += ':' + std::to_string(finding.place.line) + ':' + std::to_string(finding.place.column);
  }
  text += finding.severity == Severity::error ? ": error: " : ": warning: ";
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
  (severity == Severity::error ? errors_ : warnings_) += 1;
  if (all_.size() >= kMaxFindings) return;
  all_.push_back({severity, reason.id, place, std::move(reason.why), std::move(reason.remedy)});
}

}  // namespace sorrel::ruleset
