#!/usr/bin/env python3
"""Tests of `./dev oracle`: what its parsers make of the peers' output, and that a difference is seen."""
import collections
import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/oracle"))
import ausearch_oracle  # noqa: E402
import ausearch_text  # noqa: E402
import ausearch_values  # noqa: E402
import exceptions  # noqa: E402
import laurel_oracle  # noqa: E402
import laurel_processes  # noqa: E402
import recording  # noqa: E402
import sorrel  # noqa: E402
from difference import Difference  # noqa: E402

ID = "1600000000.123:7"
STAMP = b"msg=audit(09/13/20 12:26:40.123:7) : "


class AusearchText(unittest.TestCase):
    # record's own text, what ausearch prints, what that means
    CASES = [
        (b"pid=1 uid=0 comm=\"a b\"", b"pid=1 uid=root comm=a b ", [("pid", b"1"), ("uid", b"root"), ("comm", b"a b")]),
        (b"argc=2 a0=\"x\" a1=613D62", b"argc=2 a0=x a1=a=b ", [("argc", b"2"), ("a0", b"x"), ("a1", b"a=b")]),
        (b"name=2061 inode=5", b"name= a inode=5 ", [("name", b" a"), ("inode", b"5")]),
        (b"uid=0 msg='op=x acct=6120 res=success'", b"uid=root msg='op=x acct=a  res=success' ",
         [("uid", b"root"), ("op", b"x"), ("acct", b"a "), ("res", b"success")]),
        (b"uid=0 msg='two words exe=\"/a\" res=1'", b"uid=root msg='two words exe=/a res=yes' ",
         [("(text)", b"two words"), ("uid", b"root"), ("exe", b"/a"), ("res", b"yes")]),
        (b"saddr=0200", b"saddr={ saddr_fam=inet laddr=1.2.3.4 lport=5 } ",
         [("saddr", b"{ saddr_fam=inet laddr=1.2.3.4 lport=5 }")]),
        (b"tty pid=3 data=6C730A", b"tty pid=3 data=\"ls\",<nl>", [("(text)", b"tty"), ("pid", b"3"), ("data", b'"ls",<nl>')]),
        (b"avc:  denied  { read write } for  pid=9 tclass=file", b"avc:  denied  { read write } for  pid=9 tclass=file ",
         [("(text)", b"avc:  denied  { read write } for"), ("pid", b"9"), ("tclass", b"file")]),
        (b"key=610162", b"key=a key=b ", [("key", b"a key=b")]),
        (b"a1=2 a10=3", b"a1=2 a10=3", [("a1", b"2"), ("a10", b"3")]),
        (b"comm=612220657865 exe=\"/b\"", b"comm=a\" exe exe=/b", [("comm", b"a\" exe"), ("exe", b"/b")]),
        (b"comm=61206578653D63 exe=\"/b\"", b"comm=a exe=c exe=/b", [("comm", b"a exe=c"), ("exe", b"/b")]),
        (b"uid=0", b"", []),
        (b"", b"words", [("(text)", b"words")]),
    ]

    def test_values_are_cut_at_the_names_of_the_record(self):
        for body, printed, expected in self.CASES:
            with self.subTest(body=body):
                self.assertEqual(ausearch_text.cut(printed, ausearch_text.tokens(body)), expected)

    def test_a_head_gives_node_type_and_id(self):
        printed = ausearch_text.parse_line(b"node=n1 type=PATH " + STAMP + b"item=0 ")
        self.assertEqual((printed.node, printed.type, printed.id, printed.text), ("n1", "PATH", ID, b"item=0 "))

    def test_what_is_no_record_is_none(self):
        for line in (b"----", b"", b"type=PATH msg=audit(1.000:1): item=0", b"<no matches>", b"type= " + STAMP):
            self.assertIsNone(ausearch_text.parse_line(line), line)

    def test_an_event_comes_backwards_and_a_line_break_is_part_of_a_value(self):
        output = (b"----\ntype=CWD " + STAMP + b"cwd=/ \ntype=PATH " + STAMP + b"name=x\ny \n----\ntype=USER " + STAMP + b"\n")
        self.assertEqual([(printed.type, printed.text) for printed in ausearch_text.parse(output)],
                         [("PATH", b"name=x\ny "), ("CWD", b"cwd=/ "), ("USER", b"")])


class AusearchValues(unittest.TestCase):
    def test_a_value_of_ours_in_their_words(self):
        for value, expected in ((None, b"(null)"), (-1, b"-1"), ("a b", b"a b"), ("%0a%ff%25", b"\\012\xff%"), ("é", "é".encode())):
            self.assertEqual(ausearch_values.plain(value), expected)

    def test_addresses(self):
        for saddr, expected in (
                ({"saddr_fam": "inet", "addr": "1.2.3.4", "port": 5}, b"{ saddr_fam=inet laddr=1.2.3.4 lport=5 }"),
                ({"saddr_fam": "inet6", "addr": "::1", "port": 5, "scope_id": 2}, b"{ saddr_fam=inet6 laddr=::1%2 lport=5 }"),
                ({"saddr_fam": "local", "path": "/a%0a"}, b"{ saddr_fam=local path=/a\\012 }"),
                ({"saddr_fam": "netlink", "pid": 3}, b"{ saddr_fam=netlink nlnk-fam=16 nlnk-pid=3 }"),
                ({"saddr_fam": "vsock", "cid": 3}, b"{ saddr_fam=vsock (unsupported) }")):
            self.assertEqual(ausearch_values.address(saddr), expected)

    def test_numbers_of_another_base(self):
        self.assertTrue(ausearch_values.same_number("0x5", b"5"))
        self.assertTrue(ausearch_values.same_number("0o755", b"0755"))
        for ours, theirs in (("0x5", b"6"), ("5", b"5"), ("0x5", b"five"), (5, b"5")):
            self.assertFalse(ausearch_values.same_number(ours, theirs))

    def test_what_was_typed(self):
        for theirs, expected in ((b'"ls -la",<nl>', b"ls -la\n"), (b'"a \\"b\\"",<ret>', b'a "b"\r'), (b'<up>,<tab>,"\\303\\251"', b"\x1b[A\t\xc3\xa9"),
                                 (b"^C", b"\x03"), (b"", b""), (b"<f99>", None), (b"ls", None)):
            self.assertEqual(ausearch_values.keystrokes(theirs), expected, theirs)

    def test_a_number_without_a_name(self):
        for theirs, ours, name, expected in (
                (b"unknown-list(7)", 7, "io_uring", True), (b"unknown-family(46)", "0x2e", None, True), (b"UNKNOWN", "0xff", None, True),
                (b"unknown-list(7)", 6, "x", False), (b"UNKNOWN", "0x1", "EXIT_FAILURE", False), (b"unknown(7)", 7, None, False)):
            self.assertEqual(ausearch_values.is_no_name(theirs, ours, name), expected, theirs)

    def test_permissions_without_a_type(self):
        for theirs, name, expected in ((b"0600", "fifo,600", True), (b"0600", "fifo,644", False), (b"fifo,600", "fifo,600", False),
                                       (b"0600", "0600", False), (b"0600", None, False)):
            self.assertEqual(ausearch_values.is_permissions(theirs, name), expected, theirs)


def decoded(kind, item):
    result = sorrel.Decoded()
    result.add_line(json.dumps({"ID": ID, kind: item}))
    return result


class AusearchComparison(unittest.TestCase):
    def kinds(self, kind, item, body, printed):
        raw = recording.parse(b"type=%s msg=audit(%s): %s" % (kind.encode(), ID.encode(), body))
        answer = ausearch_text.parse_line(b"type=%s " % kind.encode() + STAMP + printed)
        found, _ = ausearch_oracle.compare(decoded(kind, item), [answer] if answer else [], [raw])
        return [(difference.kind, difference.key) for difference in found]

    def test_equal(self):
        self.assertEqual(self.kinds("PATH", [{"name": "a b", "mode": "0o100644", "MODE": "file,644", "ouid": 0, "OUID": "root"}],
                                    b"name=612062 mode=0100644 ouid=0", b"name=a b mode=file,644 ouid=root "), [])
        self.assertEqual(self.kinds("SYSCALL", {"ARGV": ["0x3", "0x80000"], "A1": "O_RDONLY|O_CLOEXEC", "exit": -13, "EXIT": "EACCES"},
                                    b"exit=-13 a0=3 a1=80000",
                                    b"exit=EACCES(Permission denied) a0=0x3 a1=O_RDONLY|O_CLOEXEC "), [])

    def test_an_empty_set_has_no_name(self):
        self.assertEqual(self.kinds("PATH", [{"cap_fp": "0x0"}], b"cap_fp=0", b"cap_fp=none "), [])
        self.assertEqual(self.kinds("PATH", [{"cap_fp": "0x1"}], b"cap_fp=1", b"cap_fp=none "), [("missing key", "cap_fp")])
        self.assertEqual(self.kinds("PATH", [{"cap_fp": "0x0", "CAP_FP": "chown"}], b"cap_fp=0", b"cap_fp=none "), [("value", "cap_fp")])

    def test_a_wrong_interpretation(self):
        self.assertEqual(self.kinds("PATH", [{"mode": "0o100644", "MODE": "dir,644"}], b"mode=0100644", b"mode=file,644 "),
                         [("value", "mode")])
        self.assertEqual(self.kinds("SYSCALL", {"exit": -13, "EXIT": "EPERM"}, b"exit=-13", b"exit=EACCES(Permission denied) "),
                         [("value", "exit")])

    def test_a_wrong_value_that_is_not_interpreted(self):
        self.assertEqual(self.kinds("CWD", {"cwd": "/a"}, b'cwd="/b"', b"cwd=/b "), [("value", "cwd")])
        self.assertEqual(self.kinds("SYSCALL", {"ARGV": ["0x4"]}, b"a0=3", b"a0=0x3 "), [("value", "a0")])
        self.assertEqual(self.kinds("PROCTITLE", {"ARGV": ["a"]}, b"proctitle=610062", b"proctitle=a b "), [("value", "proctitle")])
        self.assertEqual(self.kinds("PATH", [{"inode": 6}], b"inode=5", b"inode=5 "), [("value", "inode")])

    def test_what_is_missing(self):
        self.assertEqual(self.kinds("PATH", [{"mode": "0o100644"}], b"mode=0100644", b"mode=file,644 "), [("missing key", "mode")])
        self.assertEqual(self.kinds("PATH", [{}], b"mode=0100644", b"mode=file,644 "), [("missing field", "mode")])
        self.assertEqual(self.kinds("CWD", {"cwd": "/"}, b"cwd=/ x=1", b"cwd=/ "), [("their missing key", "x")])

    def test_a_long_argument_is_put_together(self):
        body = b"argc=1 a0_len=4 a0[0]=6162 a0[1]=6364"
        printed = b"argc=1 a0_len=4 a0[0]=ab a0[1]=cd "
        self.assertEqual(self.kinds("EXECVE", {"argc": 1, "ARGV": ["abcd"]}, body, printed), [])
        self.assertEqual(self.kinds("EXECVE", {"argc": 1, "ARGV": ["abc"]}, body, printed), [("value", "a0")])


class LaurelComparison(unittest.TestCase):
    def kinds(self, ours, theirs):
        found, _ = laurel_oracle.compare("laurel", decoded("SYSCALL", ours), decoded("SYSCALL", theirs), lambda *_: "")
        return [(difference.kind, difference.key) for difference in found]

    def test_ours_may_have_more(self):
        self.assertEqual(self.kinds({"pid": 1, "PID": {"EVENT_ID": "1.000:1", "comm": "a"}}, {"PID": {"EVENT_ID": "1.000:1"}}), [])

    def test_differences_are_found_at_any_depth(self):
        for ours, theirs, expected in (
                ({"a": 1}, {"a": 2}, ("value", "a")), ({"a": 1}, {"a": "1"}, ("type", "a")), ({}, {"a": 1}, ("missing key", "a")),
                ({"P": {"x": 1}}, {"P": {"x": 2}}, ("value", "P.x")), ({"P": {}}, {"P": {"x": 2}}, ("missing key", "P.x")),
                ({"L": ["a"]}, {"L": ["a", "b"]}, ("length", "L")), ({"L": ["a"]}, {"L": ["b"]}, ("value", "L"))):
            self.assertEqual(self.kinds(ours, theirs), [expected])

    def test_a_difference_of_processes_is_explained(self):
        ours, theirs = ({"PID": {"EVENT_ID": event}} for event in ("1.000:1", "1.000:2"))
        for ours, asked in ((ours, (ID, "PID.EVENT_ID", "1.000:1", "1.000:2")), ({"PID": {}}, (ID, "PID.EVENT_ID", None, "1.000:2"))):
            found, _ = laurel_oracle.compare("laurel", decoded("SYSCALL", ours), decoded("SYSCALL", theirs), lambda *_: "",
                                             lambda *all: str(all))
            self.assertEqual([difference.fault for difference in found], [str(asked)])

    def test_a_record_or_its_shape(self):
        compare = laurel_oracle.compare
        nothing, one = sorrel.Decoded(), decoded("CWD", {"cwd": "/"})
        self.assertEqual([d.kind for d in compare("x", nothing, one, lambda *_: "")[0]], ["missing record"])
        self.assertEqual([d.kind for d in compare("x", one, nothing, lambda *_: "")[0]], ["their missing record"])
        self.assertEqual([d.kind for d in compare("x", decoded("CWD", [{"cwd": "/"}]), one, lambda *_: "")[0]], ["shape"])

    def test_a_key_written_twice(self):
        self.assertEqual(laurel_oracle.pairs_once([("pid", 1), ("pid", 1)]), {"pid": 1})
        self.assertEqual(laurel_oracle.pairs_once([("uid", 1), ("uid", 2), ("uid", 3)]), {"uid": 1, "uid_2": 2, "uid_3": 3})


class LaurelProcesses(unittest.TestCase):
    EXEC, CLONE, OPEN, EXIT = 59, 56, 2, 231

    @staticmethod
    def model(*calls):
        """Each call: (number, pid, ppid, exe, success, exit); its serial is its place, from 1."""
        records = []
        for serial, (call, pid, ppid, exe, success, code) in enumerate(calls, 1):
            body = (f"arch=c000003e syscall={call} success={success} exit={code} a0=0 a1=0 a2=0 a3=0 items=0 ppid={ppid} "
                    f'pid={pid} auid=0 uid=0 ses=1 comm="c" exe="{exe}" key=(null)').encode()
            event = f"1600000000.{serial:03}:{serial}"
            records.append(recording.Record("", "SYSCALL", event, body, b"type=SYSCALL msg=audit(" + event.encode() + b"): " + body))
        return laurel_processes.Model(records)

    def of(self, model, serial, key, ours, theirs):
        name = lambda number: number if number is None else f"1600000000.{number:03}:{number}"  # noqa: E731
        return model.explain(name(serial), key, name(ours), name(theirs))

    def test_a_failed_exec_and_nothing_else_is_explained_by_it(self):
        model = self.model((self.EXEC, 10, 9, "/sh", "yes", 0), (self.EXEC, 10, 9, "/sh", "no", -2), (self.EXEC, 10, 9, "/a", "yes", 0))
        self.assertEqual(self.of(model, 2, "PID.EVENT_ID", 1, 2), "failed exec")
        self.assertEqual(self.of(model, 3, "SPAWNED_BY.EVENT_ID", 1, 2), "failed exec")
        for ours, theirs in ((3, 2), (1, 3), (None, 2), (2, 1)):
            self.assertEqual(self.of(model, 3, "SPAWNED_BY.EVENT_ID", ours, theirs), "", (ours, theirs))
        self.assertEqual(self.of(model, 3, "PID.EVENT_ID", 1, 3), "")
        self.assertEqual(model.explain("1600000000.003:3", "SPAWNED_BY.pid", 11, 10), "")
        self.assertEqual(model.explain("1600000000.003:3", "UID", "a", "b"), "")

    def test_an_orphan(self):
        model = self.model((self.EXEC, 8, 7, "/init", "yes", 0), (self.EXEC, 9, 8, "/sh", "yes", 0),
                           (self.EXEC, 10, 9, "/a", "yes", 0), (self.OPEN, 10, 8, "/a", "yes", 0))
        self.assertEqual(self.of(model, 4, "PID.EVENT_ID", 3, 4), "orphan")
        self.assertEqual(self.of(model, 4, "PID.EVENT_ID", 2, 4), "")

    def test_a_pid_of_another_process(self):
        model = self.model((self.EXEC, 10, 9, "/a", "yes", 0), (self.EXIT, 10, 9, "/a", "no", 0), (self.EXEC, 10, 9, "/b", "yes", 0))
        theirs = {"EVENT_ID": "1600000000.001:1", "pid": 10, "comm": "c", "exe": "/a"}
        self.assertEqual(model.explain("1600000000.003:3", "SPAWNED_BY", None, theirs), "reuse")
        self.assertEqual(model.explain("1600000000.003:3", "SPAWNED_BY", None, {**theirs, "exe": "/c"}), "")
        self.assertEqual(model.explain("1600000000.002:2", "PID", None, {"EVENT_ID": "1600000000.001:1"}), "")

    def test_who_forked_an_orphan(self):
        model = self.model((self.EXEC, 9, 8, "/sh", "yes", 0), (self.EXEC, 10, 9, "/a", "yes", 0), (self.CLONE, 10, 9, "/a", "yes", 11),
                           (self.EXIT, 10, 9, "/a", "no", 0), (self.EXEC, 11, 9, "/b", "yes", 0))
        self.assertEqual(self.of(model, 5, "SPAWNED_BY.EVENT_ID", 2, 1), "reuse")
        self.assertEqual(model.explain("1600000000.005:5", "SPAWNED_BY.exe", "/a", "/sh"), "reuse")
        self.assertEqual(model.explain("1600000000.005:5", "SPAWNED_BY.exe", "/c", "/sh"), "")

    def test_an_exec_that_was_not_recorded(self):
        model = self.model((self.EXEC, 10, 9, "/a", "yes", 0), (self.OPEN, 10, 9, "/b", "yes", 0))
        theirs = {"EVENT_ID": "1600000000.001:1", "pid": 10, "comm": "c", "exe": "/a"}
        self.assertEqual(model.explain("1600000000.002:2", "SPAWNED_BY", None, theirs), "reuse")


class Recordings(unittest.TestCase):
    def test_an_event_ends_after_its_last_record_even_when_two_interleave(self):
        lines = [b"type=SYSCALL msg=audit(1.000:1): a=1", b"node=n type=SYSCALL msg=audit(1.000:1): a=1", b"type=PATH msg=audit(1.000:1): b=1",
                 b"no record", b"type=USER msg=audit(1.000:2): c=1"]
        self.assertEqual(list(recording.with_end(lines)),
                         [lines[0], lines[1], b"node=n type=EOE msg=audit(1.000:1): ", lines[2], b"type=EOE msg=audit(1.000:1): ", *lines[3:]])

    def test_ends_are_not_written_twice(self):
        lines = [b"type=SYSCALL msg=audit(1.000:1): a=1", b"type=EOE msg=audit(1.000:1): "]
        self.assertEqual(list(recording.with_end(lines)), lines)
        self.assertEqual(recording.without_end(lines), lines[:1])

    def test_the_stream_gives_the_lines_of_the_log(self):
        folder = ROOT / "tests/golden/recordings"
        log, stream = (recording.read(folder / f"everyday-raw.{kind}.xz") for kind in ("log", "audrec"))
        self.assertEqual(set(line.rstrip() for line in log if b"type=DAEMON_" not in line) - {line.rstrip() for line in stream}, set())


class Exceptions(unittest.TestCase):
    LINE = {"name": "n", "oracle": "laurel.*", "kind": "value", "ours": r"\d+", "theirs": "hex of ours", "record": ["type=X"], "because": "b"}

    def difference(self, **changed):
        fields = {"oracle": "laurel", "kind": "value", "id": ID, "type": "X", "key": "k", "ours": "64", "theirs": "d", "raw": "r"}
        return Difference(**{**fields, **changed})

    def left(self, **changed):
        lines = exceptions.parse(json.dumps(self.LINE))
        return len(exceptions.judge([self.difference(**changed)], lines, collections.Counter()))

    def test_only_what_the_line_says_is_covered(self):
        self.assertEqual(self.left(), 0)
        for changed in ({"oracle": "ausearch"}, {"kind": "type"}, {"ours": "640"}, {"theirs": "e"}):
            self.assertEqual(self.left(**changed), 1, changed)

    def test_a_fault_can_be_asked_for(self):
        lines = exceptions.parse(json.dumps({"name": "n", "oracle": "laurel", "kind": "value", "fault": "orphan",
                                             "record": ["type=X"], "because": "b"}))
        for text, count in (("orphan", 0), ("orphans", 1), ("", 1)):
            self.assertEqual(len(exceptions.judge([self.difference(fault=text)], lines, collections.Counter())), count)

    def test_the_first_line_that_covers_is_counted(self):
        lines = exceptions.parse("\n".join(json.dumps({**self.LINE, "name": name}) for name in "ab"))
        used = collections.Counter()
        exceptions.judge([self.difference()], lines, used)
        self.assertEqual(used, {"a": 1})

    def test_a_file_that_is_not_right_is_refused(self):
        line = json.dumps(self.LINE)
        incomplete = json.dumps({"name": "n"})
        unknown = json.dumps({**self.LINE, "value": "x"})
        many = "\n".join(json.dumps({**self.LINE, "name": str(number)}) for number in range(exceptions.MOST + 1))
        for text in (f"{line}\n{line}", incomplete, unknown, "{", many, json.dumps({**self.LINE, "key": "("})):
            with self.assertRaises(exceptions.Wrong):
                exceptions.parse(text)

    def test_the_file_in_use_is_right(self):
        lines = exceptions.parse((ROOT / "tools/oracle/exceptions.jsonl").read_text())
        self.assertTrue(all(recording.parse(line.lines[0]) for line in lines))


if __name__ == "__main__":
    unittest.main()
