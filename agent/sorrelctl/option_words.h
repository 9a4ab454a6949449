#pragma once

#include <getopt.h>

#include <functional>
#include <string>

#include "base/result.h"

namespace sorrel::sorrelctl {

// Takes one option: its id in the list of known ones ('h' for -h) and its value, null without one.
// False: what follows does not matter (help was asked for).
using TakeOption = std::function<Result<bool>(int id, const char* value)>;

// Goes through a command's options, in their order; optind is then the first word that is none.
// `known` ends with a null name. The loop of every command, so that all have the same errors.
// Errors: an option that is not known, a value that is missing, what `take` returns.
Status read_options(int argc, char** argv, const option* known, const TakeOption& take);

// The error of read_options() for an option that is none, for those that know it of another
// command.
Unexpected<Error> no_such_option(const std::string& word);

// "--json": the name of the option with that id in the list; "-x" of one that it does not have.
std::string option_name(const option* known, int id);

}  // namespace sorrel::sorrelctl
