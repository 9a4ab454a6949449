#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ruleset/compiler.h"
#include "ruleset/finding.h"
#include "ruleset/parser.h"
#include "ruleset/target.h"

namespace sorrel::ruleset {

// A file system of a few paths.
class FakePaths : public PathProbe {
 public:
  explicit FakePaths(std::map<std::string, PathKind> kinds) : kinds_(std::move(kinds)) {}
  PathKind kind(const std::string& path) const override {
    const auto found = kinds_.find(path);
    return found == kinds_.end() ? PathKind::missing : found->second;
  }

 private:
  std::map<std::string, PathKind> kinds_;
};

// What became of a text, with all that was told.
struct CompiledText {
  Script script;
  Findings findings;
  std::vector<Compiled> compiled;

  // The findings as lines, sorted.
  std::string told();
};

CompiledText compile_text(std::string_view text, const Target& target = {});

}  // namespace sorrel::ruleset
