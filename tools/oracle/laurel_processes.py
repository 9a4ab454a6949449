"""What LAUREL 0.8.2 says of processes, and what it would say without some of its faults.

PID, PPID and SPAWNED_BY of an event depend on all events before it, so one fault shows in many later
ones: no pattern over a single record tells it from a mistake of ours. So its table is modelled here,
written from what it does, and run once as it is and once more for each fault that is mended, in the order
of FAULTS. A difference is explained by a fault when the model as it is says what LAUREL says, and,
with that fault mended, what we say: no less.
"""
import dataclasses
import re
from typing import Optional

import ausearch_values as values
from sorrel import to_bytes

FAULTS = (
    "failed exec",      # an execve that failed makes a new process
    "orphan",           # so does a process that gets a new parent, unless that is process 1, and known
    "reuse",            # forks, exits and what else tells that a pid may be another process's now are not looked at
)
KEYS = ("PID", "PPID", "SPAWNED_BY")
FIELD = re.compile(rb' (arch|syscall|success|exit|a0|ppid|pid|ses|comm|exe)=("[^"]*"|\S*)')
# Numbers of calls: linux/arch/x86/entry/syscalls, linux/include/uapi/asm-generic/unistd.h.
CALLS = {
    b"c000003e": {56: "clone", 57: "fork", 58: "fork", 59: "exec", 231: "exit", 322: "exec", 435: "clone3"},
    b"40000003": {2: "fork", 11: "exec", 120: "clone", 190: "fork", 252: "exit", 358: "exec", 435: "clone3"},
    b"c00000b7": {94: "exit", 220: "clone", 221: "exec", 281: "exec", 435: "clone3"},
}
CLONE_THREAD = 0x10000
UNSET = 4294967295
# A number that clone returns is one of the caller's pid namespace: one just above the caller's own is
# taken for a pid of the records, any other only when the child's first event confirms it.
PLAUSIBLE_STEP = 1024


@dataclasses.dataclass
class Call:
    id: str
    time_ms: int
    kind: str
    success: bool
    exit: int
    is_thread: bool
    pid: int
    ppid: int
    ses: int
    comm: bytes
    exe: bytes


@dataclasses.dataclass(eq=False)
class Process:
    id: str
    pid: int
    ppid: int
    comm: bytes
    exe: bytes
    ses: int = UNSET
    parent: Optional["Process"] = None
    previous: Optional["Process"] = None
    is_forked: bool = False            # made by a fork, and not seen itself yet
    ended_ms: Optional[int] = None


def time_ms(event_id):
    return int(event_id.partition(":")[0].replace(".", ""))


def parse(record):
    """The Call of a SYSCALL record."""
    fields = {key.decode(): value for key, value in FIELD.findall(b" " + record.body)}
    number = lambda key, base=10: int(fields.get(key) or b"0", base)  # noqa: E731
    kind = CALLS.get(fields.get("arch"), {}).get(number("syscall"), "")
    text = lambda key: b"" if fields.get(key) in (None, b"(null)") else values.decoded(fields[key])  # noqa: E731
    return Call(record.id, time_ms(record.id), kind, fields.get("success") == b"yes", number("exit"),
                kind == "clone" and bool(number("a0", 16) & CLONE_THREAD), number("pid"), number("ppid"),
                number("ses"), text("comm"), text("exe"))


def same_file(a, b):
    deleted = b" (deleted)"
    return not a or not b or a.removesuffix(deleted) == b.removesuffix(deleted)


class Table:
    """Its table of processes, with some faults mended."""

    def __init__(self, mended):
        self.mended, self.current, self.pending = set(mended), {}, {}

    def at(self, pid, time):
        """Who has this pid now."""
        process = self.current.get(pid)
        if process and process.ended_ms is not None and time > process.ended_ms:
            return None
        return process

    def login(self, pid, ses):
        if pid in self.current:
            self.current[pid].ses = ses

    def see(self, call):
        """(process, parent by the record's ppid, spawner) of a system call."""
        parent = self.at(call.ppid, call.time_ms)
        known = self.known(call, parent)
        is_exec = call.kind == "exec" and (call.success or "failed exec" not in self.mended)
        if known and not is_exec and known.exe != call.exe:
            if "reuse" in self.mended:
                known = known if same_file(known.exe, call.exe) else None
            else:
                is_exec = True
        if not known:
            known = self.confirmed(call, is_exec)
        if known and known.is_forked:
            known.id, known.is_forked, known.parent = call.id, False, self.parent_now(known, call)
            if is_exec:
                known.comm, known.exe = call.comm, call.exe
        elif is_exec or not known:
            known = self.begin(call, known, parent)
        self.current[call.pid] = known
        if "reuse" in self.mended:
            self.learn(call, known)
        if "orphan" in self.mended and not (known.parent and known.parent.pid == call.ppid):
            named = parent
        else:
            named = known.parent
        return known, named, known.previous or known.parent

    def known(self, call, parent):
        known = self.at(call.pid, call.time_ms)
        if not known:
            return None
        if "reuse" in self.mended and known.ses not in (UNSET, call.ses):
            return None
        if known.ppid == call.ppid:
            return None if "reuse" in self.mended and self.is_reused_parent(known, call) else known
        if "orphan" in self.mended:
            if call.ppid != 1 and call.ppid not in self.ancestors(known):
                return None
            known.ppid = call.ppid
            return known
        return known if parent and parent.pid == 1 else None

    @staticmethod
    def ancestors(process):
        pids = set()
        while process.parent and len(pids) < 32:
            process = process.parent
            pids.add(process.pid)
        return pids

    def is_reused_parent(self, known, call):
        """A process whose parent's pid is another process's would have another parent by now. It may be the
        parent itself after an exec that was not recorded; not so when that has another parent."""
        first = self.current.get(known.ppid)
        if not first or not known.parent or known.parent.pid != known.ppid:
            return False
        while first is not known.parent:
            if not first.previous:
                return first.ppid != known.parent.ppid and time_ms(first.id) <= call.time_ms
            first = first.previous
        return False

    def begin(self, call, known, parent):
        if known and "orphan" in self.mended and known.parent and known.parent.pid != call.ppid:
            parent = known.parent
        return Process(call.id, call.pid, call.ppid, call.comm, call.exe, call.ses, parent, known)

    def parent_now(self, known, call):
        """The program that the parent runs by now."""
        process = newest = self.at(call.ppid, call.time_ms)
        while process and process.pid == call.ppid:
            if process is known.parent:
                return newest
            process = process.previous
        return known.parent

    def confirmed(self, call, is_exec):
        forked = self.pending.get(call.pid)
        if forked and forked.parent.pid == call.ppid and (is_exec or same_file(forked.parent.exe, call.exe)):
            return self.pending.pop(call.pid)
        return None

    def learn(self, call, process):
        if call.kind == "exit":
            process.ended_ms = call.time_ms
        if call.kind not in ("clone", "clone3", "fork") or not call.success or call.exit <= 0 or call.is_thread:
            return
        seen = self.current.get(call.exit)
        if seen and time_ms(seen.id) >= call.time_ms:
            self.adopt(seen, process, call)
            return
        child = Process(call.id, call.exit, call.pid, process.comm, process.exe, process.ses, process, is_forked=True)
        if call.kind != "clone3" and 0 < call.exit - call.pid < PLAUSIBLE_STEP:
            self.current[call.exit] = child
        else:
            self.pending[call.exit] = child

    @staticmethod
    def adopt(seen, parent, call):
        """The child was seen before its fork was, as with vfork."""
        if seen.ppid != call.pid:
            return
        seen.parent = parent
        while seen.previous:
            if time_ms(seen.previous.id) < call.time_ms:
                seen.previous = None
                return
            seen = seen.previous
            seen.parent = parent


def answer(process, parent, spawner):
    """The keys of an event, flat, values as bytes: {"PPID.comm": ...}."""
    found = {"PID.EVENT_ID": process.id.encode()}
    for key, other in (("PPID", parent), ("SPAWNED_BY", spawner)):
        if not other:
            continue
        found[f"{key}.EVENT_ID"] = other.id.encode()
        if key == "SPAWNED_BY":
            found[f"{key}.pid"] = other.pid
        elif other.ppid:
            found[f"{key}.ppid"] = other.ppid
        found.update({f"{key}.{name}": value for name, value in (("comm", other.comm), ("exe", other.exe)) if value})
    return found


def said(value):
    return to_bytes(value) if isinstance(value, str) else value


class Model:
    """All stages over a recording; explain() asks them."""

    def __init__(self, records):
        tables = [Table(FAULTS[:count]) for count in range(len(FAULTS) + 1)]
        self.answers = [{} for _ in tables]
        for record in records:
            if record.type == "LOGIN":
                login = re.search(rb"pid=(\d+) .*(?<!old-)\bses=(\d+)", record.body)
                for table in tables if login else ():
                    table.login(int(login[1]), int(login[2]))
            if record.type != "SYSCALL":
                continue
            call = parse(record)
            for table, answers in zip(tables, self.answers):
                answers[record.id] = answer(*table.see(call)) if call.pid else {}

    def explain(self, event, key, ours, theirs):
        """The first fault that, mended as those before it, makes it say what we say (None: nothing); "" for none."""
        if key.split(".")[0] not in KEYS:
            return ""
        for fault, answers in zip(("",) + FAULTS, self.answers):
            wanted = answers.get(event, {})
            if isinstance(theirs, dict):  # an object that we do not have at all
                parts = {f"{key}.{name}": said(value) for name, value in theirs.items()}
                is_theirs = parts == {name: wanted[name] for name in wanted if name.startswith(f"{key}.")}
                is_ours = ours is None and f"{key}.EVENT_ID" not in wanted
            else:
                is_theirs, is_ours = wanted.get(key) == said(theirs), wanted.get(key) == said(ours)
            if not fault and not is_theirs:
                return ""
            if fault and is_ours:
                return fault
        return ""
