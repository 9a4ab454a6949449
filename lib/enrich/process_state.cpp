#include "enrich/process_state.h"

#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/siphash.h"
#include "enrich/state_bytes.h"

namespace sorrel::enrich {
namespace {

constexpr std::string_view kMagic = "SORRELPS";
constexpr std::size_t kChecksumBytes = 16;
constexpr Hash128 kChecksumKey = {0x736f7272656c, 0x70726f636573};
constexpr std::size_t kMaxBootIdBytes = 64;
constexpr std::uint32_t kNoEntry = ~std::uint32_t{0};
constexpr std::uint8_t kKeptFlags =
    static_cast<std::uint8_t>(~(Process::kMark | Process::kUnconfirmed));
// The least that one of each takes: texts without their bytes.
constexpr std::size_t kMinTextBytes = 4;
constexpr std::size_t kMinFactsBytes = 6 * 4 + 2 * 8;
constexpr std::size_t kMinSessionBytes = 2 * 4 + 5 * 4;
constexpr std::size_t kMinEntryBytes = 2 + 10 * 4 + 2 * 8;

struct StoredProcess {
  std::string_view id;
  std::uint64_t ticks;
  std::uint8_t flags;
  bool is_newest;  // of its pid
  std::uint32_t pid, ppid, parent, previous, comm, exe, session, auid, facts;
  std::uint64_t seen_ms;
};

struct Stored {
  std::vector<std::string_view> texts;
  std::vector<ProcessFacts> facts;
  std::vector<Session> sessions;
  std::vector<StoredProcess> processes;
};

std::string checksum(std::string_view bytes) {
  const Hash128 hash = siphash_128(kChecksumKey, bytes);
  StateWriter out;
  out.number(hash[0]);
  out.number(hash[1]);
  return out.take();
}

// Numbers of what is written, in the order of their first use.
class Numbering {
 public:
  std::uint32_t number(std::uint32_t id) {
    const auto [found, is_new] =
        numbers_.try_emplace(id, static_cast<std::uint32_t>(in_order.size()));
    if (is_new) in_order.push_back(id);
    return found->second;
  }
  std::vector<std::uint32_t> in_order;

 private:
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;
};

void write_facts(StateWriter& out, const ProcessFacts& facts) {
  for (const std::string* text :
       {&facts.container_id, &facts.runtime, &facts.pod, &facts.unit, &facts.slice,
        &facts.user_unit, &facts.services, &facts.container_name, &facts.container_image})
    out.text(*text);
  out.number(facts.pid_namespace);
  out.number(facts.mount_namespace);
}

ProcessFacts read_facts(StateReader& in) {
  ProcessFacts facts;
  for (std::string* text :
       {&facts.container_id, &facts.runtime, &facts.pod, &facts.unit, &facts.slice,
        &facts.user_unit, &facts.services, &facts.container_name, &facts.container_image})
    *text = in.text(FactsTable::kMaxText);
  facts.pid_namespace = in.number<std::uint64_t>();
  facts.mount_namespace = in.number<std::uint64_t>();
  return facts;
}

void write_session(StateWriter& out, const Session& session) {
  std::array<char, PackedId::kTextRoom> room{};
  out.number(session.number);
  out.number(session.auid);
  out.text(unpack_id(session.opened_by, room.data()));
  for (const std::string* text :
       {&session.exe, &session.address, &session.terminal, &session.hostname})
    out.text(*text);
}

Session read_session(StateReader& in) {
  Session session;
  session.number = in.number<std::uint32_t>();
  session.auid = in.number<std::uint32_t>();
  session.opened_by = pack_id(in.text(PackedId::kMaxText));
  for (std::string* text : {&session.exe, &session.address, &session.terminal, &session.hostname})
    *text = in.text(Sessions::kMaxText);
  return session;
}

StoredProcess read_process(StateReader& in) {
  StoredProcess stored{};
  stored.id = in.text(PackedId::kMaxText);
  stored.ticks = in.number<std::uint64_t>();
  stored.flags = in.number<std::uint8_t>();
  stored.is_newest = in.number<std::uint8_t>() != 0;
  for (std::uint32_t* number :
       {&stored.pid, &stored.ppid, &stored.parent, &stored.previous, &stored.comm, &stored.exe,
        &stored.session, &stored.auid, &stored.facts})
    *number = in.number<std::uint32_t>();
  stored.seen_ms = in.number<std::uint64_t>();
  return stored;
}

// Numbers lead to what is there, and each pid has one newest entry, which alone may be current.
bool is_consistent(const Stored& stored) {
  std::unordered_map<std::uint32_t, int> newest;
  for (const StoredProcess& process : stored.processes) {
    const bool is_current = (process.flags & (Process::kEnded | Process::kReplaced)) == 0;
    const auto leads = [&](std::uint32_t link) {
      return link == kNoEntry || link < stored.processes.size();
    };
    if (process.pid == 0 || process.seen_ms > Process::kLatestMs || !leads(process.parent) ||
        !leads(process.previous) || process.comm >= stored.texts.size() ||
        process.exe >= stored.texts.size() || process.facts >= stored.facts.size() ||
        (process.flags & ~kKeptFlags) != 0 || (is_current && !process.is_newest) ||
        (process.is_newest && ++newest[process.pid] > 1))
      return false;
  }
  return true;
}

bool read_all(StateReader& in, Stored& stored) {
  for (std::uint32_t left = in.count(kMinTextBytes); left > 0; --left)
    stored.texts.push_back(in.text(InternedStrings::kMaxText));
  for (std::uint32_t left = in.count(kMinFactsBytes); left > 0; --left)
    stored.facts.push_back(read_facts(in));
  for (std::uint32_t left = in.count(kMinSessionBytes); left > 0; --left)
    stored.sessions.push_back(read_session(in));
  for (std::uint32_t left = in.count(kMinEntryBytes); left > 0; --left)
    stored.processes.push_back(read_process(in));
  return in.at_end() && is_consistent(stored);
}

}  // namespace

std::string ProcessState::to_bytes(std::string_view boot_id) const {
  const ProcessStore& store = table_.store_;
  // The lists' order is kept, so that the oldest stay the oldest.
  Numbering entries;
  for (const ProcessStore::List list : {ProcessStore::gone, ProcessStore::current})
    for (auto slot = store.oldest(list); slot != ProcessStore::kNone; slot = store.next(slot))
      entries.number(slot);

  Numbering texts;
  Numbering facts;
  StateWriter body;
  body.number(static_cast<std::uint32_t>(entries.in_order.size()));
  const auto entry_number = [&](ProcessLink link) {
    return store.get(link) != nullptr ? entries.number(link.slot()) : kNoEntry;
  };
  for (const std::uint32_t slot : entries.in_order) {
    const Process& process = store.at(slot);
    std::array<char, PackedId::kTextRoom> room{};
    body.text(unpack_id(process.id, room.data()));
    const bool is_start = (process.flags & Process::kFromProc) != 0;
    body.number(is_start ? start_ticks_of(process.id) : std::uint64_t{0});
    body.number(static_cast<std::uint8_t>(process.flags & kKeptFlags));
    body.number(static_cast<std::uint8_t>(table_.index_.find(process.pid) == slot));
    for (const std::uint32_t number :
         {process.pid, process.ppid, entry_number(process.parent), entry_number(process.previous),
          texts.number(process.comm), texts.number(process.exe), process.session, process.auid,
          facts.number(process.facts)})
      body.number(number);
    body.number(process.seen_ms());
  }

  StateWriter out;
  out.raw(kMagic);
  out.number(kVersion);
  out.text(boot_id);
  out.number(static_cast<std::uint32_t>(texts.in_order.size()));
  for (const std::uint32_t id : texts.in_order) out.text(table_.strings_.text(id));
  out.number(static_cast<std::uint32_t>(facts.in_order.size()));
  for (const std::uint32_t id : facts.in_order)
    write_facts(out, table_.facts_.facts(static_cast<FactsTable::Id>(id)));
  out.number(static_cast<std::uint32_t>(sessions_.size()));
  for (std::size_t i = 0; i < sessions_.size(); ++i) write_session(out, sessions_.at(i));
  out.raw(body.bytes());
  return with_state_checksum(out.bytes());
}

std::string with_state_checksum(std::string_view bytes) {
  std::string whole(bytes);
  whole += checksum(bytes);
  return whole;
}

Status ProcessState::from_bytes(std::string_view bytes, std::string_view boot_id) {
  SORREL_CHECK(table_.size() == 0 && sessions_.size() == 0, "state is restored into empty tables");
  StateReader in(bytes);
  if (in.raw(kMagic.size()) != kMagic)
    return fail(std::errc::bad_message, "this is no process state of sorrel; remove it");
  const auto version = in.number<std::uint32_t>();
  if (in.ok() && version > kVersion)
    return fail(std::errc::not_supported, "process state of version " + std::to_string(version) +
                                              ", which a newer sorrel wrote; this one reads 1");
  if (version != kVersion || bytes.size() < kChecksumBytes ||
      checksum(bytes.substr(0, bytes.size() - kChecksumBytes)) !=
          bytes.substr(bytes.size() - kChecksumBytes))
    return fail(std::errc::bad_message, "the process state is damaged: its checksum is wrong");
  in = StateReader(bytes.substr(0, bytes.size() - kChecksumBytes));
  in.raw(kMagic.size());
  in.number<std::uint32_t>();
  if (in.text(kMaxBootIdBytes) != boot_id)
    return fail(std::errc::invalid_argument, "the process state is of another boot");
  Stored stored;
  if (!read_all(in, stored))
    return fail(std::errc::bad_message, "the process state contradicts itself");

  for (const Session& session : stored.sessions) {
    if (session.number == Session::kUnset) continue;
    sessions_.place_of(session.number) = session;
  }
  std::vector<FactsTable::Id> facts;
  for (ProcessFacts& set : stored.facts) facts.push_back(table_.facts_.intern(std::move(set)));
  std::vector<ProcessLink> links;
  for (const StoredProcess& process : stored.processes) {
    Process draft;
    draft.id = pack_id(process.id);
    if ((process.flags & Process::kFromProc) != 0)
      draft.id = pack_start(time_ms_of(draft.id), process.ticks);
    draft.flags = static_cast<std::uint8_t>(process.flags | Process::kUnconfirmed);
    draft.pid = process.pid;
    draft.ppid = process.ppid;
    draft.comm = table_.intern(stored.texts[process.comm]);
    draft.exe = table_.intern(stored.texts[process.exe]);
    draft.session = process.session;
    draft.auid = process.auid;
    draft.facts = facts[process.facts];
    draft.set_seen_ms(process.seen_ms);
    links.push_back(table_.place_restored(draft, process.is_newest));
  }
  for (std::size_t i = 0; i < links.size(); ++i) {
    const auto link = [&](std::uint32_t number) {
      return number == kNoEntry ? ProcessLink{} : links[number];
    };
    table_.link_restored(links[i], link(stored.processes[i].parent),
                         link(stored.processes[i].previous));
  }
  for (const FactsTable::Id id : facts) table_.facts_.release(id);
  return Ok{};
}

}  // namespace sorrel::enrich
