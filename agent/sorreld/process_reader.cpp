#include "sorreld/process_reader.h"

#include <string_view>
#include <utility>

namespace sorrel::agent {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;

// Whether /proc's `exe` is the program that an event calls `said`: the same path, or one that ends
// in it, since the path of an event begins at the root of the process, which may be a jail.
bool is_program(std::string_view exe, std::string_view said) noexcept {
  constexpr std::string_view kDeleted = " (deleted)";
  if (said.ends_with(kDeleted)) said.remove_suffix(kDeleted.size());
  return !said.starts_with('/') || exe.ends_with(said);
}

}  // namespace

Result<std::unique_ptr<ProcessReader>> ProcessReader::create(host::ProcFs proc,
                                                             const enrich::Options& options,
                                                             const Clock& clock, HashWorker* hashes,
                                                             std::function<void()> ready) {
  auto wakeup = Wakeup::create();
  if (!wakeup) return Unexpected<Error>(std::move(wakeup).error());
  return std::unique_ptr<ProcessReader>(new ProcessReader(std::move(proc), options, clock, hashes,
                                                          std::move(ready), *std::move(wakeup)));
}

ProcessReader::ProcessReader(host::ProcFs proc, const enrich::Options& options, const Clock& clock,
                             HashWorker* hashes, std::function<void()> ready, Wakeup wakeup)
    : proc_(std::move(proc)),
      clock_(clock),
      hashes_(hashes),
      max_hashed_bytes_(options.hash.size_limit_bytes),
      ready_(std::move(ready)),
      wakeup_(std::move(wakeup)) {
  if (options.container_names)
    containers_ = std::make_unique<host::ContainerState>("/", host::ContainerStateOptions{});
}

ProcessReader::~ProcessReader() {
  stop();
}

void ProcessReader::start() {
  thread_.start("proc", [this] { run(); });
}

bool ProcessReader::stop(std::uint32_t wait_ms) {
  ends_.store(true);
  wakeup_.notify();
  return thread_.join(wait_ms);
}

void ProcessReader::ask() {
  questions_.push();
  has_asked_ = true;
}

void ProcessReader::flush() {
  if (!std::exchange(has_asked_, false)) return;
  wakeup_.notify();
}

void ProcessReader::pop() {
  answers_.pop();
  // The reader may wait for a place.
  if (!questions_.empty()) wakeup_.notify();
}

void ProcessReader::run() {
  while (!ends_.load()) {
    bool has_answered = false;
    ProcessAnswer* place = nullptr;
    while (ProcessQuestion* const question = questions_.front()) {
      place = answers_.free();
      if (place == nullptr) break;
      answer(*question, *place);
      // It may have taken so long that nobody is there any more.
      if (ends_.load()) return;
      answers_.push();
      questions_.pop();
      has_answered = true;
      // The first answers are not kept back for the last.
      ready_();
    }
    if (has_answered) continue;
    wakeup_.prepare();
    const bool has_work = !questions_.empty() && answers_.free() != nullptr;
    if (!has_work && !ends_.load()) wakeup_.wait(Wakeup::kForEver);
    wakeup_.cancel();
  }
}

void ProcessReader::answer(const ProcessQuestion& question, ProcessAnswer& answer) {
  answer.ticket = question.ticket;
  answer.about = question.about;
  answer.pid = question.pid;
  answer.id = question.id;
  answer.parts = question.parts;
  answer.event_id = question.event_id;
  answer.is_other_program = false;
  answer.exe_hash.reset();
  answer.container_name.clear();
  answer.container_image.clear();
  answer.pids.clear();
  if (question.about == ProcessQuestion::About::all_pids) {
    const bool listed = static_cast<bool>(proc_.list(answer.pids));
    answer.result = listed ? host::ProcRead::complete : host::ProcRead::unreadable;
    answer.listed_ms = clock_.realtime_ns() / kNsPerMs;
    return;
  }
  read_process(question, answer);
}

void ProcessReader::read_process(const ProcessQuestion& question, ProcessAnswer& answer) {
  counters_.read.add();
  answer.result = proc_.read(question.pid, question.parts, answer.facts);
  const host::ProcFacts& facts = answer.facts;
  // A zombie has neither program nor environment, and that is not /proc's refusal.
  if (answer.result == host::ProcRead::complete && !facts.knows(question.parts)) {
    const host::Life life = proc_.life(question.pid, facts.start_ticks);
    if (life == host::Life::zombie || life == host::Life::gone)
      answer.result = host::ProcRead::ended;
  }
  if (answer.result == host::ProcRead::ended) counters_.ended.add();
  if (answer.result == host::ProcRead::missing) counters_.missing.add();
  if (answer.result == host::ProcRead::unreadable) counters_.unreadable.add();
  if (containers_ && facts.knows(host::part::kCgroup)) find_container(answer);
  if (!question.is_exec) return;
  answer.is_other_program = facts.knows(host::part::kExe) && !is_program(facts.exe, question.exe);
  if (hashes_ != nullptr && !answer.is_other_program && !ends_.load()) find_hash(question, answer);
}

void ProcessReader::find_container(ProcessAnswer& answer) {
  const host::CgroupInfo& cgroup = answer.facts.cgroup;
  if (cgroup.container_id.empty()) return;
  const host::ContainerDetails* const details =
      containers_->find(cgroup.runtime, cgroup.container_id, clock_.monotonic_ns() / kNsPerMs);
  if (details == nullptr) return;
  answer.container_name = details->name;
  answer.container_image = details->image;
}

// What is not remembered takes too long: the hash comes in an event of its own.
void ProcessReader::find_hash(const ProcessQuestion& question, ProcessAnswer& answer) {
  const host::ProcFacts& facts = answer.facts;
  if (!facts.knows(host::part::kExeFile)) return;
  if (facts.exe_file.size > max_hashed_bytes_) return;
  answer.exe_hash = hashes_->find(facts.exe_file);
  if (answer.exe_hash) return;
  Fd executable = proc_.open_executable(question.pid, facts.start_ticks);
  if (executable) hashes_->hash(std::move(executable), facts.exe, question.event_id, question.pid);
}

}  // namespace sorrel::agent
