#pragma once

#include <string>

#include "base/result.h"
#include "config/options.h"

namespace sorrel::sorrelctl {

struct OutputArguments {
  bool json = false;
  bool help = false;
  std::string config = "/etc/sorrel/sorrel.yaml";
  std::string command;  // test or resend
  std::string name;     // of the output
  std::string file;     // resend: not the usual one
  unsigned timeout_s = 15;
};

// What failed, to standard error; returns `status`.
int fail_output(const Error& error, int status);

// The two commands; each returns the exit status.
int test_one(const OutputArguments& arguments, const config::OutputOptions& output);
int resend(const OutputArguments& arguments, const config::Options& options,
           const config::OutputOptions& output);

}  // namespace sorrel::sorrelctl
