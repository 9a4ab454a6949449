"""The measurements behind `./dev bench`; run from the top of the repository. Exit status 1 when a
target was measured and missed.
"""
import argparse
import os
import pathlib
import shlex
import sys

import decode
import idle
import instructions
import programs
import senders
from measure import Failed
from report import Report, machine
from work import NAMED, PLAIN

MIN_RUNS = 7
DOCS = pathlib.Path("docs/performance.md")


def at_least_seven(text):
    if int(text) < MIN_RUNS:
        raise argparse.ArgumentTypeError(f"a median needs at least {MIN_RUNS} runs")
    return int(text)


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("--recording", action="append", required=True, metavar="NAME=FILE",
                        help="measured, and held to the targets")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=FILE", help="only measured")
    parser.add_argument("--runs", type=at_least_seven, default=MIN_RUNS)
    parser.add_argument("--backlog-gb", type=float, default=1)
    parser.add_argument("--sinks", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--command", default="./dev bench")
    parser.add_argument("--programs", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("build/bench"))
    options = parser.parse_args()
    options.programs, options.folder = options.programs.resolve(), options.folder.resolve()
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    options.cache = pathlib.Path(cache) / "sorrel-bench"
    return options


def measure(report, options):
    for recording in options.recording + options.also:
        label, _, path = recording.partition("=")
        judged = recording in options.recording
        for work in (PLAIN, NAMED):
            decode.compare(report, options, label, os.path.abspath(path), judged, work)
            instructions.per_byte(report, options, label, path, judged, work)
    for part in (programs.allocations, programs.netlink, programs.live, programs.rules,
                 idle.measure, programs.store, senders.measure, senders.first_lane, programs.micro):
        part(report, options)


def main():
    options = arguments()
    report, about = Report(), machine()
    for name, value in about.items():
        print(f"{name}: {value}")
    try:
        measure(report, options)
    except (Failed, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    if options.json:
        report.write_json(options.json, about)
    if options.write:
        report.write_docs(DOCS, about, options.command)
        print(f"bench: wrote {shlex.quote(str(DOCS))}")
    return 1 if report.failed() else 0


if __name__ == "__main__":
    sys.exit(main())
