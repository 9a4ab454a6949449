#include "rules_report.h"

#include "control/json_text.h"
#include "ruleset/text.h"
#include "ruleset/wire.h"
#include "terminal_text.h"

namespace sorrel::sorrelctl {
namespace {

using control::append_json_string;

void append_member(std::string_view name, std::string_view text, std::string& out) {
  out += '"';
  out += name;
  out += "\":";
  append_json_string(out, text);
}

void append_member(std::string_view name, std::uint64_t number, std::string& out) {
  out += '"';
  out += name;
  out += "\":" + std::to_string(number);
}

std::string_view file_name(const std::vector<std::string>& files, std::uint32_t file) {
  return file < files.size() ? std::string_view(files[file]) : std::string_view("?");
}

void append_place(ruleset::Place place, const std::vector<std::string>& files, std::string& out) {
  append_member("file", file_name(files, place.file), out);
  out += ',';
  append_member("line", place.line, out);
  out += ',';
  append_member("column", place.column, out);
}

void append_finding(const ruleset::Finding& finding, const std::vector<std::string>& files,
                    std::string& out) {
  out += '{';
  append_place(finding.place, files, out);
  out += ',';
  append_member("severity", ruleset::severity_name(finding.severity), out);
  out += ',';
  append_member("id", finding.id, out);
  out += ',';
  append_member("why", finding.why, out);
  out += ',';
  append_member("remedy", finding.remedy, out);
  out += '}';
}

void append_field(const ruleset::Field& field, std::string& out) {
  const ruleset::FieldInfo* const info = ruleset::find_field(field.id);
  out += '{';
  append_member("id", field.id, out);
  out += ',';
  append_member("name", info != nullptr ? info->name : std::string_view{}, out);
  out += ',';
  append_member("op", ruleset::op_symbol(field.op), out);
  out += ',';
  append_member("value", field.value, out);
  if (ruleset::has_text(field.id)) {
    out += ',';
    append_member("text", field.text, out);
  }
  out += '}';
}

}  // namespace

void append_findings_text(const ruleset::Findings& findings, const std::vector<std::string>& files,
                          std::string& out) {
  for (const ruleset::Finding& finding : findings.all()) {
    append_visible(ruleset::finding_text(finding, files), standard_output().has_utf8, out);
    out += '\n';
  }
  if (findings.dropped() != 0) out += std::to_string(findings.dropped()) + " more\n";
}

void append_findings_json(const ruleset::Findings& findings, const std::vector<std::string>& files,
                          std::size_t rules, std::string& out) {
  out += "{\"schema\":1,\"files\":[";
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, files[i]);
  }
  out += "],";
  append_member("rules", rules, out);
  out += ',';
  append_member("errors", findings.errors(), out);
  out += ',';
  append_member("warnings", findings.warnings(), out);
  out += ',';
  append_member("notes", findings.notes(), out);
  out += ',';
  append_member("dropped", findings.dropped(), out);
  out += ",\"findings\":[";
  for (std::size_t i = 0; i < findings.all().size(); ++i) {
    if (i != 0) out += ',';
    append_finding(findings.all()[i], files, out);
  }
  out += "]}\n";
}

void append_rule_json(const ruleset::Compiled& compiled, const std::vector<std::string>& files,
                      const ruleset::Target& target, std::string& out) {
  const ruleset::Rule& rule = compiled.rule;
  const bool is_added = compiled.command == ruleset::Command::add_rule;
  out += "{\"schema\":1,";
  append_place(compiled.place, files, out);
  out += ',';
  append_member("command", is_added ? "add" : "remove", out);
  out += ',';
  append_member("text", ruleset::rule_text(rule, target), out);
  out += ',';
  append_member("list", ruleset::list_name(rule.list), out);
  out += ',';
  append_member("action", ruleset::action_name(rule.action), out);
  out += rule.prepend ? ",\"prepend\":true" : ",\"prepend\":false";
  out += ",\"fields\":[";
  for (std::size_t i = 0; i < rule.fields.size(); ++i) {
    if (i != 0) out += ',';
    append_field(rule.fields[i], out);
  }
  out += "],\"hex\":\"";
  append_rule_hex(rule, out);
  out += "\"}\n";
}

void append_rule_hex(const ruleset::Rule& rule, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const std::byte byte : ruleset::encode_rule(rule)) {
    out += kDigits[std::to_integer<unsigned>(byte) >> 4];
    out += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
}

}  // namespace sorrel::sorrelctl
