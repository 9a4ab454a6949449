#pragma once

#include <cstdint>
#include <string_view>

#include "enrich/call.h"
#include "enrich/id_text.h"
#include "enrich/options.h"
#include "enrich/process_table.h"
#include "enrich/sessions.h"
#include "event/event.h"

namespace sorrel::enrich {

// Tells the table of processes what events say, and adds to events what the table knows: which
// program a process was (PID, PPID and every *pid field), what started it, its ancestors, its
// login.
class Processes {
 public:
  // What an event meant for the table.
  struct Lesson {
    std::uint32_t pid = 0;   // whose event it is; 0: nobody's
    bool is_exec = false;    // of a new program
    bool is_first = false;   // nothing had been known of the process
    std::uint32_t ppid = 0;  // not 0: the parent is not known either
  };

  // `table` and `sessions` must outlive it. `host_pid_namespace`: inode of the one whose pids
  // records have; 0: not known, for files.
  Processes(const Options& options, ProcessTable& table, Sessions& sessions,
            std::uint64_t host_pid_namespace = 0)
      : options_(options),
        table_(table),
        sessions_(sessions),
        host_pid_namespace_(host_pid_namespace) {}

  // Takes in what the event says. Sets event.process.
  Lesson learn(event::Event& event, const Call& call);

  // Adds to the SYSCALL record. `keeps`: the event will outlive the next change of the table, so
  // what is added is copied into it.
  void annotate_call(event::Event& event, const Call& call, bool keeps, event::AnnotationList& out);
  // Adds CONTAINER_INFO to the event as a whole.
  void annotate_event(event::Event& event, bool keeps);
  // Adds to another record what one of its fields, which names a process, stands for: as `name`,
  // which lives for ever.
  void annotate_field(event::Event& event, std::string_view name, const record::Field& field,
                      bool keeps, event::AnnotationList& out);

 private:
  void learn_sessions(event::Event& event, std::string_view id);
  void learn_login(const event::Event& event, const event::Record& record, std::string_view id);
  void learn_message(event::Event& event, const event::Record& record);
  bool is_global_pid(const Call& call) const noexcept;
  void learn_fork(const Call& call, bool may_be_thread, std::string_view id, std::uint64_t time_ms);

  void add_id(event::Event& event, const Process& process, event::AnnotationList& out);
  void add_name(event::Event& event, std::string_view key, InternedStrings::Id id, bool keeps,
                event::AnnotationList& out);
  void add_names(event::Event& event, const Process& process, bool keeps,
                 event::AnnotationList& out);
  void add_own(event::Event& event, const Process& process, bool keeps, event::AnnotationList& out);
  void add_parent(event::Event& event, const Process& parent, bool keeps,
                  event::AnnotationList& out);
  void add_spawner(event::Event& event, const Process& spawner, bool keeps,
                   event::AnnotationList& out);
  void add_ancestors(event::Event& event, const Process& parent, bool keeps,
                     event::AnnotationList& out);
  void add_session(event::Event& event, std::uint32_t ses, bool keeps, event::AnnotationList& out);
  void add_facts(event::Event& event, const ProcessFacts& facts, bool keeps,
                 event::AnnotationList& out);

  const Options options_;
  ProcessTable& table_;
  Sessions& sessions_;
  const std::uint64_t host_pid_namespace_;
  IdText ids_;
};

}  // namespace sorrel::enrich
