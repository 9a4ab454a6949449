#include "sorreld/host_watch.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "enrich/process_state.h"

namespace sorrel::agent {
namespace {

namespace part = host::part;
constexpr std::uint64_t kNsPerMs = 1'000'000;

std::string state_path(const std::string& state_dir) {
  return state_dir + "/processes";
}

}  // namespace

HostWatch::HostWatch(const enrich::Options& options, const Clock& clock)
    : options_(options), clock_(clock), knowledge_(options.processes) {}

HostWatch::~HostWatch() {
  stop();
}

void HostWatch::open(Hooks hooks) {
  open_names();
  auto proc = host::ProcFs::open("/", host::EnvironmentSelection(options_.environment));
  if (!proc) {
    log(Level::warning, "/proc cannot be read; processes are known from events only",
        {{"error", proc.error().to_string()}});
    return;
  }
  if (options_.hash.enabled) {
    hashes_ = std::make_unique<HashWorker>(
        host::ExeHashOptions{.max_file_bytes = options_.hash.size_limit_bytes,
                             .cache_entries = options_.hash.cache_entries},
        std::move(hooks.has_hash));
  }
  // Records have the numbers of the first namespace; ours is that one, unless we are in a
  // container. Before there is an annotator, which is told once.
  host::ProcFacts self;
  if (proc->read(static_cast<std::uint32_t>(::getpid()), part::kNamespaces, self) ==
      host::ProcRead::complete)
    knowledge_.pid_namespace = self.pid_namespace;
  auto reader = ProcessReader::create(*std::move(proc), options_, clock_, hashes_.get(),
                                      std::move(hooks.has_answers));
  if (!reader) {
    log(Level::warning, "processes are known from events only",
        {{"error", reader.error().to_string()}});
    return;
  }
  processes_ = *std::move(reader);
}

void HostWatch::open_names() {
  if (!options_.name_service || !options_.user_names) return;
  nss_ = std::make_unique<host::NssNames>();
  auto names = NameResolver::create(*nss_, clock_);
  if (names) names_ = *std::move(names);
}

void HostWatch::seed() {
  auto proc = host::ProcFs::open("/");
  if (!processes_ || !proc) return;
  host::ProcFacts facts;
  std::vector<std::uint32_t> pids;
  if (!proc->list(pids)) return;
  // Ancestors have lower numbers, but for those after the numbers began anew.
  std::ranges::sort(pids);
  const std::uint64_t end_ns = clock_.monotonic_ns() + kSeedNs;
  std::size_t count = 0;
  for (const std::uint32_t pid : pids) {
    if (clock_.monotonic_ns() > end_ns) break;
    ++count;
    const std::uint32_t parts = part::kStat | part::kExe | part::kCgroup | part::kNamespaces |
                                part::kNamespacePid | part::kLogin;
    proc->read(pid, parts, facts);
    if (!facts.knows(part::kStat)) continue;
    const enrich::Process* const process = knowledge_.table.add_from_proc(proc_process(facts));
    if (process == nullptr) continue;
    learn_facts(knowledge_.table, *process, facts, {}, {});
    if (is_reaper(facts)) knowledge_.table.set_reaper(pid);
  }
  knowledge_.table.link_parents();
  // What a state file has and /proc has not ended while nobody looked.
  if (count == pids.size()) {
    knowledge_.table.begin_sweep();
    for (const std::uint32_t pid : pids) knowledge_.table.mark(pid);
    while (!knowledge_.table.end_sweep(clock_.realtime_ns() / kNsPerMs)) {
    }
  }
  log(Level::info, "processes of this host",
      {{"known", std::to_string(knowledge_.table.size())},
       {"left", std::to_string(pids.size() - count)}});
}

void HostWatch::restore(const std::string& state_dir, const std::string& boot_id) {
  enrich::ProcessState state(knowledge_.table, knowledge_.sessions);
  const Status restored = state.restore(state_path(state_dir), boot_id);
  if (restored || restored.error().code == std::errc::no_such_file_or_directory) return;
  // Another boot's is of no use and no news.
  if (restored.error().code == std::errc::invalid_argument) return;
  log(Level::warning, "what the last run knew of processes is lost",
      {{"error", restored.error().to_string()}});
}

void HostWatch::save(const std::string& state_dir, const std::string& boot_id) {
  if (!is_open()) return;
  const enrich::ProcessState state(knowledge_.table, knowledge_.sessions);
  const Status written = state.write(state_path(state_dir), boot_id);
  if (written) return;
  log(Level::warning, "the next run will not know the processes of this one",
      {{"error", written.error().to_string()}});
}

void HostWatch::start() {
  if (names_) names_->start();
  if (hashes_) hashes_->start();
  if (processes_) processes_->start();
}

// The reader first: it gives the hashes their work. What hangs keeps what it uses.
void HostWatch::stop() {
  const auto is_stuck = [](const char* thread) {
    log(Level::warning, "a look-up does not come back; ending without it", {{"thread", thread}});
  };
  if (processes_ && !processes_->stop(kStopMs)) {
    is_stuck("proc");
    static_cast<void>(processes_.release());
    static_cast<void>(hashes_ ? hashes_->stop(kStopMs) : true);
    static_cast<void>(hashes_.release());
  }
  if (hashes_ && !hashes_->stop(kStopMs)) {
    is_stuck("hash");
    static_cast<void>(hashes_.release());
  }
  if (names_ && !names_->stop(kStopMs)) {
    is_stuck("names");
    static_cast<void>(names_.release());
    static_cast<void>(nss_.release());
  }
}

HostStatistics HostWatch::statistics() const noexcept {
  HostStatistics now;
  if (processes_) {
    const ProcessReaderCounters& counters = processes_->counters();
    now.ended = counters.ended.value() + counters.missing.value();
    now.unreadable = counters.unreadable.value();
  }
  if (names_) now.names_asked = names_->asked();
  if (names_) now.names_skipped = names_->dropped();
  if (hashes_) now.hashes_skipped = hashes_->dropped();
  return now;
}

}  // namespace sorrel::agent
