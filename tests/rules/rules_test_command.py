#!/usr/bin/env python3
"""rules_test_command.py SORRELCTL: `sorrelctl rules test` against what a kernel did.

The golden recordings were made under tests/guest/record.rules, and each record of a system call has
the key of the rule that the kernel took. `rules test` must name the same rule, for every event.
"""
import json
import pathlib
import re
import subprocess
import sys
import unittest

SORRELCTL = sys.argv.pop(1)
ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDINGS = ROOT / "tests/golden/recordings"
RULES = ROOT / "tests/guest/record.rules"
# A file that a process names by a path of its own root, after chroot: the rule's folder is the
# host's, and the record does not tell.
OTHER_ROOT = "/seen from the new root"


def run(*words):
    return subprocess.run([SORRELCTL, *map(str, words)], capture_output=True, text=True, errors="surrogateescape")


def calls_of(event):
    for kind in ("URINGOP", "SYSCALL"):
        records = event.get(kind, [])
        yield from records if isinstance(records, list) else [records]


def keys_by_kernel(recording):
    """serial -> key, of events with a key."""
    keys = {}
    for line in run("decode", "--no-enrich", recording).stdout.splitlines():
        event = json.loads(line)
        names = [path.get("name") for path in event.get("PATH", [])]
        found = [call["key"] for call in calls_of(event) if isinstance(call.get("key"), str)]
        if found and OTHER_ROOT not in names:
            keys[int(event["ID"].rpartition(":")[2])] = found[0].replace("%01", "\x01")
    return keys


class AgainstTheKernel(unittest.TestCase):
    def check(self, name, at_least):
        told = run("rules", "test", "--json", "--arch", "x86_64", "--kernel", "6.1", "--rules", RULES, RECORDINGS / name)
        self.assertIn(told.returncode, (0, 1), told.stderr)
        verdicts = {row["serial"]: row for row in map(json.loads, told.stdout.splitlines())}
        keys = keys_by_kernel(RECORDINGS / name)
        self.assertGreaterEqual(len(keys), at_least)
        for serial, key in keys.items():
            with self.subTest(serial=serial, key=key):
                self.assertEqual(verdicts[serial]["verdict"], "caught")
                rule = verdicts[serial]["rule"]
                found = re.findall(r"(?:-F key=|-k )(\S+)", rule)
                self.assertEqual("\x01".join(found), key, rule)

    def test_every_kind_as_the_kernel_sent_it(self):
        self.check("every-kind-raw.audrec.xz", 350)

    def test_every_kind_as_auditd_writes_it(self):
        self.check("every-kind-enriched.log.xz", 350)

    def test_everyday(self):
        self.check("everyday-raw.audrec.xz", 100)


class Status(unittest.TestCase):
    EVENT = ('type=SYSCALL msg=audit(1600000000.123:10): arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 '
             'items=0 ppid=1 pid=2 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 '
             'comm="ls" exe="/usr/bin/ls" key=(null)\n')

    def judged(self, rules, event=EVENT):
        path = pathlib.Path("rules_test_command.rules")
        path.write_text(rules)
        try:
            return subprocess.run([SORRELCTL, "rules", "test", "--arch", "x86_64", "--rules", path, "-"], input=event,
                                  capture_output=True, text=True)
        finally:
            path.unlink()

    def test_caught(self):
        told = self.judged("-a always,exit -F arch=b64 -S execve -k x\n")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("10  caught  execve  by rules_test_command.rules:1", told.stdout)

    def test_missed_and_silenced(self):
        self.assertEqual(self.judged("-a always,exit -F arch=b64 -S openat -k x\n").returncode, 1)
        told = self.judged("-a never,exit -F arch=b64 -S execve\n-a always,exit -F arch=b64 -S execve\n")
        self.assertEqual(told.returncode, 1)
        self.assertIn("silenced", told.stdout)

    def test_wrong_rules(self):
        told = self.judged("-a always,exit -F arch=b64 -S nothing\n")
        self.assertEqual(told.returncode, 2)
        self.assertIn("call-unknown", told.stderr)

    def test_a_login_needs_no_rule(self):
        told = self.judged("-w /etc/passwd -p wa\n", "type=USER_LOGIN msg=audit(1600000000.123:11): pid=1 uid=0 auid=1 ses=1 "
                           "msg='op=login res=success'\n")
        self.assertEqual(told.returncode, 0)
        self.assertIn("needs no rule", told.stdout)

    def test_explain_takes_a_rule_quoted_or_not(self):
        attack = ROOT / "rules/attack.yaml"
        words = ["-w", "/etc/my file", "-p", "wa", "-k", "s:identity.account"]
        split = run("rules", "explain", "--attack", attack, *words)
        self.assertEqual(split.returncode, 0, split.stderr)
        whole = run("rules", "explain", "--attack", attack, "--json", "-w '/etc/my file' -p wa -k s:identity.account")
        self.assertEqual(whole.returncode, 0, whole.stderr)
        self.assertIn("the file /etc/my file is meant", split.stdout)
        self.assertIn("T1136.001 Local Account", split.stdout)
        told = json.loads(whole.stdout)
        self.assertEqual(told["attack"][0], {"id": "T1136.001", "name": "Local Account"})
        self.assertEqual(told["rule"], "-w /etc/my\\ file -p wa -k s:identity.account")

    def test_cost_names_the_dearest(self):
        path = pathlib.Path("rules_cost_command.rules")
        path.write_text("-a always,exit -F arch=b64 -S reboot -k a\n-a always,exit -S all -F dir=/tmp -k b\n")
        try:
            told = run("rules", "cost", "--json", "--arch", "x86_64", "--call", "getppid", path)
        finally:
            path.unlink()
        self.assertEqual(told.returncode, 0, told.stderr)
        costs = json.loads(told.stdout)
        self.assertEqual(costs["dearest"][0]["place"], "rules_cost_command.rules:2")
        self.assertLess(costs["calls"]["getppid"], costs["calls"]["openat"])
        self.assertEqual(run("rules", "cost", "--call", "no_such_call", path).returncode, 2)


unittest.main()
