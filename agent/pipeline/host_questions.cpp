#include "pipeline/host_questions.h"

#include <utility>

#include "enrich/id_text.h"
#include "pipeline/enrichment.h"

namespace sorrel::agent {
namespace {

namespace part = host::part;
constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr std::uint64_t kNsPerMs = 1'000'000;

// What is asked of a process costs a read each: only what is configured.
std::uint32_t parts_of(const enrich::Options& options, bool is_exec) {
  std::uint32_t parts = part::kStat | part::kExe | part::kNamespaces | part::kNamespacePid;
  if (options.container || options.container_info || options.systemd) parts |= part::kCgroup;
  if (!is_exec) return parts | part::kLogin;
  if (!options.environment.empty()) parts |= part::kEnvironment;
  if (options.hash.enabled) parts |= part::kExeFile;
  return parts;
}

}  // namespace

HostQuestions::HostQuestions(const enrich::Options& options, ProcessKnowledge& knowledge,
                             EnrichmentCounters& counters, ProcessLookup& lookup)
    : options_(options),
      knowledge_(knowledge),
      counters_(counters),
      lookup_(lookup),
      parts_(parts_of(options, false)),
      exec_parts_(parts_of(options, true)) {}

Ticket HostQuestions::learned(event::Event& event, const enrich::Processes::Lesson& lesson) {
  if (!lesson.is_exec && !lesson.is_first && lesson.ppid == 0) return 0;
  const std::uint64_t second = event.id.seconds;
  // The parent first: what is said of the child then finds it.
  if (lesson.ppid != 0) ask(lesson.ppid, false, 0, {}, second);
  if (!lesson.is_exec) {
    if (lesson.is_first) ask(lesson.pid, false, 0, {}, second);
    return 0;
  }
  enrich::IdText ids;
  const Ticket ticket = options_.processes.wait_ms == 0 ? 0 : ++knowledge_.last_ticket;
  if (ask(lesson.pid, true, ticket, ids.of(event.id), second)) return ticket;
  event.not_asked = true;
  return 0;
}

bool HostQuestions::may_ask(std::uint64_t second) noexcept {
  if (second != second_) {
    second_ = second;
    asked_this_second_ = 0;
  }
  return asked_this_second_ < options_.processes.reads_per_second;
}

bool HostQuestions::ask(std::uint32_t pid, bool is_exec, Ticket ticket, std::string_view event_id,
                        std::uint64_t second) {
  ProcessQuestion* const question = may_ask(second) ? lookup_.next_question() : nullptr;
  if (question == nullptr) {
    counters_.skipped.add();
    return false;
  }
  ++asked_this_second_;
  question->ticket = ticket;
  question->about = ProcessQuestion::About::process;
  question->is_exec = is_exec;
  question->pid = pid;
  question->parts = is_exec ? exec_parts_ : parts_;
  question->event_id = event_id;
  const enrich::Process* const process = knowledge_.table.find(pid);
  question->id = process == nullptr ? enrich::PackedId{} : process->id;
  lookup_.ask();
  counters_.asked.add();
  return true;
}

std::optional<Ticket> HostQuestions::next_answer() {
  if (std::exchange(current_, nullptr) != nullptr) lookup_.pop();
  while (const ProcessAnswer* const answer = lookup_.front()) {
    if (answer->about == ProcessQuestion::About::all_pids) {
      take_pids(*answer);
    } else {
      take_process(*answer);
    }
    if (answer->ticket != 0) {
      current_ = answer;
      return answer->ticket;
    }
    lookup_.pop();
  }
  return std::nullopt;
}

// A process that ended meanwhile still said who it was, as far as it was read.
void HostQuestions::take_process(const ProcessAnswer& answer) {
  if (!answer.facts.knows(part::kStat)) return;
  enrich::ProcessTable& table = knowledge_.table;
  const enrich::Process* const process = table.add_from_proc(proc_process(answer.facts));
  if (process == nullptr) return;
  const enrich::ProcessKey key{answer.pid, answer.id.size != 0 ? answer.id : process->id};
  enrich::ProcessFacts facts = process_facts(answer.facts);
  facts.container_name = answer.container_name;
  facts.container_image = answer.container_image;
  table.set_facts(key, facts);
  if (is_reaper(answer.facts)) table.set_reaper(answer.pid);
  table.link_parent(answer.pid);
}

// The process may run another program by now, whose environment and hash are not the event's. /proc
// has its path as we see it, the event as the process did: below a root of its own it is shorter.
bool HostQuestions::is_answer_of(const event::Event& event) const {
  const enrich::Process* const process = knowledge_.table.get(enrich::ProcessLink{event.process});
  if (process == nullptr || !current_->facts.knows(part::kExe)) return true;
  constexpr std::string_view kDeleted = " (deleted)";
  std::string_view exe = knowledge_.table.text(process->exe);
  if (exe.ends_with(kDeleted)) exe.remove_suffix(kDeleted.size());
  return std::string_view(current_->facts.exe).ends_with(exe);
}

std::optional<LateAnswer> HostQuestions::late_answer() {
  if (current_ == nullptr || !current_->exe_hash) return std::nullopt;
  return LateAnswer{.event_id = current_->event_id,
                    .pid = current_->pid,
                    .exe = current_->facts.exe,
                    .digest = *current_->exe_hash};
}

enrich::HostAnswer HostQuestions::answer(const event::Event& event) {
  enrich::HostAnswer answer;
  if (current_ == nullptr) return answer;
  if (current_->result != host::ProcRead::complete) answer.missing = "ended";
  if (!is_answer_of(event)) {
    answer.missing = "replaced";
    return answer;
  }
  if (current_->facts.knows(part::kEnvironment)) answer.environment = &current_->facts.environment;
  if (current_->exe_hash) {
    hash_text_ = host::to_hex(*current_->exe_hash);
    answer.exe_hash = hash_text_;
  }
  return answer;
}

void HostQuestions::tick(std::uint64_t time_ns) {
  now_ms_ = time_ns / kNsPerMs;
  if (time_ns < next_sweep_ns_ || is_listing_) return;
  ask_for_pids();
  next_sweep_ns_ = time_ns + options_.processes.sweep_s * kNsPerSecond;
}

void HostQuestions::ask_for_pids() {
  ProcessQuestion* const question = lookup_.next_question();
  if (question == nullptr) return;
  question->about = ProcessQuestion::About::all_pids;
  question->ticket = 0;
  lookup_.ask();
  lookup_.flush();
  is_listing_ = true;
  // Processes that events tell of from here on are there, even if the list does not have them.
  knowledge_.table.begin_sweep();
}

void HostQuestions::take_pids(const ProcessAnswer& answer) {
  is_listing_ = false;
  if (answer.result != host::ProcRead::complete) return;
  enrich::ProcessTable& table = knowledge_.table;
  for (const std::uint32_t pid : answer.pids) table.mark(pid);
  while (!table.end_sweep(now_ms_)) {
  }
}

}  // namespace sorrel::agent
