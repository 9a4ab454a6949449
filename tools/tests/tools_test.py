#!/usr/bin/env python3
"""Tests of the project's own checks: each must find what it is there for, and only that."""
import json
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


class InFolder(unittest.TestCase):
    def setUp(self):
        self.folder_object = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder_object.cleanup)
        self.folder = pathlib.Path(self.folder_object.name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path


class Layers(InFolder):
    def library(self, name, depends="", source=""):
        self.write(f"lib/{name}/CMakeLists.txt",
                   f"sorrel_library({name} SOURCES {name}.cpp DEPENDS {depends} LINK x)")
        self.write(f"lib/{name}/{name}.cpp", source)

    def check(self):
        return run(ROOT / ".ci/layers", self.folder)

    def test_a_tree_within_the_table_passes(self):
        self.library("base")
        self.library("record", "base", '#include "base/x.h"\n#include "record/y.h"\n')
        self.library("event", "record", '#include "base/x.h"\n#include "record/y.h"\n#include <event.h>\n')
        self.assertEqual(self.check(), (0, ""))

    def test_an_include_upwards_is_found(self):
        self.library("base", "", '\n#include "record/y.h"\n')
        self.library("record", "base")
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("lib/base/base.cpp:2: base must not include record/y.h", output)

    def test_an_include_without_a_dependency_is_found(self):
        self.library("base")
        self.library("record", "", '#include "base/x.h"\n')
        self.assertIn("record does not depend on base", self.check()[1])

    def test_a_dependency_outside_the_table_is_found_without_an_include(self):
        self.library("netlink")
        self.library("record", "netlink")
        self.assertIn("record must not depend on netlink", self.check()[1])

    def test_a_cycle_is_found(self):
        self.library("record", "base")
        self.library("base", "record")
        status, output = self.check()
        self.assertEqual(status, 1)
        self.assertIn("cycle: ", output)

    def test_a_folder_without_a_row_is_found(self):
        self.library("extra")
        self.assertIn("'extra' has no row", self.check()[1])


class Coroutines(InFolder):
    def check(self, code):
        self.write("lib/sink/a.cpp", code)
        return run(ROOT / ".ci/coroutines", self.folder)

    def test_what_is_safe_passes(self):
        status, output = self.check("""
            auto [ec, n] = co_await read(buffers[i], kNoThrow);  // not [p] { }
            co_await f([](int x) { return x; }, Named("({", 1));
            auto named = [p] { return p; };
            co_await g(std::move(named), T{1});
            """)
        self.assertEqual((status, output), (0, ""))

    def test_a_lambda_with_captures_is_found(self):
        status, output = self.check("\nco_await spawn(ex,\n    [p]() -> awaitable<void> { co_return; });\n")
        self.assertEqual(status, 1)
        self.assertIn("a.cpp:3: a lambda", output)

    def test_a_braced_temporary_is_found(self):
        self.assertEqual(self.check("co_await f({p, 1});")[0], 1)
        self.assertEqual(self.check("co_await f(x, {p, 1});")[0], 1)


class TestReport(InFolder):
    def report(self, *cases):
        self.write("tests.xml", "<testsuite>" + "".join(cases) + "</testsuite>")
        return run(sys.executable, ROOT / "tools/dev/test_report.py", self.folder / "tests.xml")

    PASSED = '<testcase name="p" status="run"><system-out>fine</system-out></testcase>'
    PARTLY = '<testcase name="w" status="run"><system-out>warning:\n  SKIP: no ACL here\n</system-out></testcase>'
    SKIPPED = ('<testcase name="s" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>'
               '<system-out>SKIP: no kernel\n</system-out></testcase>')
    SILENT = '<testcase name="x" status="notrun"><skipped message="?"/><system-out/></testcase>'
    FAILED = ('<testcase name="f" status="fail"><failure message="boom"/>'
              '<system-out>SKIP: hides nothing</system-out></testcase>')

    def test_skips_are_counted_with_their_reasons(self):
        status, output = self.report(self.PASSED, self.PARTLY, self.SKIPPED)
        self.assertEqual(status, 0)
        self.assertIn("skipped: w: no ACL here", output)
        self.assertIn("skipped: s: no kernel", output)
        self.assertEqual(output.splitlines()[-1], "1 passed, 0 failed, 2 skipped")

    def test_a_skip_without_a_reason_fails(self):
        status, output = self.report(self.PASSED, self.SILENT)
        self.assertEqual((status, output.splitlines()[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_a_failure_that_printed_skip_fails(self):
        status, output = self.report(self.PASSED, self.FAILED)
        self.assertEqual((status, output.splitlines()[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_a_run_without_a_pass_fails(self):
        self.assertEqual(self.report()[0], 1)


class CheckNumbers(InFolder):
    def call(self, serial, number):
        return {"ID": f"1.000:{serial}", "SYSCALL": {"ARGV": [hex(number)], "key": "numbered"}}

    def exec(self, serial, number):
        return {"ID": f"1.000:{serial}", "SYSCALL": {"ARGV": ["0x7f"], "key": "numbered"},
                "EXECVE": {"ARGV": ["/tmp/true", f"number={number}"]}}

    def loss(self, cause, count):
        return {"ID": "1.000:0", "SORREL_LOSS": {"cause": cause, "count": count}}

    def check(self, events, *options):
        path = self.write("events.json", "".join(json.dumps(event) + "\n" for event in events))
        return run(sys.executable, ROOT / "tests/guest/check_numbers.py", path, *options)

    def test_all_there_once(self):
        events = [self.call(1, 0), self.call(2, 1), self.exec(3, 0), {"ID": "1.000:4", "LOGIN": {}}]
        status, output = self.check(events, "--calls", "0:2", "--execs", "0:1", "--dense", "--no-loss")
        self.assertEqual(status, 0, output)

    def test_one_missing(self):
        status, output = self.check([self.call(1, 0)], "--calls", "0:2")
        self.assertEqual(status, 1)
        self.assertIn("calls missing: 1", output)

    def test_one_twice(self):
        status, output = self.check([self.exec(1, 0), self.exec(2, 0)], "--execs", "0:1")
        self.assertEqual(status, 1)
        self.assertIn("execs more than once: 0", output)

    def test_one_that_was_never_done(self):
        self.assertEqual(self.check([self.call(1, 0), self.call(2, 9)], "--calls", "0:1")[0], 1)

    def test_a_hole(self):
        events = [self.call(1, 0), self.call(3, 1)]
        self.assertEqual(self.check(events, "--calls", "0:2", "--dense")[0], 1)
        self.assertEqual(self.check(events, "--calls", "0:2", "--holes-are-told")[0], 1)
        events.append(self.loss("gap", 1))
        self.assertEqual(self.check(events, "--calls", "0:2", "--holes-are-told")[0], 0)
        self.assertEqual(self.check(events, "--calls", "0:2", "--no-loss")[0], 1)

    def test_losses_by_cause(self):
        events = [self.call(1, 0), self.loss("restart", 5)]
        self.assertEqual(self.check(events, "--calls", "0:1", "--loss", "restart=5:5")[0], 0)
        self.assertEqual(self.check(events, "--calls", "0:1", "--loss", "restart=6:9")[0], 1)
        self.assertEqual(self.check(events, "--calls", "0:1", "--loss", "gap=1:9")[0], 1)

    def test_a_line_that_is_no_json(self):
        path = self.write("events.json", '{"ID":"1.000:1"\n')
        self.assertEqual(run(sys.executable, ROOT / "tests/guest/check_numbers.py", path)[0], 1)


class BenchInput(InFolder):
    def test_every_event_is_unique_and_ended(self):
        output = self.folder / "large.log"
        status, text = run(ROOT / "tools/dev/make_bench_input.py", output, "--size-mb", "1")
        self.assertEqual(status, 0, text)
        lines = output.read_bytes().splitlines()
        ids = [line.split(b"msg=audit(")[1].split(b")")[0] for line in lines]
        order = list(dict.fromkeys(ids))
        serials = [int(entry.split(b":")[1]) for entry in order]
        self.assertEqual(serials, list(range(serials[0], serials[0] + len(order))))
        with_calls = {entry for entry, line in zip(ids, lines) if line.startswith(b"type=SYSCALL")}
        ends = [entry for entry, line in zip(ids, lines) if line.startswith(b"type=EOE")]
        self.assertEqual(sorted(with_calls), sorted(ends))
        self.assertTrue(text.startswith(f"{len(order)} events, {len(lines)} records, "))


if __name__ == "__main__":
    unittest.main()
