#pragma once

#include <vector>

#include "config/options.h"
#include "config/value.h"

// The tables of options, one for each section of the file. To add an option, add a line to its
// table, and the same name with its explanation to config/sorrel.yaml (a test compares the two).
// Ranges reject what cannot work or can only be a slip of the pen; they are not advice.
namespace sorrel::config {

// All of sorrel.yaml. Refers to `options`, as all tables do. `lists_outputs`: with the names of the
// options of all types of outputs, which only known_keys() needs, and which are many.
Value root_table(Options& options, bool lists_outputs = false);

Value node_table(NodeOptions& node);
Value input_table(input::Options& input);
Value kernel_table(netlink::Options& kernel);
Value rules_table(RulesOptions& rules);
Value events_table(event::Options& events);
Value enrich_table(enrich::Options& enrich);
Value control_table(control::Options& control);
Value json_table(encode::Options& encode);
Value raw_table(encode::Options& encode);
Value buffer_table(buffer::Options& buffer);
Value outputs_table(std::vector<OutputOptions>& outputs, bool lists_names);

// The options of an output that ships to a collector, besides those of every output.
std::vector<Field> syslog_fields(OutputOptions& output);
std::vector<Field> relp_fields(OutputOptions& output);
std::vector<Field> udp_fields(OutputOptions& output);
std::vector<Field> http_fields(OutputOptions& output);
std::vector<Field> kafka_fields(OutputOptions& output);
// Contradictions in them.
void check_shipped(const OutputOptions& output, const Node& map, Report& report);

// What two outputs, or an output and the input, cannot both be: reports outputs that would write to
// the same file. `map` is the top of the file.
void check_output_paths(const Options& options, const Node& map, Report& report);

}  // namespace sorrel::config
