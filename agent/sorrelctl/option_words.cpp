#include "option_words.h"

#include <string>

namespace sorrel::sorrelctl {

Status read_options(int argc, char** argv, const option* known, const TakeOption& take) {
  opterr = 0;
  optind = 1;
  for (int id = 0; (id = ::getopt_long(argc, argv, ":h", known, nullptr)) != -1;) {
    const std::string word = argv[optind - 1];
    if (id == ':') return fail(std::errc::invalid_argument, "option '" + word + "' needs a value");
    if (id == '?') return no_such_option(word);
    const Result<bool> goes_on = take(id, optarg);
    if (!goes_on) return Unexpected<Error>(goes_on.error());
    if (!*goes_on) break;
  }
  return Ok{};
}

Unexpected<Error> no_such_option(const std::string& word) {
  return fail(std::errc::invalid_argument, "there is no option '" + word + "'");
}

// Not argv's word before optind: that is the value of an option that has one.
std::string option_name(const option* known, int id) {
  for (; known->name != nullptr; ++known) {
    if (known->val == id) return "--" + std::string(known->name);
  }
  return "-" + std::string(1, static_cast<char>(id));
}

}  // namespace sorrel::sorrelctl
