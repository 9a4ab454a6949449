#include "enrich/processes.h"

#include <charconv>

#include "enrich/field_text.h"

namespace sorrel::enrich {
namespace {

using event::AnnotationList;
using event::Event;
using event::Record;
using record::Field;
namespace key = record::key;

constexpr std::uint32_t kCloneThread = 0x10000;  // linux/sched.h, CLONE_THREAD
// Pids are given in order, so a child's is a little larger than its parent's: see is_global_pid().
constexpr std::int64_t kPlausibleStep = 1024;

enum class Kind : std::uint8_t { other, exec, fork, clone3, exit };

Kind kind_of(std::string_view call) noexcept {
  if (call.empty()) return Kind::other;
  switch (call[0]) {
    case 'e':
      if (call == "execve" || call == "execveat") return Kind::exec;
      return call == "exit_group" ? Kind::exit : Kind::other;
    case 'c':
      if (call == "clone") return Kind::fork;
      return call == "clone3" ? Kind::clone3 : Kind::other;
    case 'f':
      return call == "fork" ? Kind::fork : Kind::other;
    case 'v':
      return call == "vfork" ? Kind::fork : Kind::other;
    default:
      return Kind::other;
  }
}

// Messages that say from where a user came.
bool opens_session(record::RecordType t) noexcept {
  constexpr record::RecordType kUserStart = 1105;
  constexpr record::RecordType kUserLogin = 1112;
  return t == kUserStart || t == kUserLogin;
}

bool makes_thread(const Call& call) noexcept {
  return call.name == "clone" && (call.argument(0) & kCloneThread) != 0;
}

// A text of the table or of the sessions, as an event may keep it.
std::string_view kept(Event& event, std::string_view text, bool keeps) {
  return keeps ? event.copy(text) : text;
}

void add_text(Event& event, std::string_view name, std::string_view text, bool keeps,
              AnnotationList& out) {
  if (!text.empty()) out.text(name, kept(event, text, keeps));
}

// What began in the same millisecond is told apart by the serial.
bool began_after(const Process& process, const EventId& id) {
  if (process.id.size == 0 || (process.flags & Process::kFromProc) != 0) return false;
  const std::uint64_t time_ms = time_ms_of(process.id);
  if (time_ms != id.time_ms()) return time_ms > id.time_ms();
  char room[PackedId::kTextRoom];
  const std::string_view text = unpack_id(process.id, room);
  std::uint64_t serial = 0;
  std::from_chars(text.data() + text.find(':') + 1, text.data() + text.size(), serial);
  return serial > id.serial;
}

Sighting sighting_of(const Call& call, std::string_view id, std::uint64_t time_ms) {
  Sighting sighting;
  sighting.pid = call.pid;
  sighting.ppid = call.ppid;
  sighting.session = call.ses;
  sighting.auid = call.auid;
  sighting.comm = call.comm;
  sighting.exe = call.exe;
  sighting.id = id;
  sighting.time_ms = time_ms;
  return sighting;
}

}  // namespace

Processes::Lesson Processes::learn(Event& event, const Call& call) {
  Lesson lesson;
  event.process = 0;
  const std::string_view id = ids_.of(event.id);
  const std::uint64_t time_ms = event.id.time_ms();
  if (opens_session(event.records().front().type) || event.has_type(record::type::kLogin))
    learn_sessions(event, id);
  if (!call.is_known() || call.pid == 0) return lesson;
  lesson.pid = call.pid;
  const Process* const before = table_.find_at(call.pid, time_ms);
  lesson.is_first = before == nullptr;
  if (call.ppid != 0 && table_.find_at(call.ppid, time_ms) == nullptr) lesson.ppid = call.ppid;

  const Kind kind = kind_of(call.name);
  lesson.is_exec = kind == Kind::exec && call.success;
  const Sighting sighting = sighting_of(call, id, time_ms);
  const Process* const process = lesson.is_exec ? table_.exec(sighting) : table_.see(sighting);
  if (process == nullptr) return lesson;
  event.process = table_.link(*process).bits;
  if ((kind == Kind::fork || kind == Kind::clone3) && call.success && call.exit > 0)
    learn_fork(call, kind == Kind::clone3, id, time_ms);
  if (kind == Kind::exit) table_.end(call.pid, time_ms);
  return lesson;
}

void Processes::learn_sessions(Event& event, std::string_view id) {
  for (const Record& r : event.records()) {
    if (r.type == record::type::kLogin) learn_login(event, r, id);
    if (opens_session(r.type)) learn_message(event, r);
  }
}

// Source: linux/kernel/auditsc.c, audit_log_set_loginuid().
void Processes::learn_login(const Event& event, const Record& record, std::string_view id) {
  std::optional<std::uint32_t> pid, auid, ses;
  bool failed = false;
  for (const Field& field : event.fields(record)) {
    if (field.repeated != 0 || field.enriched) continue;
    if (field.key_id == key::kPid) pid = number<10>(field);
    if (field.key_id == key::kAuid) auid = number<10>(field);
    if (field.key_id == key::kSes) ses = number<10>(field);
    if (field.key_id == key::kRes) failed = field.value() == "0";
  }
  if (failed || !ses || !auid) return;
  sessions_.open(*ses, *auid, id);
  if (pid) table_.login(*pid, *ses, *auid);
}

// What PAM's clients and sshd say of the session that they open.
void Processes::learn_message(Event& event, const Record& record) {
  std::optional<std::uint32_t> auid, ses;
  SessionDetails details;
  bool failed = false;
  const auto said = [&](const Field& field) {
    const std::string_view text = bytes_of(event, field);
    return text == "?" ? std::string_view{} : text;
  };
  for (const Field& field : event.fields(record)) {
    if (field.enriched) break;
    if (!field.inside) {
      if (field.key_id == key::kAuid) auid = number<10>(field);
      if (field.key_id == key::kSes) ses = number<10>(field);
      continue;
    }
    if (field.key_id == key::kExe) details.exe = said(field);
    if (field.key_id == key::kAddr) details.address = said(field);
    if (field.key_id == key::kTerminal) details.terminal = said(field);
    if (field.key_id == key::kHostname) details.hostname = said(field);
    if (field.key_id == key::kRes) failed = field.value() != "success" && field.value() != "1";
  }
  if (!failed && ses && *ses != Session::kUnset)
    sessions_.describe(*ses, auid.value_or(Session::kUnset), details);
}

void Processes::add_session(Event& event, std::uint32_t ses, bool keeps, AnnotationList& out) {
  const Session* const session = sessions_.find(ses);
  if (session == nullptr) return;
  out.open_object("SESSION");
  if (session->opened_by.size != 0)
    out.plain("EVENT_ID", unpack_id(session->opened_by, event.allocate(PackedId::kTextRoom)));
  add_text(event, "exe", session->exe, keeps, out);
  add_text(event, "addr", session->address, keeps, out);
  add_text(event, "terminal", session->terminal, keeps, out);
  add_text(event, "hostname", session->hostname, keeps, out);
  out.close();
}

// The number that clone returns is one of the caller's pid namespace. Where /proc has told the
// namespace, it is known whether that is the records' one. Offline, a number just above the
// caller's own, as the kernel gives them out, is taken for it; any other has to be confirmed by the
// child's own first event.
bool Processes::is_global_pid(const Call& call) const noexcept {
  const Process* const caller = table_.find(call.pid);
  const std::uint64_t pid_namespace = caller == nullptr ? 0 : table_.facts(*caller).pid_namespace;
  if (host_pid_namespace_ != 0) return pid_namespace == host_pid_namespace_;
  const std::int64_t step = call.exit - std::int64_t{call.pid};
  return step > 0 && step < kPlausibleStep;
}

void Processes::learn_fork(const Call& call, bool may_be_thread, std::string_view id,
                           std::uint64_t time_ms) {
  if (makes_thread(call) || call.exit > UINT32_MAX) return;
  table_.fork(call.pid, static_cast<std::uint32_t>(call.exit), id, time_ms,
              !may_be_thread && is_global_pid(call));
}

void Processes::annotate_call(Event& event, const Call& call, bool keeps, AnnotationList& out) {
  const Process* const process = table_.get(ProcessLink{event.process});
  if (process != nullptr) {
    if (options_.pid) add_own(event, *process, keeps, out);
    const Process* const parent = table_.parent(*process);
    // An orphan has another parent now: PPID is about the number that the record has.
    const Process* const named = parent != nullptr && parent->pid == call.ppid
                                     ? parent
                                     : table_.find_at(call.ppid, event.id.time_ms());
    if (options_.pid && named != nullptr) add_parent(event, *named, keeps, out);
    if (options_.spawned_by) {
      const Process* const spawner = table_.spawned_by(*process);
      if (spawner != nullptr) add_spawner(event, *spawner, keeps, out);
    }
    if (options_.ancestors != 0 && parent != nullptr) add_ancestors(event, *parent, keeps, out);
  }
  if (options_.session && call.ses != Session::kUnset) add_session(event, call.ses, keeps, out);
}

void Processes::annotate_event(Event& event, bool keeps) {
  const Process* const process = table_.get(ProcessLink{event.process});
  if (process == nullptr) return;
  const std::string& id = table_.facts(*process).container_id;
  if (id.empty()) return;
  AnnotationList& out = event.annotate_event();
  out.open_object("CONTAINER_INFO");
  out.text("ID", kept(event, id, keeps));
  out.close();
}

void Processes::annotate_field(Event& event, std::string_view name, const Field& field, bool keeps,
                               AnnotationList& out) {
  const std::optional<std::uint32_t> pid = number<10>(field);
  if (!pid || *pid == 0) return;
  // A message waits for the rest of its event; its process may have executed something meanwhile.
  const Process* process = table_.find_at(*pid, event.id.time_ms());
  while (process != nullptr && began_after(*process, event.id))
    process = table_.get(process->previous);
  if (process == nullptr) return;
  out.open_object(name);
  add_id(event, *process, out);
  if (field.key_id != key::kPid) {
    add_names(event, *process, keeps, out);
    if (process->ppid != 0) out.number("ppid", process->ppid);
  }
  out.close();
}

// PID of the event's own process: name and program are in the record itself.
void Processes::add_own(Event& event, const Process& process, bool keeps, AnnotationList& out) {
  out.open_object("PID");
  add_id(event, process, out);
  if (process.facts != FactsTable::kNone) add_facts(event, table_.facts(process), keeps, out);
  out.close();
}

void Processes::add_parent(Event& event, const Process& parent, bool keeps, AnnotationList& out) {
  out.open_object("PPID");
  add_id(event, parent, out);
  if (options_.parent_details) {
    add_names(event, parent, keeps, out);
    if (parent.ppid != 0) out.number("ppid", parent.ppid);
  }
  out.close();
}

void Processes::add_spawner(Event& event, const Process& spawner, bool keeps, AnnotationList& out) {
  out.open_object("SPAWNED_BY");
  add_id(event, spawner, out);
  out.number("pid", spawner.pid);
  add_names(event, spawner, keeps, out);
  out.close();
}

void Processes::add_ancestors(Event& event, const Process& parent, bool keeps,
                              AnnotationList& out) {
  out.open_array("ANCESTORS");
  const Process* ancestor = &parent;
  for (std::uint32_t i = 0; i < options_.ancestors && ancestor != nullptr; ++i) {
    out.open_object({});
    add_id(event, *ancestor, out);
    out.number("pid", ancestor->pid);
    add_names(event, *ancestor, keeps, out);
    out.close();
    ancestor = table_.parent(*ancestor);
  }
  out.close();
}

void Processes::add_facts(Event& event, const ProcessFacts& facts, bool keeps,
                          AnnotationList& out) {
  if (options_.container && !facts.container_id.empty()) {
    out.open_object("container");
    add_text(event, "id", facts.container_id, keeps, out);
    add_text(event, "runtime", facts.runtime, keeps, out);
    add_text(event, "pod", facts.pod, keeps, out);
    add_text(event, "name", facts.container_name, keeps, out);
    add_text(event, "image", facts.container_image, keeps, out);
    out.close();
  }
  if (!options_.systemd) return;
  if (!facts.services.empty()) {
    out.open_array("systemd_service");
    for (std::string_view rest = facts.services; !rest.empty();) {
      const std::size_t slash = rest.find('/');
      const std::string_view service = rest.substr(0, slash);
      out.text({}, kept(event, service, keeps));
      rest = slash == rest.npos ? std::string_view{} : rest.substr(slash + 1);
    }
    out.close();
  }
  add_text(event, "unit", facts.unit, keeps, out);
  add_text(event, "slice", facts.slice, keeps, out);
  add_text(event, "user_unit", facts.user_unit, keeps, out);
}

void Processes::add_id(Event& event, const Process& process, AnnotationList& out) {
  if (process.id.size == 0) return;
  char* const room = event.allocate(PackedId::kTextRoom);
  const bool is_start = (process.flags & Process::kFromProc) != 0;
  out.plain(is_start ? "START_TIME" : "EVENT_ID", unpack_id(process.id, room));
}

void Processes::add_names(Event& event, const Process& process, bool keeps, AnnotationList& out) {
  add_name(event, "comm", process.comm, keeps, out);
  add_name(event, "exe", process.exe, keeps, out);
}

void Processes::add_name(Event& event, std::string_view name, InternedStrings::Id id, bool keeps,
                         AnnotationList& out) {
  if (id == InternedStrings::kNone) return;
  const std::string_view text = kept(event, table_.text(id), keeps);
  if (table_.strings().is_plain(id)) {
    out.plain(name, text);
  } else {
    out.text(name, text);
  }
}

}  // namespace sorrel::enrich
