#pragma once

namespace sorrel::sorrelctl {

// Exit statuses of all commands.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // the work could not be done, or not all of it
inline constexpr int kExitUsage = 2;   // the command line is wrong

// One function a subcommand: argv[0] is the subcommand's name. Returns the exit status.
int run_buffer(int argc, char** argv);
int run_decode(int argc, char** argv);
int run_output(int argc, char** argv);  // by the program below
int run_ps(int argc, char** argv);
int run_rules(int argc, char** argv);
int run_status(int argc, char** argv);

// What that program does.
inline constexpr const char* kOutputProgram = "sorrelctl-output";
int test_output(int argc, char** argv);

}  // namespace sorrel::sorrelctl
