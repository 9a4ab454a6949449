#!/usr/bin/env python3
"""Measures what audit rules cost a system call, in a machine whose clock counts instructions.

    tests/guest/cost/run.py [--bin DIR] [--write FILE] [--check] [RULESET...]

Boots a Debian kernel in QEMU (no KVM: -icount shift=0, one instruction is one nanosecond), with
guest_cost as its only process, and prints what each system call took under each ruleset of
rulesets.py, as a table of tabs. --write also keeps it. --check measures the rulesets that the
constants do not come from, and compares with what `sorrelctl rules cost` says: at most 30 % apart.
Exit status: 0 measured; 77 something needed
is not here (and says what); 1 failed.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import rulesets

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))
import qemu  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--timeout", type=int, default=900)
    parser.add_argument("rulesets", nargs="*", metavar="RULESET")
    return parser.parse_args()


def boot(options, folder):
    wanted = {**rulesets.CALIBRATION, **rulesets.CHECKS}
    names = options.rulesets or (["none", *rulesets.CHECKS] if options.check else list(wanted))
    files = {"true": options.bin / "guest_true"}
    for name in names:
        path = folder / f"{name}.rules"
        path.write_text(wanted[name])
        files[f"rules/{path.name}"] = path
    return qemu.boot(folder, options.bin / "guest_cost", files, "quiet",
                     ("-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off"), timeout=options.timeout)


# A measured call -> the system calls that it makes.
CALLS = {"getppid": ["getppid"], "open": ["openat", "close"], "stat": ["newfstatat"], "mkdir": ["mkdirat"]}
LIMIT = 0.30


def predicted(options, name, folder):
    path = folder / f"{name}.rules"
    path.write_text(rulesets.CHECKS[name])
    empty = folder / "root/etc"  # the guest has no users
    empty.mkdir(parents=True, exist_ok=True)
    for database in ("passwd", "group"):
        (empty / database).touch()
    words = [word for calls in CALLS.values() for call in calls for word in ("--call", call)]
    told = subprocess.run([options.bin / "sorrelctl", "rules", "cost", "--json", "--as-written", "--arch", "x86_64", "--kernel", "6.1",
                           "--root", folder / "root", *words, path], capture_output=True, text=True)
    if not told.stdout:
        sys.exit(f"FAILED: {told.stderr}")
    return json.loads(told.stdout)["calls"]


def compare(options, rows):
    """Of what the rules add, not of the call as a whole, which would flatter."""
    took = {(ruleset, call): float(value) for ruleset, call, value in rows}
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="sorrel-cost.") as folder:
        for name in rulesets.CHECKS:
            costs = predicted(options, name, pathlib.Path(folder))
            for call, parts in CALLS.items():
                measured = took[name, call] - took["none", call]
                estimate = sum(costs[part] for part in parts)
                error = estimate / measured - 1
                worst = max(worst, abs(error))
                print(f"{name:10} {call:8} measured {measured:7.0f} estimated {estimate:7.0f} {error:+7.1%}")
    print(f"worst: {worst:.1%} of what the rules add (limit {LIMIT:.0%})")
    return worst <= LIMIT


def main():
    options = arguments()
    qemu.need(options.bin / "guest_cost", options.bin / "guest_true")
    with tempfile.TemporaryDirectory(prefix="sorrel-cost.") as folder:
        lines = boot(options, pathlib.Path(folder))
    rows = [line.split()[1:] for line in lines if line.startswith("RESULT ")]
    if "DONE" not in lines or not rows:
        print("\n".join(lines[-20:]), file=sys.stderr)
        sys.exit("FAILED: the guest did not come to its end")
    for line in lines:
        if line.startswith(("REFUSED", "LOADED")):
            print(line, file=sys.stderr)
    table = "".join("\t".join(row) + "\n" for row in rows)
    print(table, end="")
    if options.write:
        options.write.write_text("# ruleset\tcall\tinstructions of the guest for one\n" + table)
    if options.check and not compare(options, rows):
        sys.exit("FAILED: the estimate is too far off")


main()
