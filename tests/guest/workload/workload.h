#pragma once

// What guest_workload does, so that the kernel writes records of many types: see main.cpp. Each
// function ignores the errors of what it tries: a call that fails is a record too.

#include <cstddef>
#include <string_view>

namespace workload {

struct Step {
  std::string_view name;
  void (*run)();
};

// programs.cpp: program starts with arguments of every kind.
void odd_arguments();        // spaces, quotes, newlines, bytes that are no UTF-8, empty ones
void long_arguments();       // one argument of 120 KB, one of 9 KB with a quote: EXECVE is split
void many_arguments();       // 1500 of them
void program_in_memory();    // memfd_create, then execveat of the descriptor
void deleted_program();      // the file is gone while it runs
void script();               // "#!" line, then the interpreter
void missing_programs();     // ENOENT, EACCES, ENOEXEC
void set_user_id_program();  // BPRM_FCAPS
void parallel_programs();    // events that interleave

// files.cpp: names, and what is done to files.
void odd_names();
void long_paths();
void file_changes();
void refused_files();
void odd_comm();
void sticky_links();        // ANOM_LINK, ANOM_CREAT
void memory_maps();         // MMAP
void opened_by_openat2();   // OPENAT2
void opened_by_io_uring();  // URINGOP
void denied_by_fanotify();  // FANOTIFY

// sockets.cpp
void socket_addresses();       // SOCKADDR of every family, short and odd ones
void socket_pairs();           // FD_PAIR
void message_queues();         // MQ_*
void shared_memory();          // IPC, IPC_SET_PERM
void promiscuous_interface();  // ANOM_PROMISCUOUS

// kernel.cpp: what changes processes and the system.
void signals();          // OBJ_PID
void crashes();          // ANOM_ABEND
void seccomp_filters();  // SECCOMP
void traced_process();
void capabilities();  // CAPSET
void bpf_objects();   // BPF
void modules();       // KERN_MODULE
void clocks();        // TIME_ADJNTPVAL, TIME_INJOFFSET
void namespaces_and_mounts();
void terminal_input();  // TTY
void audit_features();  // FEATURE_CHANGE, CONFIG_CHANGE

// Runs `body` in a child process and waits for its end.
void in_child(void (*body)());

}  // namespace workload
