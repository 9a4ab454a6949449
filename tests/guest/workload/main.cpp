// guest_workload - in a test guest: varied activity of which the audit rules of record.sh make
// records of as many types as one kernel gives. Run as root; every step is a child process, so that
// one that kills itself does not end the others.
//   guest_workload            all steps; prints their names
//   guest_workload NAME...    these only
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "workload.h"

namespace workload {

void in_child(void (*body)()) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(10);
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
}

namespace {

constexpr Step kSteps[] = {
    {"odd_arguments", odd_arguments},
    {"long_arguments", long_arguments},
    {"many_arguments", many_arguments},
    {"program_in_memory", program_in_memory},
    {"deleted_program", deleted_program},
    {"script", script},
    {"missing_programs", missing_programs},
    {"set_user_id_program", set_user_id_program},
    {"parallel_programs", parallel_programs},
    {"odd_names", odd_names},
    {"long_paths", long_paths},
    {"file_changes", file_changes},
    {"refused_files", refused_files},
    {"odd_comm", odd_comm},
    {"sticky_links", sticky_links},
    {"memory_maps", memory_maps},
    {"opened_by_openat2", opened_by_openat2},
    {"opened_by_io_uring", opened_by_io_uring},
    {"denied_by_fanotify", denied_by_fanotify},
    {"socket_addresses", socket_addresses},
    {"socket_pairs", socket_pairs},
    {"message_queues", message_queues},
    {"shared_memory", shared_memory},
    {"promiscuous_interface", promiscuous_interface},
    {"signals", signals},
    {"crashes", crashes},
    {"seccomp_filters", seccomp_filters},
    {"traced_process", traced_process},
    {"capabilities", capabilities},
    {"bpf_objects", bpf_objects},
    {"modules", modules},
    {"clocks", clocks},
    {"namespaces_and_mounts", namespaces_and_mounts},
    {"terminal_input", terminal_input},
    {"audit_features", audit_features},
};

int run(int argc, char** argv) {
  int found = 0;
  for (const Step& step : kSteps) {
    bool wanted = argc == 1;
    for (int i = 1; i < argc; ++i) wanted = wanted || step.name == argv[i];
    if (!wanted) continue;
    ++found;
    std::printf("workload: %.*s\n", static_cast<int>(step.name.size()), step.name.data());
    std::fflush(stdout);
    in_child(step.run);
  }
  return found > 0 ? 0 : 2;
}

}  // namespace
}  // namespace workload

int main(int argc, char** argv) {
  return workload::run(argc, argv);
}
