#pragma once

// The parts of guest_lineage: see main.cpp. Each verb returns the exit status; what cannot be done
// ends the program with a message, as a recording with a part missing is none.

#include <sys/types.h>

namespace lineage {

using Arguments = char**;  // ends with a null pointer

// Tells the keeper `word` and waits until it has looked.
void tell(const char* word);
// Prints why and returns 1.
int failed(const char* what);

// programs.cpp
int execute(Arguments program);  // returns only when that failed
int run(Arguments program);
int twice(Arguments programs);
int run_by_vfork(Arguments program);
int thread(Arguments program);
int memory(Arguments program);
int become(Arguments programs);
int run_in_fork(Arguments program);
// The exit status of a child, 1 when it was killed.
int wait_for(pid_t child);

// orphans.cpp
int daemon(Arguments program);
int orphan(Arguments program);
int reaper(Arguments program);

// pids.cpp
int run_as(Arguments pid_and_program);
int fork_as(Arguments pid_and_program);
int burn(Arguments pid);

// server.cpp
int serve(Arguments arguments);
int get(Arguments port);

}  // namespace lineage
