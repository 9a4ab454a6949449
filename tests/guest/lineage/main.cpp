// guest_lineage: the programs of the lineage recordings, in one file that is copied under many
// names.
//
//   NAME label=LABEL [VERB ARGUMENTS...]
//
// First it tells the keeper (keeper.py) that it has begun, which writes down who it and its
// ancestors are; then it does what the verb says; PROGRAM is a path and its arguments, which end
// the line. So that argv[0] can be chosen, `@NAME` may stand before a program.
//
//   run PROGRAM               fork, exec, wait
//   twice PROGRAM1 -- PROGRAM2  run both, one after the other
//   exec PROGRAM              exec in this process
//   vfork PROGRAM             as run, by vfork
//   thread PROGRAM            a thread that is not the first one calls exec
//   memory PROGRAM            the program's file is copied to memory and executed from there
//   daemon PROGRAM            fork, setsid, fork; both parents are gone before the exec
//   orphan PROGRAM            waits until its own parent is gone, then as run
//   reaper PROGRAM            becomes a subreaper, then as run, and waits for all orphans
//   become PROGRAM1 -- PROGRAM2  fork; this process execs PROGRAM1; only then the child PROGRAM2
//   hold                      waits until it has no more children
//   fork PROGRAM              a child that runs no other program runs it as its child
//   pid N PROGRAM             as run, in a process whose pid is N
//   forkpid N PROGRAM         as fork, the middle process having the pid N
//   burn N                    uses up pids until the next one is N
//   until FILE VERB...        waits until the file is there
//   take ARGUMENTS            does nothing with them
//   login UID PROGRAM         sets the login uid (once in a process's life), becomes UID, execs
//   comm NAME VERB...         calls itself NAME
//   serve PORT COUNT UID PROGRAM  a server whose worker runs PROGRAM for each of COUNT connections
//   get PORT                  a client of it
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "lineage.h"

namespace lineage {
namespace {

int verb(Arguments arguments);

int comm(Arguments arguments) {
  prctl(PR_SET_NAME, arguments[0]);
  return verb(arguments + 1);
}

int until(Arguments arguments) {
  while (access(arguments[0], F_OK) != 0) usleep(1000);
  return verb(arguments + 1);
}

int take(Arguments) {
  return 0;
}

int login(Arguments arguments) {
  const auto uid = static_cast<uid_t>(std::atoi(arguments[0]));
  std::FILE* const file = std::fopen("/proc/self/loginuid", "w");
  if (file == nullptr) return failed("loginuid");
  std::fprintf(file, "%u", uid);
  if (std::fclose(file) != 0) return failed("loginuid");
  if (setgid(uid) != 0 || setuid(uid) != 0) return failed("setuid");
  return execute(arguments + 1);
}

int hold(Arguments) {
  while (wait(nullptr) > 0) continue;
  return 0;
}

struct Verb {
  std::string_view name;
  int (*play)(Arguments arguments);
};
constexpr Verb kVerbs[] = {
    {"run", run},       {"twice", twice},     {"exec", execute},  {"vfork", run_by_vfork},
    {"thread", thread}, {"memory", memory},   {"daemon", daemon}, {"orphan", orphan},
    {"reaper", reaper}, {"become", become},   {"hold", hold},     {"fork", run_in_fork},
    {"pid", run_as},    {"forkpid", fork_as}, {"burn", burn},     {"login", login},
    {"comm", comm},     {"serve", serve},     {"get", get},       {"until", until},
    {"take", take},
};

int verb(Arguments arguments) {
  if (arguments[0] == nullptr) return 0;
  for (const Verb& known : kVerbs) {
    if (known.name == arguments[0]) return known.play(arguments + 1);
  }
  std::fprintf(stderr, "guest_lineage: no such verb: %s\n", arguments[0]);
  return 2;
}

}  // namespace
}  // namespace lineage

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  // A program of the scenario's rules only: it is no part of any lineage and has no label.
  if (std::string_view(argv[1]) == "burn") return lineage::burn(argv + 2);
  lineage::tell("image");
  // What a script is told by: NAME label=LABEL, and then its own arguments.
  return lineage::verb(argv + 2);
}
