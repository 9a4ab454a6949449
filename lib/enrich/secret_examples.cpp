#include "enrich/secret_examples.h"

#include <string>
#include <utility>
#include <vector>

#include "enrich/secret_finder.h"
#include "enrich/secret_spans.h"

namespace sorrel::enrich {
namespace {

struct Example {
  std::string text;  // the arguments, each followed by a NUL
  std::vector<TextRange> arguments;
  std::vector<Finding> marked;
  bool is_cut = false;
};

Example read_example(std::string_view line, std::uint32_t rule) {
  Example example;
  char quote = '\0';
  bool in_argument = false;
  bool in_mark = false;
  const auto end_argument = [&] {
    if (!in_argument) return;
    example.arguments.back().end = example.text.size();
    example.text += '\0';
    in_argument = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == ' ' && quote == '\0') {
      end_argument();
      continue;
    }
    if (!in_argument) example.arguments.push_back({example.text.size(), 0});
    in_argument = true;
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else if (line.substr(i).starts_with(in_mark ? "}}" : "{{")) {
      if (!in_mark) example.marked.push_back({example.text.size(), 0, rule});
      example.marked.back().end = example.text.size();
      in_mark = !in_mark;
      ++i;
    } else {
      example.text += c;
    }
  }
  end_argument();
  example.is_cut = in_mark;
  if (in_mark) example.marked.back().end = example.text.size() - 1;
  return example;
}

std::string redacted(std::string_view text, std::span<const Finding> findings) {
  SecretSpans spans;
  spans.join(text, findings);
  std::string out;
  spans.append_redacted(text, 0, text.size(), out);
  return out;
}

std::string readable(std::string text) {
  if (!text.empty()) text.pop_back();
  for (char& c : text)
    if (c == '\0') c = ' ';
  return text;
}

Status check(SecretFinder& finder, const SecretPatterns& patterns, const SecretRule& rule,
             std::uint32_t index, std::string_view line) {
  const Example example = read_example(line, index);
  finder.begin({});
  if (patterns.may_match(example.text))
    finder.search_arguments(example.text, example.arguments, example.is_cut);
  std::vector<Finding> found;
  for (const Finding& finding : finder.take_findings())
    if (finding.rule == index) found.push_back(finding);
  const std::string got = redacted(example.text, found);
  const std::string wanted = redacted(example.text, example.marked);
  if (got == wanted) return Ok{};
  return fail(std::errc::invalid_argument, rule.place + ": secret rule '" + rule.name +
                                               "': its example should become '" + readable(wanted) +
                                               "' and becomes '" + readable(got) + "'");
}

}  // namespace

Status check_examples(SecretPatterns& patterns, std::span<const SecretRule> rules) {
  SecretFinder finder(patterns);
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    const SecretRule& rule = rules[i];
    for (const std::string& line : rule.matches) {
      if (line.find("{{") == line.npos)
        return fail(std::errc::invalid_argument,
                    rule.place + ": secret rule '" + rule.name +
                        "': an example of `match` marks no {{secret}}");
      if (Status checked = check(finder, patterns, rule, i, line); !checked) return checked;
    }
    for (const std::string& line : rule.non_matches)
      if (Status checked = check(finder, patterns, rule, i, line); !checked) return checked;
  }
  return Ok{};
}

}  // namespace sorrel::enrich
