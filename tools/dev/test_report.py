#!/usr/bin/env python3
"""Reads ctest's JUnit file: says what failed and what was skipped, and why, and ends with the line
"N passed, N failed, N skipped". Exit status: 0 when nothing failed.

A test is skipped when it exits with 77 or prints "SKIP: reason" and passes (tests/README.md). A
failure that also printed SKIP is a failure. A skip without a reason is a failure: nothing is
skipped silently.
"""
import re
import sys
import xml.etree.ElementTree

SKIP = re.compile(r"SKIP: *(\S.*)")


def judge(case):
    """("passed" | "failed" | "skipped", reason)"""
    output = case.findtext("system-out") or ""
    reason = SKIP.search(output)
    status = case.get("status")
    if status == "run" and case.find("failure") is None:
        return ("skipped", reason.group(1).strip()) if reason else ("passed", "")
    if status in ("notrun", "disabled"):
        if reason:
            return "skipped", reason.group(1).strip()
        skipped = case.find("skipped")
        message = skipped.get("message", "") if skipped is not None else status
        return "failed", f"did not run, and gave no reason ({message})"
    failure = case.find("failure")
    return "failed", (failure.get("message") or "") if failure is not None else str(status)


def report(path):
    results = {"passed": [], "failed": [], "skipped": []}
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        verdict, reason = judge(case)
        results[verdict].append((case.get("name"), reason))
    for verdict in ("skipped", "failed"):
        for name, reason in results[verdict]:
            print(f"{verdict}: {name}: {reason}")
    print(", ".join(f"{len(results[verdict])} {verdict}" for verdict in ("passed", "failed", "skipped")))
    return 1 if results["failed"] or not results["passed"] else 0


if __name__ == "__main__":
    sys.exit(report(sys.argv[1]))
