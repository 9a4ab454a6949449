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

}  // namespace sorrel::sorrelctl
