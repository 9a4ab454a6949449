#!/usr/bin/env python3
"""Each curated rule for 32-bit programs fires for 32-bit calls, and without it its key does not come.

    tests/guest/abi32/run.py [--bin DIR] [--console FILE]

user-mode Linux has no 32-bit calls, so this boots a Debian kernel in QEMU. Exit status: 0 as it should
be; 77 something needed is not here (and says what); 1 a rule does not fire, or fires without being there.
"""
import argparse
import collections
import ctypes
import pathlib
import re
import sys
import tempfile

import plan

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))
import qemu  # noqa: E402

AUDIT = ctypes.CDLL("libaudit.so.1")
I386 = 0  # MACH_X86
# The kernel writes each record to the console: those that say no more than the first are left out.
QUIET = "".join(f"-a always,exclude -F msgtype={kind}\n" for kind in (
    "PATH", "CWD", "PROCTITLE", "EXECVE", "SOCKADDR", "CONFIG_CHANGE", "OBJ_PID", "BPF", "MMAP", "FD_PAIR", "LOGIN",
    "CAPSET", "TIME_ADJNTPVAL", "TIME_INJOFFSET", "KERN_MODULE", "ANOM_ABEND", "OPENAT2"))
# What QUIET or the guest has no name for, and what would end the run.
LEFT_OUT = {"00-control", "99-lock"}


def number_of(call):
    return int(call) if call.isdigit() else AUDIT.audit_name_to_syscall(call.encode(), I386)


def plan_lines(steps):
    lines, entries = [], []
    for step in steps:
        place = f"/rules/{step.rule.file}.rules:{step.rule.line}"
        for call, command in zip(step.calls, step.commands):
            lines.append("\t".join([place, step.login, step.user, step.effective or "-", plan.file_for(step, call), step.program, "--32", *command]))
            entries.append((step, call))
    return lines, entries


def guest_files(options, folder, lines, steps):
    passwd = folder / "passwd"
    passwd.write_text("root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n")
    group = folder / "group"
    group.write_text("root:x:0:\nwww-data:x:33:\n")
    (folder / "plan").write_text("\n".join(lines) + "\n")
    # A program that a rule compares makes calls; it can also be the one that is started.
    copies = {path: kind for wanted in ("program", "call") for step in steps for path, kind in step.files.items()
              if kind == wanted}
    source = {"call": "/guest_call", "program": "/guest_true"}
    (folder / "copies").write_text("".join(f"{source[kind]}\t{path}\n" for path, kind in sorted(copies.items())))
    quiet = folder / "00-quiet.rules"
    quiet.write_text(QUIET)
    files = {"etc/passwd": passwd, "etc/group": group, "plan": folder / "plan", "copies": folder / "copies",
             "guest_call": options.bin / "guest_call", "guest_true": options.bin / "guest_true",
             "rules/00-quiet.rules": quiet}
    for path in plan.rules_text.rule_files():
        if path.stem in LEFT_OUT:
            continue
        # What is for aarch64 only is about other folders, which can be made here as well.
        copy = folder / path.name
        copy.write_text(path.read_text().replace("#@ if arch aarch64", "#@ if arch x86_64"))
        files[f"rules/{path.name}"] = copy
    return files


def windows_of(console):
    """(pass, step) -> [(key, number)] of 32-bit calls"""
    windows, window = collections.defaultdict(list), None
    for line in console:
        if mark := re.search(r"op=(loaded|removed)-(\d+)-", line):
            window = (mark.group(1), int(mark.group(2)))
            windows[window]
        elif "op=between-" in line:
            window = None
        elif window and (call := re.search(r"arch=40000003 syscall=(\d+) .*key=\"?([^\" ]+)", line)):
            windows[window].append((call.group(2), int(call.group(1))))
    return windows


def judge(entries, windows):
    failures = []
    for number, (step, call) in enumerate(entries):
        wanted = (step.rule.key, number_of(call))
        expected = {"loaded": step.rule.action == "always", "removed": step.rule.action != "always"}
        for name, should_come in expected.items():
            if (name, number) not in windows:
                failures.append(f"{step.rule.place}: the run '{name}' of {call} is not in the console")
            elif (wanted in windows[name, number]) != should_come:
                seen = sorted(set(windows[name, number]))
                failures.append(f"{step.rule.place}: {name}: {call} {'gave no' if should_come else 'gave the'} "
                                f"event with {step.rule.key}; seen {seen}\n    {step.rule.text}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--console", type=pathlib.Path, help="keep what the guest wrote")
    options = parser.parse_args()
    qemu.need(options.bin / "guest_abi32", options.bin / "guest_call", options.bin / "guest_true")
    steps = plan.all_steps()
    lines, entries = plan_lines(steps)
    with tempfile.TemporaryDirectory(prefix="sorrel-abi32.") as name:
        folder = pathlib.Path(name)
        console = qemu.boot(folder, options.bin / "guest_abi32", guest_files(options, folder, lines, steps),
                            "loglevel=6 audit_backlog_limit=65536", memory=1024)
    if options.console:
        options.console.write_text("\n".join(console))
    told = [line for line in console if line.startswith(("LOADED", "REFUSED", "FAILED", "LOST"))]
    print("\n".join(told))
    if "DONE" not in console:
        print("\n".join(console[-15:]))
        sys.exit("FAILED: the guest did not come to its end")
    failures = judge(entries, windows_of(console))
    for failure in failures:
        print("FAILED:", failure)
    partly = sum(len(step.rule.calls) > len(step.calls) for step in steps)
    print(f"{len(steps)} rules for 32-bit programs, {len(entries)} calls, {len(failures)} failures; of {partly} rules some calls "
          "cannot be made to fail as the rule asks")
    sys.exit(1 if failures or len(steps) < 200 else 0)


main()
