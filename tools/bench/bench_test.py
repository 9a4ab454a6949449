#!/usr/bin/env python3
"""Tests of the benchmark itself: it must see a wrong output, miss no target in silence, and leave
the rest of docs/performance.md alone. Programs are stood in for by scripts.
"""
import contextlib
import io
import os
import pathlib
import sys
import tempfile
import types
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import decode
import laurel
import measure
from report import BEGIN, END, Report

INPUT = """\
type=SYSCALL msg=audit(1.000:1): syscall=59
type=EOE msg=audit(1.000:1): 
type=SYSCALL msg=audit(1.000:2): syscall=59
type=EOE msg=audit(1.000:2): 
"""
EVENTS = '{"ID":"1.000:1"}\\n{"ID":"1.000:2"}\\n'


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        # What the report prints is not the test's output.
        self.enterContext(contextlib.redirect_stdout(io.StringIO()))

    def enterContext(self, context):  # unittest has it from Python 3.11 on
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def program(self, name, script):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path


class Compare(InFolder):
    def compare(self, ours, peer=None, work="", judged=True):
        """The report of a comparison where both print what they are told to."""
        log = self.folder / "input.log"
        log.write_text(INPUT)
        self.program("sorrelctl", f"printf '{ours}'")
        options = types.SimpleNamespace(programs=self.folder, folder=self.folder, cache=self.folder, runs=7)
        environment = {"PATH": "/bin:/usr/bin"}
        if peer is not None:
            environment["LAUREL"] = str(self.program("laurel", f'[ "$1" = -v ] && echo "0.8.2 (test)" && exit\n'
                                                               f"{work}\nprintf 'a message\\n{peer}'"))
        report = Report()
        with mock.patch.dict(os.environ, environment, clear=True), mock.patch("shutil.which", lambda _: None):
            decode.compare(report, options, "log", str(log), judged)
        return report

    def verdicts(self, report):
        return {row.what: row.verdict for row in report.rows if row.verdict}

    def test_a_slow_peer_passes(self):
        report = self.compare(EVENTS, EVENTS, work="i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done")
        self.assertEqual(set(self.verdicts(report).values()), {"pass"})
        self.assertFalse(report.failed())

    def test_an_equal_peer_misses_the_target(self):
        report = self.compare(EVENTS, EVENTS)
        self.assertTrue(report.failed())
        self.assertFalse(self.compare(EVENTS, EVENTS, judged=False).failed())

    def test_an_event_that_is_missing_twice_or_another(self):
        for wrong in ('{"ID":"1.000:1"}\\n', EVENTS + '{"ID":"1.000:1"}\\n', EVENTS.replace(":2", ":3")):
            self.assertTrue(self.compare(wrong, EVENTS).failed(), wrong)
            report = self.compare(EVENTS, wrong)
            self.assertTrue(report.failed(), wrong)
            self.assertFalse(any("ratio" in row.what for row in report.rows), "no ratio of unequal work")

    def test_a_line_that_is_no_json(self):
        with self.assertRaises(measure.Failed):
            self.compare(EVENTS + '{"ID":\\n', EVENTS)

    def test_a_program_that_fails(self):
        with self.assertRaises(measure.Failed):
            self.compare(EVENTS, EVENTS, work="exit 3")

    def test_without_laurel_and_cargo_the_ratio_is_skipped_by_name(self):
        report = self.compare(EVENTS)
        self.assertEqual([row.what for row in report.rows if row.verdict == "skipped"],
                         [f"log: ratio to LAUREL {laurel.VERSION}"])
        self.assertFalse(report.failed())


class Docs(InFolder):
    def report(self, figure):
        report = Report()
        report.judge("a|b", figure, "at most 2", True)
        return report

    def test_only_the_block_changes(self):
        path = self.folder / "performance.md"
        path.write_text(f"# Before\n{BEGIN}\nold\n{END}\nafter\n")
        for figure in ("1", "\\1"):
            self.report(figure).write_docs(path, {"kernel": "6"}, "./dev bench")
            text = path.read_text()
            self.assertTrue(text.startswith(f"# Before\n{BEGIN}\n"))
            self.assertTrue(text.endswith(f"{END}\nafter\n"))
            self.assertIn(f"| a\\|b | {figure} | at most 2 | pass |", text)
            self.assertEqual(text.count(BEGIN), 1)

    def test_a_page_without_the_block_gets_it(self):
        path = self.folder / "performance.md"
        path.write_text("# Before\n")
        self.report("1").write_docs(path, {}, "./dev bench")
        self.assertTrue(path.read_text().startswith(f"# Before\n\n{BEGIN}"))


if __name__ == "__main__":
    unittest.main()
