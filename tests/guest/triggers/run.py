#!/usr/bin/env python3
"""Has auditctl load rules/audit, and runs every rule's trigger twice: with all rules, and with this
one rule removed. For a test guest only, in a writable root (tests/guest/rules_triggers.sh).

run.py SORREL_BIN AUDITCTL PLAN: writes PLAN, a JSON list that verdict.py reads beside the events.
Each run lies between two messages of its own in the kernel's stream: serial numbers tell them apart.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import rules_text

BIN, AUDITCTL, PLAN = (pathlib.Path(argument) for argument in sys.argv[1:4])
# These run the test itself, or know how to make a connection: they stay what they are.
KEPT = {"/usr/bin/bash", "/usr/bin/busybox", "/usr/bin/perl", os.path.realpath(sys.executable)}


def auditctl(*words):
    result = subprocess.run([AUDITCTL, *words], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"auditctl {' '.join(map(str, words))}: {result.stdout}{result.stderr}")
    return result.stdout


def put_program(path):
    """The program that makes system calls takes the name of one that a rule names."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if str(path) in KEPT and path.exists():
        return
    path.unlink(missing_ok=True)
    shutil.copy(BIN / "guest_call", path)


def prepare(rules):
    """Everything that a rule names is there before the rules are."""
    for path in ("/usr/local/bin/guest_call", "/usr/local/bin/set-user-id"):
        put_program(path)
    os.chmod("/usr/local/bin/set-user-id", 0o4755)
    shutil.copy(BIN / "guest_ring", "/usr/local/bin/guest_ring")
    for rule in rules:
        if "exe" in rule.fields:
            put_program(rule.fields["exe"])
        if not rule.path or rule.path.startswith("/proc/"):
            continue
        path = pathlib.Path(rule.path)
        folder = path if "dir" in rule.fields else path.parent
        folder.mkdir(parents=True, exist_ok=True)
        if rule.fields.get("perm") == "x":
            put_program(path)
        elif "dir" in rule.fields and rule.fields.get("perm") == "r":
            (path / "trigger").touch()
        elif "path" in rule.fields and rule.fields.get("perm") != "wa":
            path.touch()
    pathlib.Path("/root/trigger").touch(mode=0o600)
    os.chmod("/root", 0o700)
    for folder in ("/var/www", "/srv/www"):
        os.chmod(folder, 0o777)


def loaded_rules():
    return int(subprocess.run([BIN / "guest_rules", "list"], check=True, capture_output=True).stdout)


def check_with_auditctl(rules):
    """auditctl takes the files as augenrules would hand them over. (Not io_uring's list, which few
    builds of auditctl know, and not the lock.)"""
    text = []
    for path in rules_text.rule_files():
        if path.stem not in ("99-lock", "21-io-uring-ops"):
            text += path.read_text().splitlines()
    pathlib.Path("/tmp/all.rules").write_text("\n".join(text) + "\n")
    auditctl("-R", "/tmp/all.rules")
    loaded, wanted = loaded_rules(), sum(rule.filter == "exit" for rule in rules)
    print(f"auditctl loaded {loaded} of {wanted} rules")
    auditctl("-D")
    if loaded != wanted:
        sys.exit("FAILED: auditctl did not load every rule")


def load(rules):
    """By the program that takes them away one by one later, so that both write a rule the same way."""
    text = "".join(rule.text + "\n" for rule in rules)
    subprocess.run([BIN / "guest_rules", "-"], input=text, text=True, check=True)
    if loaded_rules() != len(rules):
        sys.exit(f"FAILED: {loaded_rules()} of {len(rules)} rules were loaded")


class Runner:
    """One shell for the triggers and one program for rules and marks: a process started for each step
    would take most of the time."""

    def __init__(self):
        self.marks = 0
        self.rules = self.start([BIN / "guest_rules", "serve"])
        self.shell = self.start(["bash"])
        self.ask(self.shell, f". {rules_text.TRIGGERS}/lib.sh; cd /root; echo done")

    @staticmethod
    def start(command):
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @staticmethod
    def ask(process, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        if process.stdout.readline() != "done\n":
            sys.exit(f"FAILED: no answer to: {line}")

    def mark(self):
        self.marks += 1
        self.ask(self.rules, f"-m op=mark-{self.marks}-")
        return self.marks

    def run(self, command):
        """Runs a trigger; returns the mark before it. What the commands say is of no interest."""
        mark = self.mark()
        self.ask(self.shell, f"( {command} ) </dev/null >/dev/null 2>&1; echo done")
        self.mark()
        return mark

    def change(self, rule, option):
        """Removes a rule (-d), or appends it again (-a)."""
        self.ask(self.rules, rule.text.replace("-a", option, 1))


def main():
    rules = rules_text.all_rules()
    triggers = rules_text.read_triggers()
    prepare(rules)
    check_with_auditctl(rules)
    load(rules)
    runner = Runner()
    entries = []
    for rule in rules:
        if rule.is_for_32_bit():
            continue
        trigger = rules_text.trigger_of(rule, triggers)
        command = trigger.command_for(rule)
        entries.append({"place": rule.place, "rule": rule.text, "key": rule.key, "action": rule.action,
                        "calls": [call for call in rule.calls if call not in trigger.without],
                        "without": trigger.without, "command": command,
                        "loaded": runner.run(command), "object": rule})
    # From the last to the first: each goes and comes back at the end of the list, where it is before
    # no other rule than those that have been done.
    for entry in reversed(entries):
        rule = entry.pop("object")
        runner.change(rule, "-d")
        entry["removed"] = runner.run(entry["command"])
        runner.change(rule, "-a")
    skipped = [{"place": rule.place, "rule": rule.text,
                "why": "user-mode Linux has no 32-bit system calls (see tests/guest/abi32)"}
               for rule in rules if rule.is_for_32_bit()]
    PLAN.write_text(json.dumps({"entries": entries, "skipped": skipped}))


main()
