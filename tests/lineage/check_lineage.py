#!/usr/bin/env python3
"""Holds what sorrelctl says of processes to the truth: for each recording of a folder, who started
whom, as the scenario itself knew it (NAME.json beside NAME.log.xz and NAME.audrec.xz; reduce.py says
what is in it).

  check_lineage.py SORRELCTL FOLDER [NAME...]
  check_lineage.py --decoded FILE TRUTH.json        the lines of JSON instead of a program

Of each program: PID, PPID, SPAWNED_BY, ANCESTORS, SESSION, SCRIPT, its arguments byte by byte. A
process may be unknown only where the truth says that the recording cannot tell; that it has another
one's name is always wrong. `may_be_stale` marks what nothing in the recording can tell from an
earlier process of the same number: it is counted, not held against the decoder.

Exit status: 0; 1 with one line for each wrong statement; 77 when no recording is there.
"""
import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
FAKE_ROOT = HERE.parent / "fakeroot"
DEPTH = 4          # of ANCESTORS, by default
TICK_MS = 20       # start times have ticks of 10 ms, and the kernel's stamp is coarse
UNSET = 4294967295
EXECS = ("execve", "execveat")
FORKS = ("clone", "clone3", "fork", "vfork")


def octets(value):
    """The bytes of a string of the output: %xx is a byte, the rest is UTF-8."""
    return urllib.parse.unquote_to_bytes(value.encode("utf-8", "surrogatepass"))


def truth_octets(value):
    return value.encode("latin-1")


class Event:
    def __init__(self, line):
        self.json = json.loads(line)
        self.id = self.json["ID"]
        stamp, _, serial = self.id.partition(":")
        self.ms = int(stamp.replace(".", ""))
        self.serial = int(serial)
        self.call = self.json.get("SYSCALL", {})
        self.name = self.call.get("SYSCALL")
        self.pid = self.call.get("pid")
        self.worked = self.call.get("success") == "yes"

    def is_exec(self):
        return self.worked and self.name in EXECS

    def argv(self):
        return [octets(word) for word in self.json.get("EXECVE", {}).get("ARGV", [])]


class Recording:
    def __init__(self, lines):
        events = (Event(line) for line in lines if line.strip())
        self.events = sorted(events, key=lambda event: event.serial)
        self.by_id = {event.id: event for event in self.events}
        self.execs = {}
        self.logins = {}
        for event in self.events:
            if event.is_exec():
                self.execs.setdefault(event.pid, []).append(event)
            for login in event.json.get("LOGIN", ()):
                self.logins.setdefault(login.get("ses"), event.id)

    def exec_of(self, process, before):
        """The last exec of a process, at most up to an event's serial: the program it ran then."""
        found = [event for event in self.execs.get(process["pid"], ())
                 if process["start_ms"] - TICK_MS <= event.ms <= process["last_ms"]
                 and event.serial < before]
        return found[-1] if found else None

    def exec_by_label(self, process):
        """The exec whose arguments carry a program's label."""
        word = b"label=" + truth_octets(process["label"])
        for event in self.execs.get(process["pid"], ()):
            if process["start_ms"] - TICK_MS <= event.ms <= process["last_ms"]:
                if digest(event.argv()) == process["argv_sha256"] and word in event.argv():
                    return event
        return None


def digest(argv):
    return hashlib.sha256(b"\0".join(argv)).hexdigest()[:16]


def name_problem(said, name, process):
    if octets(said.get("exe", "")) != truth_octets(process["exe"]):
        return f"exe is {said.get('exe')!r}, {name} has {process['exe']!r}"
    if octets(said.get("comm", "")) not in [truth_octets(comm) for comm in process["comms"]]:
        return f"comm is {said.get('comm')!r}, {name} has {process['comms']!r}"
    return None


class Check:
    def __init__(self, truth, recording):
        self.processes = truth["processes"]
        self.programs = {row["name"]: row for row in truth["programs"]}
        self.rules = truth["rules"]
        self.recording = recording
        self.wrong = []
        self.known = self.unknown = self.stale = 0

    def run(self):
        for row in self.programs.values():
            process = self.processes[row["name"]]
            event = self.recording.exec_by_label(process)
            if event is None:
                self.complain(row, "there is no exec event of it, with its arguments")
                continue
            self.check_self(row, process, event)
            self.check_session(row, process, event)
            for what, problem in (("PPID", self.parent_problem(row, event)),
                                  ("SPAWNED_BY", self.spawner_problem(row, event)),
                                  ("ANCESTORS", self.ancestors_problem(row, event))):
                if problem and row["may_be_stale"]:
                    self.stale += 1
                elif problem:
                    self.complain(row, f"{what}: {problem}", event)

    def complain(self, row, text, event=None):
        self.wrong.append(f"{row['name']}{' (' + event.id + ')' if event else ''}: {text}")

    # --- the program itself

    def check_self(self, row, process, event):
        call = event.call
        if call.get("PID", {}).get("EVENT_ID") != event.id:
            self.complain(row, f"PID is {call.get('PID')}", event)
        if call["ppid"] != row["ppid"]:
            self.complain(row, f"ppid is {call['ppid']}, was {row['ppid']}", event)
        if octets(call["exe"]) != truth_octets(process["exe"]):
            self.complain(row, f"exe is {call['exe']!r}, was {process['exe']!r}", event)
        if event.json["EXECVE"]["argc"] != process["argc"]:
            self.complain(row, "another number of arguments", event)
        said = call.get("SCRIPT")
        if (None if said is None else octets(said)) != (
                process["script"] and truth_octets(process["script"])):
            self.complain(row, f"SCRIPT is {said!r}, was {process['script']!r}", event)

    def check_session(self, row, process, event):
        said = event.call.get("SESSION")
        opened = None if process["ses"] == UNSET else self.recording.logins.get(process["ses"])
        if (said or {}).get("EVENT_ID") != opened:
            self.complain(row, f"SESSION is {said}, was opened by {opened}", event)

    # --- the others

    def problem_with(self, said, name, row, event):
        """What is wrong with an object that should be the process `name`; None when it is right."""
        process = self.processes[name]
        if "exe" not in said and "comm" not in said:
            if name in row["may_be_unknown"]:
                self.unknown += 1
                return None
            return f"{name} is unknown"
        problem = name_problem(said, name, process)
        if problem:
            return problem
        if said.get("pid", process["pid"]) != process["pid"]:
            return f"pid is {said['pid']}, {name} has {process['pid']}"
        problem = self.id_problem(said, name, process, event)
        if problem is None:
            self.known += 1
        return problem

    def id_problem(self, said, name, process, event):
        """EVENT_ID is that of the exec which began the program, else of its fork or first sight."""
        if "START_TIME" in said:
            start_ms = int(said["START_TIME"].replace(".", ""))
            right = abs(start_ms - process["start_ms"]) <= 50
            return None if right else f"START_TIME is {said['START_TIME']}, {name} has another"
        began = self.recording.exec_of(process, event.serial)
        known = self.recording.by_id.get(said.get("EVENT_ID"))
        if known is None:
            return f"EVENT_ID {said.get('EVENT_ID')} is none of the recording"
        if began is not None:
            return None if known is began else f"EVENT_ID is {known.id}, {name} began in {began.id}"
        if known.pid == process["pid"] or known.name in FORKS:
            if process["start_ms"] - TICK_MS <= known.ms <= event.ms:
                return None
        return f"EVENT_ID {known.id} is not of {name}"

    def parent_problem(self, row, event):
        """PPID is the process that ppid= names: of an orphan its reaper."""
        said = event.call.get("PPID")
        name = row["parent"]
        if not isinstance(said, dict):
            allowed = name in row["may_be_unknown"] or name in self.outside(row) or row["reaper"]
            return None if allowed else f"{name} is unknown"
        if "exe" in said or "comm" in said:
            return self.problem_with(said, name, row, event)
        return self.id_problem(said, name, self.processes[name], event)

    def outside(self, row):
        """The names from which on ancestors are older than the audit."""
        names = row["ancestors"]
        return names[names.index(row["outside"]):] if row["outside"] else []

    def spawner_problem(self, row, event):
        said = event.call.get("SPAWNED_BY")
        process = self.processes[row["name"]]
        before = [e for e in self.recording.execs.get(event.pid, ())
                  if e.serial < event.serial and e.ms >= process["start_ms"] - TICK_MS]
        if "spawned_by" in row:
            if said is None:
                return f"{row['spawned_by']} is unknown"
            return self.problem_with(said, row["spawned_by"], row, event)
        if before:  # a program that told nobody; the recording knows it
            last = before[-1]
            if (said or {}).get("EVENT_ID") == last.id and said.get("exe") == last.call["exe"]:
                return None
            return f"it is {said}, before was {last.id} {last.call['exe']}"
        name = row["ancestors"][0]
        if said is None:
            return None if name in row["may_be_unknown"] else f"{name} is unknown"
        if said.get("pid") == event.pid:
            # The fork that has not run another program yet: all but the number is its maker's.
            return name_problem(said, row["forked_from"], self.processes[row["forked_from"]])
        return self.first_right(said, [name] + self.by_kernel(row)[:1], row, event)

    def first_right(self, said, names, row, event):
        first = self.problem_with(said, names[0], row, event)
        if first is None or any(self.problem_with(said, n, row, event) is None for n in names[1:]):
            return None
        return first

    def by_kernel(self, row):
        """The ancestors with reapers in the place of makers: all that a recording of execs knows of
        an orphan. Empty where there is no difference, or the recording knows more."""
        names, name = [], row["parent"]
        while self.rules == "execs":
            names.append(name)
            above = self.programs.get(name)
            if above is None:  # one that is not checked: its own ancestors are those of this one
                rest = row["ancestors"]
                names += rest[rest.index(name) + 1:] if name in rest else []
                break
            name = above["parent"]
        return names

    def ancestors_problem(self, row, event):
        said = event.call.get("ANCESTORS", [])
        problem = self.chain_problem(said, row["ancestors"], row, event)
        reapers = self.by_kernel(row)
        if problem and said and reapers and self.chain_problem(said, reapers, row, event) is None:
            return None
        return problem

    def chain_problem(self, said, names, row, event):
        for entry, name in zip(said, names):
            problem = self.problem_with(entry, name, row, event)
            if problem:
                return problem
        if len(said) > len(names):
            return f"{len(said)} of {len(names)}"
        for name in names[len(said):DEPTH]:
            if name not in row["may_be_unknown"]:
                return f"it ends before {name}"
            self.unknown += 1
        return None


def decode(sorrelctl, path):
    command = [sorrelctl, "decode", "--root", str(FAKE_ROOT), str(path)]
    result = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return result.stdout.decode("utf-8", "surrogateescape").split("\n")


def check(name, truth_file, lines):
    """Prints what is wrong; the number of it."""
    test = Check(json.loads(truth_file.read_text(encoding="ascii")), Recording(lines))
    test.run()
    for wrong in test.wrong:
        print(f"{name}: {wrong}")
    print(f"{name}: {len(test.programs)} programs, {test.known} named, {test.unknown} unknown, "
          f"{test.stale} stale, {len(test.wrong)} wrong")
    return len(test.wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decoded", type=pathlib.Path)
    parser.add_argument("words", nargs="+")
    options = parser.parse_args()
    if options.decoded:
        truth = pathlib.Path(options.words[0])
        lines = options.decoded.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
        return 1 if check(truth.stem, truth, lines) else 0
    sorrelctl, folder, *names = options.words
    recordings = [path for path in sorted(pathlib.Path(folder).glob("*.xz"))
                  if not names or path.name.split(".")[0] in names]
    if not recordings:
        print(f"SKIP: no recording in {folder}")
        return 77
    wrong = sum(check(path.name, path.with_name(path.name.split(".")[0] + ".json"),
                      decode(sorrelctl, path)) for path in recordings)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
