#!/usr/bin/env python3
"""Makes of what the keeper of a lineage scenario wrote (tests/guest/lineage/keeper.py) the truth
that is checked in beside the recording.

  reduce.py KEEPER_FILE AUDIT_LOG SCENARIO RULES >TRUTH.json

Who is who comes from the keeper alone. Of the log it reads only which processes have an exec in it
(`exec`), to list what a recording of execs cannot tell (`may_be_unknown`).

  processes   by name: one program in one process, from start_ms (of the process) to last_ms (the last
              look that saw it). A name is the label; `/fork` behind it is a fork
              that runs the same program still; `#2` is another one of the same name.
  programs    those whose events are checked. `ancestors`: who started it, nearest first, as they were
              when it began, and dead ones too; those after `outside` are older than the audit or
              belong to the driver. `ppid`: its parent then, by the kernel: a reaper for an orphan.
              `spawned_by`: the program before it in the same process, where it told the keeper.
              `forked_from`: what its parent was when the process was made, as far as was seen.
"""
import json
import re
import sys


def identity(seen):
    return seen["pid"], seen["start_ticks"]


def image(seen):
    # Not by comm: a program may call itself something else.
    if not seen["label"]:
        return identity(seen) + (seen["exe"],)  # such a one may also write over its arguments
    return identity(seen) + (seen["exe"], seen["label"], seen["argv_sha256"])


class Truth:
    def __init__(self, lines):
        self.lines = lines
        self.names = {}      # image -> name
        self.processes = {}  # name -> what was seen
        self.births = {}     # identity -> the line in which it had its first parent
        for line in lines:
            for seen in reversed(line["chain"]):
                self.name(seen, line)
            for depth, seen in enumerate(line["chain"]):
                self.births.setdefault(identity(seen), line["chain"][depth:])

    def name(self, seen, line):
        """A name for an image at its first sight; its parent has one already."""
        key = image(seen)
        if key in self.names:
            known = self.processes[self.names[key]]
            known["last_ms"] = line["time_ms"]
            if seen["comm"] not in known["comms"]:
                known["comms"].append(seen["comm"])
            return
        parent = next((p for p in line["chain"] if p["pid"] == seen["ppid"]), None)
        name = seen["label"] or seen["comm"]
        if parent and self.is_fork(seen, parent):
            name = re.sub("#.*", "", self.name_of(parent)) + "/fork"
        unique, count = name, 1
        while unique in self.processes:
            count += 1
            unique = f"{name}#{count}"
        self.names[key] = unique
        self.processes[unique] = dict(seen, comms=[seen["comm"]], last_ms=line["time_ms"])

    @staticmethod
    def is_fork(seen, parent):
        same = ("exe", "label", "argv_sha256") if seen["label"] else ("exe",)
        return all(seen[key] == parent[key] for key in same)

    def name_of(self, seen):
        return self.names[image(seen)]

    def ancestors(self, chain):
        """By birth: a reaper's place is taken by who made the process."""
        seen, result = chain[0], []
        while True:
            born = self.births[identity(seen)]
            if len(born) > 1 and born[0]["ppid"] != seen["ppid"]:
                chain = born
            if len(chain) < 2:
                return result
            chain = chain[1:]
            seen = chain[0]
            result.append(seen)


EXEC = re.compile(r"type=SYSCALL msg=audit\((\d+)\.(\d+):\d+\): .*syscall=(?:59|322) success=yes .*? pid=(\d+) ")


def execs_of(log):
    """By pid: when."""
    result = {}
    for line in open(log, encoding="latin-1"):
        if found := EXEC.match(line):
            seconds, ms, pid = (int(group) for group in found.groups())
            result.setdefault(pid, []).append(seconds * 1000 + ms)
    return result


def has_exec(seen, truth, execs):
    """Whether an exec of this process is in the log: not of another that had its pid earlier or later."""
    later = [p["start_ms"] for p in truth.processes.values()
             if p["pid"] == seen["pid"] and p["start_ticks"] > seen["start_ticks"]]
    end = min(later, default=1 << 62) - 20
    return any(seen["start_ms"] - 20 <= ms < end for ms in execs.get(seen["pid"], ()))


def unknown_by_rules(rules, row, truth):
    """Names of ancestors that the recording cannot name."""
    names, result = row["ancestors"], []
    first_gap = len(names)
    if rules == "execs":
        if row["reaper"]:
            first_gap = 0
        for place, name in enumerate(names):
            if not truth.processes[name]["exec"] or truth.processes[name].get("orphan"):
                first_gap = min(first_gap, place + (1 if truth.processes[name]["exec"] else 0))
    outside = names.index(row["outside"]) if row["outside"] else len(names)
    for place, name in enumerate(names):
        if place >= min(first_gap, outside):
            result.append(name)
    return result


def reduce(lines, log, scenario, rules):
    truth = Truth(lines)
    execs = execs_of(log)
    for process in truth.processes.values():
        process["exec"] = has_exec(process, truth, execs)
    rows, told = [], {}
    for line in lines:
        seen = line["chain"][0]
        previous = told.get(identity(seen))
        told[identity(seen)] = truth.name_of(seen)
        # A shell is told of by what it starts.
        for depth, program in enumerate(line["chain"]):
            if not program["label"] or any(r["name"] == truth.name_of(program) for r in rows):
                continue
            name = truth.name_of(program)
            if "/fork" in name:
                continue
            ancestors = truth.ancestors(line["chain"][depth:])
            names = [truth.name_of(a) for a in ancestors]
            parent = line["chain"][depth + 1]
            row = {"name": name, "ancestors": names, "ppid": program["ppid"],
                   "parent": truth.name_of(parent)}
            row["reaper"] = names[0] != row["parent"]
            if row["reaper"]:
                truth.processes[name]["orphan"] = True
            row["outside"] = next((n for n, a in zip(names, ancestors) if is_outside(a)), None)
            if depth == 0 and previous and "/fork" not in previous:
                row["spawned_by"] = previous
            row["forked_from"] = maker_of(truth, program)
            row["may_be_unknown"] = []
            rows.append(row)
    for row in rows:
        row["may_be_unknown"] = unknown_by_rules(rules, row, truth)
        row["may_be_stale"] = stale(scenario, rules, row["name"])
    if scenario == "pid_reuse" and sum(p["pid"] == 850 for p in truth.processes.values()) < 8:
        sys.exit("reduce.py: the pid was not used again as often as it should; record anew")
    return {"scenario": scenario, "rules": rules,
            "processes": {name: public(process) for name, process in truth.processes.items()},
            "programs": rows}


def maker_of(truth, program):
    """The parent at the first look at a process."""
    return truth.name_of(truth.births[identity(program)][1])


def stale(scenario, rules, name):
    """Where nothing in the recording tells that a pid is another process's now: its first owner's
    end, and the fork and every exec of the second, are all not in it."""
    unseen = {"execs": ["c-child", "h-child"], "noexit": ["h-child"]}
    return scenario == "pid_reuse" and name in unseen.get(rules, [])


def is_outside(seen):
    """The driver, the guest's init and what they are made of."""
    return not seen["label"] and (seen["exe"].endswith("/bash") or seen["pid"] == 1)


def public(process):
    keep = ("pid", "start_ms", "last_ms", "exe", "comms", "argc", "argv_sha256", "label",
            "script", "ses", "auid", "exec")
    return {key: process[key] for key in keep}


def dump(truth):
    """One line for a process or a program, so that a difference between two versions can be read."""
    out = ['{', f'"scenario": {json.dumps(truth["scenario"])}, "rules": {json.dumps(truth["rules"])},',
           '"processes": {']
    out.append(",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in truth["processes"].items()))
    out += ['},', '"programs": [']
    out.append(",\n".join(json.dumps(row) for row in truth["programs"]))
    out += [']', '}']
    return "\n".join(out)


if __name__ == "__main__":
    keeper_file, audit_log, scenario_name, rule_set = sys.argv[1:]
    with open(keeper_file, encoding="ascii") as file:
        print(dump(reduce([json.loads(l) for l in file], audit_log, scenario_name, rule_set)))
