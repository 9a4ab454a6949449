#!/usr/bin/env python3
"""The claims of enrichment.sh, looked for in what sorreld wrote.

check_enrichment.py FOLDER SHA256 CONTAINER-ID OLD-PID WWW-PID ORPHAN-PID"""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
sha256, container = sys.argv[2:4]
old, www, orphan = map(int, sys.argv[4:7])
events = [json.loads(line) for line in (folder / "events.json").open()]
failures = []


def claim(what, holds, seen=None):
    if not holds:
        failures.append(what)
        print("NOT SO:", what, *([json.dumps(seen)[:1500]] if seen is not None else []))


def record(event, name):
    value = event.get(name)
    return value[0] if isinstance(value, list) else value


def execs(mark):
    """Of the programs that were started with this argument."""
    return [e for e in events if mark in (record(e, "EXECVE") or {}).get("ARGV", [])]


def of_tool(mark):
    found = [e for e in execs(mark) if e["SYSCALL"]["exe"] in ("/tmp/tool", "/tmp/hashed")]
    claim(f"one start of a tool with {mark}", len(found) == 1, [e["SYSCALL"] for e in execs(mark)])
    event = found[0] if found else {"SYSCALL": {}, "EXECVE": {}}
    claim(f"{mark}: nothing was missed", "PROC" not in event["SYSCALL"], event["SYSCALL"])
    return event


def environment(event):
    return record(event, "EXECVE").get("ENV")


claim("a variable", environment(of_tool("of-environment")) == {"LD_LIBRARY_PATH": "/first"},
      environment(of_tool("of-environment")))
odd = environment(of_tool("of-env"))
claim("variables with odd names",
      odd == {'ODD"\\\\%25é': "1 =2", "ODD%ff": "v%01", "LD_LIBRARY_PATH": "/second"}, odd)
before = [e for e in execs("of-env") if e["SYSCALL"]["exe"] != "/tmp/tool"]
claim("env itself ran with none of what it set",
      len(before) == 1 and not environment(before[0]), before)
claim("another user's environment",
      environment(of_tool("of-www-data")) == {"LD_LIBRARY_PATH": "/www"},
      of_tool("of-www-data"))

in_container = of_tool("of-container")["SYSCALL"].get("PID", {})
claim("a container", in_container.get("container") == {"id": container, "runtime": "docker"},
      in_container)
unit = of_tool("of-unit")["SYSCALL"].get("PID", {})
claim("a unit", (unit.get("unit"), unit.get("slice")) == ("demo.service", "system.slice"), unit)
claim("a service", unit.get("systemd_service") == ["demo"], unit)

login = of_tool("of-login")["SYSCALL"]
opened = [e["ID"] for e in events if "LOGIN" in e and record(e, "LOGIN")["auid"] == 1000]
claim("a session", login["auid"] == 1000 and [login.get("SESSION", {}).get("EVENT_ID")] == opened,
      (login, opened))

first, second = of_tool("first-hashed"), of_tool("second-hashed")
claim("no hash before the file was read", "EXE_HASH" not in first["SYSCALL"], first["SYSCALL"])
later = [record(e, "SORREL_EXE_HASH") for e in events if "SORREL_EXE_HASH" in e]
later = [r for r in later if r["event_id"] == first["ID"]]
claim("the hash in an event of its own",
      [(r["sha256"], r["exe"]) for r in later] == [(sha256, "/tmp/hashed")], later)
claim("the hash in the second event", second["SYSCALL"].get("EXE_HASH") == sha256, second["SYSCALL"])

parent = of_tool("of-the-old")["SYSCALL"]
claim("a parent from before sorreld", parent["ppid"] == old
      and "START_TIME" in parent["PPID"] and parent["PPID"]["comm"] == "bash"
      and parent["PPID"]["exe"].endswith("bash"), parent)

short = [e["SYSCALL"] for e in events if e.get("SYSCALL", {}).get("exe") == "/tmp/true"]
claim("each of the short programs", len(short) == 200, len(short))
marks = {}
for call in short:
    marks[call.get("PROC", "read in time")] = marks.get(call.get("PROC", "read in time"), 0) + 1
print("short programs:", marks)
claim("short programs are marked as what they are",
      set(marks) <= {"ended", "late", "read in time"}, marks)
claim("some were missed", set(marks) - {"read in time"} != set(), marks)
claim("no environment was made up", not any(
    environment(e) for e in events if e.get("SYSCALL", {}).get("exe") == "/tmp/true"))

rows = {}
for line in (folder / "ps.json").open():
    row = json.loads(line)
    for one in row if isinstance(row, list) else [row]:
        rows[one["pid"]] = one
made_by = rows.get(orphan, {}).get("parent", {})
claim("the orphan has its parent", made_by and rows[orphan].get("exe") == "/tmp/tool",
      rows.get(orphan))
gone = rows.get(made_by.get("pid"), {})
claim("the parent has exited and is listed", "exited" in gone and gone.get("comm") == "bash", gone)
claim("another user's old process", rows.get(www, {}).get("exe", "").endswith("/sleep")
      and "start" in rows.get(www, {}), rows.get(www))
tree = (folder / "ps.tree").read_text()
lines = tree.splitlines()
at = [i for i, line in enumerate(lines) if str(orphan) in line.split()]
claim("the tree has the orphan below its parent",
      at and str(made_by.get("pid")) in lines[at[0] - 1].split(), lines[max(0, (at or [0])[0] - 3):][:5])


def user(mark):
    return of_tool(mark)["SYSCALL"].get("UID")


claim("a slow name does not hold the event up", user("slow-first") == "unknown(10001)",
      user("slow-first"))
claim("a dead service does not either", user("dead") == "unknown(20001)", user("dead"))

status = json.loads((folder / "status.json").read_text())
host = status.get("host", {})
print("host:", host)
claim("what was asked is counted", status.get("asked", 0) > 200 and host.get("names_asked", 0) >= 2, host)
claim("/proc of other users can be read", host.get("unreadable") == 0
      and not any(e.get("SYSCALL", {}).get("PROC") == "unreadable" for e in events), host)
sys.exit(1 if failures else 0)
