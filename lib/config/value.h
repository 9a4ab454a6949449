#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/tree.h"

// How a table of options is built: one Field an option, which ties its name in the file to a member
// of an option struct. The same table reads the file, prints the effective configuration and lists
// the names that exist, so none of the three can forget an option.
//
//   std::vector<Field> event_fields(event::Options& o) {
//     return {
//         {"timeout", milliseconds(o.timeout_ms, 10, 600'000)},
//         ...
//
// A table refers to the struct it was built for and must not outlive it.
namespace sorrel::config {

struct Field;

// An option that is written as one word.
struct Scalar {
  std::string wanted;  // for messages: "a duration such as 30s"
  // Stores what `text` says. Returns what is wrong with it, or "" when it was stored.
  std::function<std::string(std::string_view text)> parse;
  // The present value as parse() takes it; nothing when it is not set.
  std::function<std::optional<std::string>()> print;
};

// Any option. Reads change what the table was built for; what is wrong goes into the report.
struct Value {
  Value(Scalar scalar);  // NOLINT(google-explicit-constructor): tables read better
  Value() = default;

  std::function<void(const Node& node, Report& report)> read;
  std::function<std::optional<Node>()> write;  // nothing: not set, the key is left out
  std::vector<Field> fields;                   // what a section may hold; for known_keys()
  bool has_short_form = false;                 // a section that may also be written as one word
};

enum class Presence { optional, required };

struct Field {
  std::string_view key;  // a literal
  Value value;
  Presence presence = Presence::optional;
};

// What is to be said of a section as a whole, once all its options are right by themselves:
// options that contradict each other. `map` is the section as written.
using Check = std::function<void(const Node& map, Report& report)>;

// A map of options. Unknown keys, duplicate keys and missing required ones are problems; an empty
// section leaves all as it is.
Value section(std::vector<Field> fields, Check check = {});

// The parts of section(), for sections that have a short form too.
void read_section(const std::vector<Field>& fields, const Check& check, const Node& node,
                  Report& report);
Node write_section(const std::vector<Field>& fields);

// The place of the first of `keys` that `map` has, for the message about a contradiction; of the
// map itself when it has none of them.
Position place_of(const Node& map, std::initializer_list<std::string_view> keys);

// Adds the problem for a node that is not `wanted`, e.g. "a list" where a duration is wanted.
void report_wrong_type(const Node& node, std::string_view wanted, Report& report);

}  // namespace sorrel::config
