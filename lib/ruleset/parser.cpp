#include "ruleset/parser.h"

#include <algorithm>
#include <utility>

#include "ruleset/field_value.h"
#include "ruleset/numbers.h"
#include "ruleset/options.h"
#include "ruleset/parser_rule.h"

namespace sorrel::ruleset {
namespace {

bool is_rule_option(OptionId id) noexcept {
  return id <= OptionId::key;
}

std::optional<Command> setting_of(OptionId id) noexcept {
  switch (id) {
    case OptionId::enabled:
      return Command::enabled;
    case OptionId::failure:
      return Command::failure;
    case OptionId::rate_limit:
      return Command::rate_limit;
    case OptionId::backlog_limit:
      return Command::backlog_limit;
    case OptionId::backlog_wait_time:
      return Command::backlog_wait_time;
    case OptionId::loginuid_immutable:
      return Command::loginuid_immutable;
    case OptionId::reset_lost:
      return Command::reset_lost;
    case OptionId::reset_wait_time_actual:
      return Command::reset_wait_time_actual;
    case OptionId::equivalent:
      return Command::equivalent;
    case OptionId::trim:
      return Command::trim;
    case OptionId::ignore_errors:
      return Command::ignore_errors;
    case OptionId::go_on:
      return Command::go_on;
    default:
      return std::nullopt;
  }
}

// The largest number of a setting; nothing for one that has no number.
std::optional<std::uint32_t> largest_number(Command command) noexcept {
  switch (command) {
    case Command::enabled:
    case Command::failure:
      return 2;
    case Command::rate_limit:
    case Command::backlog_limit:
    case Command::backlog_wait_time:
      return 0xffffffff;
    default:
      return std::nullopt;
  }
}

bool read_number_of(const Option& option, Statement& statement, Findings& findings) {
  const std::optional<std::uint32_t> largest = largest_number(statement.command);
  if (!largest) return true;
  const std::optional<std::uint32_t> number = read_u32(option.value.text);
  if (number && *number <= *largest) {
    statement.number = *number;
    return true;
  }
  findings.error(
      option.value.place,
      {"number-invalid", "'" + option.value.text + "' is no value of " + option.name.text,
       *largest == 2 ? "give 0, 1 or 2" : "give a number that fits into 32 bits"});
  return false;
}

bool read_equivalent(const Option& option, Statement& statement, Findings& findings) {
  const std::size_t comma = option.value.text.find(',');
  if (comma == std::string::npos || option.value.text.find(',', comma + 1) != std::string::npos) {
    findings.error(option.value.place,
                   {"equivalent-invalid", "-q takes two paths with a comma between them",
                    "write -q MOUNT,SUBTREE"});
    return false;
  }
  Word mount = option.value;
  mount.text.resize(comma);
  statement.words = {std::move(mount), option.value.from(comma + 1)};
  bool is_valid = true;
  for (const Word& path : statement.words) {
    if (auto problem = path_problem(path.text)) {
      findings.error(path.place, *std::move(problem));
      is_valid = false;
    }
  }
  return is_valid;
}

class FileParser {
 public:
  FileParser(std::uint32_t file, std::string_view text, Script& script, Findings& findings)
      : lexer_(file, text, findings), script_(script), findings_(findings) {}

  void parse() {
    Line line;
    while (lexer_.next(line)) {
      if (line.is_directive) {
        directives_.read(line, findings_);
      } else {
        parse_line(line);
      }
    }
    directives_.finish(findings_);
  }

 private:
  void parse_line(const Line& line) {
    const std::size_t errors_before = findings_.errors();
    const std::vector<Option> options = read_options(line, findings_);
    Statement statement;
    statement.place = line.place;
    statement.conditions = directives_.conditions();
    statement.each = directives_.take_each();
    const auto deletes = std::ranges::find(options, OptionId::delete_all, &Option::id);
    const bool has_rule = std::ranges::any_of(options, [](const Option& option) {
      return is_rule_option(option.id) && option.id != OptionId::key;
    });
    const bool has_key = std::ranges::find(options, OptionId::key, &Option::id) != options.end();
    const bool has_setting = std::ranges::any_of(
        options, [](const Option& option) { return setting_of(option.id).has_value(); });
    if (int{deletes != options.end()} + int{has_rule} + int{has_setting} > 1) {
      findings_.error(line.place, {"line-mixed", "the line sets several things at once",
                                   "give each its own line"});
    } else if (deletes != options.end()) {
      parse_delete_all(options, std::move(statement), errors_before);
    } else if (has_setting && !has_key) {
      parse_settings(options, statement, errors_before);
    } else if (has_rule || has_key) {
      if (parse_rule(options, line.place, statement, findings_) &&
          findings_.errors() == errors_before) {
        keep(std::move(statement));
      }
    }
  }

  void parse_delete_all(const std::vector<Option>& options, Statement statement,
                        std::size_t errors_before) {
    statement.command = Command::delete_all;
    for (const Option& option : options) {
      if (option.id == OptionId::key) statement.words.push_back(option.value);
    }
    if (findings_.errors() == errors_before) keep(std::move(statement));
  }

  void parse_settings(const std::vector<Option>& options, const Statement& blank,
                      std::size_t errors_before) {
    std::vector<Statement> settings;
    for (const Option& option : options) {
      const std::optional<Command> command = setting_of(option.id);
      if (!command) continue;
      Statement statement = blank;
      statement.command = *command;
      read_number_of(option, statement, findings_);
      if (*command == Command::equivalent) read_equivalent(option, statement, findings_);
      settings.push_back(std::move(statement));
    }
    if (findings_.errors() != errors_before) return;
    for (Statement& statement : settings) keep(std::move(statement));
  }

  void keep(Statement statement) { script_.statements.push_back(std::move(statement)); }

  Lexer lexer_;
  Script& script_;
  Findings& findings_;
  Directives directives_;
};

}  // namespace

void parse_rules(std::string name, std::string_view text, Script& script, Findings& findings) {
  const auto file = static_cast<std::uint32_t>(script.files.size());
  script.files.push_back(std::move(name));
  FileParser(file, text, script, findings).parse();
}

}  // namespace sorrel::ruleset
