#!/usr/bin/env python3
"""verdict.py PLAN EVENTS TABLE: judges what run.py did by sorreld's events.

Every rule: with all rules loaded, its trigger gave events with its key, of every system call that the
rule names; with the rule removed, none. (Of a rule that keeps quiet: the other way round.) What
could not be triggered is counted, and told rule by rule in TABLE.
"""
import collections
import ctypes
import json
import re
import sys

AUDIT = ctypes.CDLL("libaudit.so.1")


def number_of(call):
    machine = AUDIT.audit_detect_machine()
    return int(call) if call.isdigit() else AUDIT.audit_name_to_syscall(call.encode(), machine)


def keys_of(event):
    for kind in ("SYSCALL", "URINGOP"):
        records = event.get(kind, [])
        for record in records if isinstance(records, list) else [records]:
            if isinstance(record.get("key"), str):
                yield record["key"], record.get("syscall", record.get("uring_op"))


def read_events(path):
    """mark -> list of (key, number of the system call), by the order of the kernel's serials."""
    lines = []
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            event = json.loads(line)
            lines.append((int(event["ID"].rpartition(":")[2]), line, event))
    lines.sort(key=lambda item: item[0])
    windows, mark = collections.defaultdict(list), 0
    for _, line, event in lines:
        found = re.search(r"mark-(\d+)-", line) if "TEST" in event else None
        if found:
            mark = int(found.group(1))
        for key, call in keys_of(event):
            windows[mark].append((key, call))
    return windows, mark


def main():
    with open(sys.argv[1]) as file:
        plan = json.load(file)
    windows, last = read_events(sys.argv[2])
    failures, partly = [], []
    for entry in plan["entries"]:
        loaded = [call for key, call in windows[entry["loaded"]] if key == entry["key"]]
        removed = [call for key, call in windows[entry["removed"]] if key == entry["key"]]
        is_ring = "always,io_uring" in entry["rule"]
        if entry["action"] == "never":
            loaded, removed = removed, loaded  # it keeps quiet what comes without it
        missing = [call for call in entry["calls"]
                   if not is_ring and number_of(call) not in [int(nr) for nr in loaded]]
        if is_ring and len(set(loaded)) < len(entry["calls"]):
            missing = [f"only operations {sorted(set(loaded))}"]
        others = sorted({key for key, _ in windows[entry["loaded"]]})
        if not loaded:
            failures.append(f"{entry['place']}: never fired (keys seen: {others}): {entry['rule']}\n"
                            f"    {entry['command']}")
        elif missing:
            failures.append(f"{entry['place']}: not seen: {', '.join(missing)}: {entry['rule']}")
        if removed:
            failures.append(f"{entry['place']}: removed, and yet {entry['key']} came: {entry['rule']}")
        if entry["without"]:
            partly.append(f"{entry['place']}: not made here: {', '.join(entry['without'])}")
    with open(sys.argv[3], "w") as table:
        for item in plan["skipped"]:
            table.write(f"{item['place']}\t{item['why']}\t{item['rule']}\n")
    for why, count in collections.Counter(item["why"] for item in plan["skipped"]).items():
        print(f"skipped: {count} rules: {why} (each has a triggered twin)")
    for line in partly:
        print("skipped in part:", line)
    print(f"triggered: {len(plan['entries'])} rules, {last} marks")
    for failure in failures:
        print("FAILED:", failure)
    sys.exit(1 if failures or not plan["entries"] else 0)


main()
