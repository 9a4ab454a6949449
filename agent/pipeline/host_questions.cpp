#include "pipeline/host_questions.h"

#include <string_view>
#include <utility>
#include <vector>

#include "enrich/id_text.h"
#include "pipeline/enrichment.h"

namespace sorrel::agent {
namespace {

namespace part = host::part;
constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
// Of these nobody who reads the event would see that they were not readable.
constexpr std::uint32_t kToldParts = part::kExe | part::kEnvironment;

// What is asked of a process costs a read each: only what is configured.
std::uint32_t parts_of(const enrich::Options& options, bool is_exec) {
  std::uint32_t parts = part::kStat | part::kExe | part::kNamespaces | part::kNamespacePid;
  if (options.container || options.container_info || options.systemd) parts |= part::kCgroup;
  if (!is_exec) return parts | part::kLogin;
  if (!options.environment.empty()) parts |= part::kEnvironment;
  if (options.hash.enabled) parts |= part::kExeFile;
  return parts;
}

std::string_view missing_of(const ProcessAnswer& answer) noexcept {
  switch (answer.result) {
    case host::ProcRead::complete:
      if (answer.is_other_program) return "replaced";
      return answer.facts.knows(answer.parts & kToldParts) ? "" : "unreadable";
    case host::ProcRead::unreadable:
      return "unreadable";
    case host::ProcRead::ended:
    case host::ProcRead::missing:
      break;
  }
  return "ended";
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
  // The parent first: what is said of the child then finds it.
  if (lesson.ppid != 0) ask_for_parent(lesson.ppid);
  if (!lesson.is_exec) {
    if (lesson.is_first) ask(lesson.pid, false, 0, {});
    return 0;
  }
  enrich::IdText ids;
  const Ticket ticket = ++knowledge_.last_ticket;
  if (ask(lesson.pid, true, ticket, ids.of(event.id)))
    return options_.processes.wait_ms == 0 ? 0 : ticket;
  event.not_asked = true;
  return 0;
}

void HostQuestions::ask_for_parent(std::uint32_t pid) {
  std::uint32_t& asked = parents_[pid % kParents];
  if (asked == pid) return;
  if (ask(pid, false, 0, {})) asked = pid;
}

bool HostQuestions::ask(std::uint32_t pid, bool is_exec, Ticket ticket, std::string_view event_id) {
  const bool may_ask = asked_ < options_.processes.reads_per_second;
  ProcessQuestion* const question = may_ask ? lookup_.next_question() : nullptr;
  if (question == nullptr) {
    counters_.skipped.add();
    return false;
  }
  ++asked_;
  question->ticket = ticket;
  question->about = ProcessQuestion::About::process;
  question->is_exec = is_exec;
  question->pid = pid;
  question->parts = is_exec ? exec_parts_ : parts_;
  question->event_id = event_id;
  const enrich::Process* const process = knowledge_.table.find(pid);
  question->id = process == nullptr ? enrich::PackedId{} : process->id;
  question->exe = is_exec && process != nullptr ? knowledge_.table.text(process->exe) : "";
  lookup_.ask();
  counters_.asked.add();
  return true;
}

std::optional<Ticket> HostQuestions::next_answer() {
  if (std::exchange(current_, nullptr) != nullptr) lookup_.pop();
  while (ProcessAnswer* const answer = lookup_.front()) {
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

// A process that ended meanwhile still said who it was, as far as it was read. Whoever has the pid
// by now is a process of its own, and nothing of it is the event's.
void HostQuestions::take_process(const ProcessAnswer& answer) {
  is_of_another_ = false;
  if (!answer.facts.knows(part::kStat)) return;
  enrich::ProcessTable& table = knowledge_.table;
  const enrich::Process* const process = table.add_from_proc(proc_process(answer.facts));
  if (process == nullptr) return;
  learn_facts(table, *process, answer.facts, answer.container_name, answer.container_image);
  if (is_reaper(answer.facts)) table.set_reaper(answer.pid);
  table.link_parent(answer.pid);
  is_of_another_ = answer.id.size != 0 && table.find({answer.pid, answer.id}) == nullptr;
}

std::optional<LateAnswer> HostQuestions::late_answer() const {
  if (current_ == nullptr || !current_->exe_hash || is_of_another_) return std::nullopt;
  return LateAnswer{.event_id = current_->event_id,
                    .pid = current_->pid,
                    .exe = current_->facts.exe,
                    .digest = *current_->exe_hash};
}

enrich::HostAnswer HostQuestions::answer() {
  enrich::HostAnswer answer;
  if (current_ == nullptr) return answer;
  answer.missing = missing_of(*current_);
  if (is_of_another_) answer.missing = "ended";
  if (is_of_another_ || current_->is_other_program) return answer;
  if (current_->facts.knows(part::kEnvironment)) answer.environment = &current_->facts.environment;
  if (current_->exe_hash) {
    hash_text_ = host::to_hex(*current_->exe_hash);
    answer.exe_hash = hash_text_;
  }
  return answer;
}

void HostQuestions::tick(std::uint64_t time_ns) {
  asked_ = 0;
  parents_ = {};
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

void HostQuestions::take_pids(ProcessAnswer& answer) {
  is_listing_ = false;
  // A list is long, and the next one comes in another place: none of them keeps it.
  const std::vector<std::uint32_t> pids = std::move(answer.pids);
  answer.pids = {};
  if (answer.result != host::ProcRead::complete) return;
  enrich::ProcessTable& table = knowledge_.table;
  for (const std::uint32_t pid : pids) table.mark(pid);
  // They have ended by the time of the list: events that came before it may still be on their way.
  while (!table.end_sweep(answer.listed_ms)) {
  }
}

}  // namespace sorrel::agent
