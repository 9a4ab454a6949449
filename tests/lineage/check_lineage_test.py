#!/usr/bin/env python3
"""check_lineage.py itself: it accepts what is right, and each wrong statement is found."""
import copy
import json
import unittest

import check_lineage

UNSET = check_lineage.UNSET


def process(pid, start_ms, exe, argv, **more):
    result = {"pid": pid, "start_ms": start_ms, "last_ms": start_ms + 5000, "exe": exe,
              "comms": [exe.rsplit("/", 1)[-1]], "argc": len(argv),
              "argv_sha256": check_lineage.digest([a.encode("latin-1") for a in argv]),
              "label": argv[1].removeprefix("label="), "script": None, "ses": UNSET, "auid": UNSET,
              "exec": True}
    return dict(result, **more)


def exec_event(serial, ms, pid, ppid, exe, argv, **added):
    call = {"SYSCALL": "execve", "success": "yes", "pid": pid, "ppid": ppid,
            "comm": exe.rsplit("/", 1)[-1], "exe": exe, "PID": {"EVENT_ID": event_id(serial, ms)}}
    return {"ID": event_id(serial, ms), "SYSCALL": dict(call, **added),
            "EXECVE": {"argc": len(argv), "ARGV": argv}}


def event_id(serial, ms):
    return f"{ms // 1000}.{ms % 1000:03}:{serial}"


def of(serial, ms, pid, exe):
    return {"EVENT_ID": event_id(serial, ms), "pid": pid, "comm": exe.rsplit("/", 1)[-1], "exe": exe}


# Number 100 is a backup program first, then a web server that starts a tool.
BACKUP, SERVER, TOOL = ["backup", "label=old"], ["httpd", "label=server"], ["tool", "label=tool", "\u00ff%"]
OLD, NEW = of(1, 10_000, 100, "/bin/backup"), of(2, 20_000, 100, "/bin/httpd")


def truth():
    row = {"ppid": 1, "parent": "init", "reaper": False, "outside": "init", "ancestors": ["init"],
           "may_be_unknown": ["init"], "may_be_stale": False, "forked_from": "init"}
    return {
        "scenario": "made by hand", "rules": "full",
        "processes": {
            "init": dict(process(1, 0, "/init", ["init", ""], exec=False), label=None),
            "old": process(100, 10_000, "/bin/backup", BACKUP),
            "server": process(100, 20_000, "/bin/httpd", SERVER),
            "tool": process(101, 20_100, "/bin/tool", TOOL, ses=7, script=None)},
        "programs": [
            dict(row, name="old"), dict(row, name="server"),
            dict(row, name="tool", ppid=100, parent="server", forked_from="server", ancestors=["server", "init"])]}


def lines():
    return [
        {"ID": event_id(9, 20_050), "LOGIN": [{"ses": 7}]},
        exec_event(1, 10_000, 100, 1, "/bin/backup", BACKUP),
        exec_event(2, 20_000, 100, 1, "/bin/httpd", SERVER),
        exec_event(3, 20_100, 101, 100, "/bin/tool", ["tool", "label=tool", "%c3%bf%25"],
                   PPID={"EVENT_ID": NEW["EVENT_ID"]}, SPAWNED_BY=NEW, ANCESTORS=[NEW],
                   SESSION={"EVENT_ID": event_id(9, 20_050)})]


class CheckLineage(unittest.TestCase):
    def setUp(self):
        self.truth = truth()
        # An argument that is no UTF-8: one byte, which the output writes as %ff.
        self.lines = lines()
        self.lines[3]["EXECVE"]["ARGV"][2] = "%ff%25"
        self.call = self.lines[3]["SYSCALL"]

    def wrong(self):
        test = check_lineage.Check(self.truth, check_lineage.Recording(map(json.dumps, self.lines)))
        test.run()
        self.stale = test.stale
        return test.wrong

    def assert_wrong(self, *parts):
        wrong = self.wrong()
        self.assertEqual(len(wrong), 1, wrong)
        for part in parts:
            self.assertIn(part, wrong[0])

    def test_accepts_what_is_right(self):
        self.assertEqual(self.wrong(), [])

    def test_finds_the_name_of_an_earlier_process_of_the_same_number(self):
        self.call["ANCESTORS"] = [OLD]
        self.assert_wrong("tool", "ANCESTORS", "/bin/backup")

    def test_finds_the_event_of_an_earlier_process_with_the_right_name(self):
        self.call["SPAWNED_BY"] = dict(NEW, EVENT_ID=OLD["EVENT_ID"])
        self.assert_wrong("SPAWNED_BY", "server began in")

    def test_finds_a_parent_of_another_time(self):
        self.call["PPID"] = {"EVENT_ID": OLD["EVENT_ID"]}
        self.assert_wrong("PPID")

    def test_finds_a_wrong_process_above_an_unknown_one(self):
        self.truth["programs"][2]["may_be_unknown"] = ["server", "init"]
        self.call["ANCESTORS"] = [{"pid": 100}, OLD]
        self.assert_wrong("ANCESTORS")

    def test_an_unknown_ancestor_is_wrong(self):
        self.call["ANCESTORS"] = []
        self.assert_wrong("it ends before server")

    def test_an_unknown_ancestor_is_right_where_the_recording_cannot_tell(self):
        self.truth["programs"][2]["may_be_unknown"] = ["server", "init"]
        for key in ("PPID", "SPAWNED_BY", "ANCESTORS"):
            del self.call[key]
        self.assertEqual(self.wrong(), [])

    def test_a_stale_name_is_counted_where_nothing_can_tell(self):
        self.truth["programs"][2]["may_be_stale"] = True
        self.call["ANCESTORS"] = [OLD]
        self.assertEqual(self.wrong(), [])
        self.assertEqual(self.stale, 1)

    def test_finds_more_ancestors_than_there_were(self):
        init = of(2, 20_000, 1, "/init")
        self.call["ANCESTORS"] = [NEW, init, OLD]
        self.assertEqual(len(self.wrong()), 1)

    def test_finds_another_session(self):
        self.call["SESSION"] = {"EVENT_ID": event_id(2, 20_000)}
        self.assert_wrong("SESSION")

    def test_finds_a_session_where_nobody_logged_in(self):
        self.lines[1]["SYSCALL"]["SESSION"] = {"EVENT_ID": event_id(9, 20_050)}
        self.assert_wrong("old", "SESSION")

    def test_finds_a_script_that_was_none(self):
        self.call["SCRIPT"] = "/bin/tool"
        self.assert_wrong("SCRIPT")

    def test_finds_a_missing_script(self):
        self.truth["processes"]["tool"]["script"] = "/srv/na\u00efve"
        self.assert_wrong("SCRIPT")
        self.call["SCRIPT"] = "/srv/na%efve"
        self.assertEqual(self.wrong(), [])

    def test_finds_a_changed_argument(self):
        self.lines[3]["EXECVE"]["ARGV"][2] = "%fe%25"
        self.assert_wrong("no exec event")

    def test_finds_another_own_event(self):
        self.call["PID"] = {"EVENT_ID": event_id(2, 20_000)}
        self.assert_wrong("PID is")

    def test_an_orphans_parent_is_its_reaper(self):
        tool = self.truth["programs"][2]
        tool.update(ppid=1, parent="init", reaper=True)
        self.call["ppid"] = 1
        self.assert_wrong("PPID")  # of 1 it is not
        del self.call["PPID"]
        self.assertEqual(self.wrong(), [])

    def test_a_fork_carries_the_name_of_its_maker(self):
        self.call["SPAWNED_BY"] = dict(NEW, pid=101)
        self.assertEqual(self.wrong(), [])
        self.call["SPAWNED_BY"] = dict(OLD, pid=101)
        self.assert_wrong("SPAWNED_BY", "/bin/backup")

    def test_the_program_before_is_the_one_that_the_recording_has(self):
        self.truth["programs"][2]["spawned_by"] = "server"
        self.call["SPAWNED_BY"] = copy.copy(OLD)
        self.assert_wrong("SPAWNED_BY")


if __name__ == "__main__":
    unittest.main()
