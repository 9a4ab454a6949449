#pragma once

namespace sorrel::sorrelctl {

// One function a subcommand of `sorrelctl rules`: argv[0] is its name. Returns the exit status.
int run_rules_apply(int argc, char** argv);
int run_rules_check(int argc, char** argv);
int run_rules_compile(int argc, char** argv);
int run_rules_cost(int argc, char** argv);
int run_rules_diff(int argc, char** argv);
int run_rules_explain(int argc, char** argv);
int run_rules_list(int argc, char** argv);
int run_rules_test(int argc, char** argv);

}  // namespace sorrel::sorrelctl
