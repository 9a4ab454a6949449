#include "enrich/secret_finder.h"

#include <algorithm>
#include <utility>

namespace sorrel::enrich {

using Use = SecretPatterns::Use;

void SecretFinder::begin(std::string_view exe) {
  findings_.clear();
  exe_.reset();
  knows_exe_ = !exe.empty() && patterns_.add_program(exe, exe_);
}

void SecretFinder::search_word(std::string_view text, TextRange word, Command& command,
                               Place place) {
  const bool is_cut = place == Place::cut;
  expected_.clear();
  std::swap(expected_, command.expected);
  for (const std::uint32_t rule : expected_) {
    patterns_.find({rule, Use::within}, text, word.begin, word.end, findings_);
    if (is_cut) patterns_.find({rule, Use::cut}, text, word.begin, word.end, findings_);
  }
  candidates_.clear();
  patterns_.candidates(text.substr(word.begin, word.end - word.begin), candidates_);
  for (const SecretPatterns::Candidate& candidate : candidates_) {
    if (candidate.use == Use::cut && !is_cut) continue;
    if (place == Place::several && patterns_.is_anchored(candidate.rule)) continue;
    if (!patterns_.applies(candidate.rule, command.programs)) continue;
    if (candidate.use == Use::after)
      command.expected.push_back(candidate.rule);
    else
      patterns_.find(candidate, text, word.begin, word.end, findings_);
  }
  patterns_.add_program(text.substr(word.begin, word.end - word.begin), command.programs);
}

namespace {

// "-c", "-lc": a shell's option, which a command line follows.
bool is_command_option(std::string_view word) {
  return word.size() >= 2 && word[0] == '-' && word[1] != '-' && word.back() == 'c';
}

}  // namespace

void SecretFinder::search_arguments(std::string_view text, std::span<const TextRange> arguments,
                                    bool end_is_cut) {
  Command command{exe_, {}};
  bool is_command_next = false;
  for (const TextRange& argument : arguments) {
    const std::string_view bytes = text.substr(argument.begin, argument.end - argument.begin);
    const bool has_several = ShellWords::has_several(bytes);
    const bool is_cut = end_is_cut && &argument == &arguments.back();
    // Otherwise "TOKEN=x; rm ..." would hide all that follows.
    const bool is_command = is_command_next && has_several;
    search_word(text, argument, command,
                is_command ? Place::several
                : is_cut   ? Place::cut
                           : Place::word);
    if (has_several) search_inside(text, argument, ShellWords::Style::shell, 1);
    is_command_next = is_command_option(bytes);
  }
}

void SecretFinder::search_text(std::string_view text, ShellWords::Style style) {
  Command command{exe_, {}};
  search_word(text, {0, text.size()}, command, Place::several);
  search_inside(text, {0, text.size()}, style, 1);
}

void SecretFinder::search_inside(std::string_view text, TextRange range, ShellWords::Style style,
                                 unsigned depth) {
  ShellWords words(text.substr(range.begin, range.end - range.begin), style);
  Command command{exe_, {}};
  ShellWords::Word word{};
  while (words.next(word)) {
    if (word.starts_command) {
      command.programs = exe_;
      command.expected.clear();
    }
    const TextRange place{range.begin + word.begin, range.begin + word.end};
    search_word(text, place, command, Place::word);
    const std::string_view inner = text.substr(place.begin, place.end - place.begin);
    if (depth < kMaxDepth && word.was_quoted && ShellWords::has_several(inner))
      search_inside(text, place, ShellWords::Style::shell, depth + 1);
  }
}

std::span<const Finding> SecretFinder::take_findings() {
  std::sort(findings_.begin(), findings_.end());
  findings_.erase(std::unique(findings_.begin(), findings_.end()), findings_.end());
  return findings_;
}

}  // namespace sorrel::enrich
