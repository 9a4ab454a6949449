"""The comparison behind `./dev oracle`; tools/dev/oracle.sh says what it is for, and its exit status."""
import argparse
import collections
import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import ausearch_oracle
import exceptions
import laurel_oracle
import laurel_processes
import recording
import sandbox
import sorrel
from report import Progress, Report

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
OWN = TOP / "tests/golden/recordings"
# Larger recordings are compared in parts: memory and time stay bounded.
PART_LINES = 50_000
SKIPPED = 77


def arguments():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    parser = argparse.ArgumentParser(prog="./dev oracle")
    parser.add_argument("--corpus", type=pathlib.Path,
                        help="a folder of recordings (default: ../shared/corpus, if there)")
    parser.add_argument("--no-corpus", action="store_true", help="only the recordings in tests/")
    parser.add_argument("--offline", action="store_true",
                        help="fetch and build nothing: what is not there is skipped")
    parser.add_argument("--tolerate", action="append", default=[], metavar="KIND",
                        help="a kind of difference that is told, but is no failure")
    parser.add_argument("--details", type=argparse.FileType("w"), help="all differences, one a line, as JSON")
    parser.add_argument("--examples", type=int, default=1, help="shown of each kind")
    parser.add_argument("--timeout", type=int, default=300, help="seconds for one program and one part")
    parser.add_argument("--sorrelctl", type=pathlib.Path, default=TOP / "build/release/bin/sorrelctl")
    options = parser.parse_args()
    options.cache, options.laurel_cache = cache / "sorrel", cache / "sorrel-bench"
    beside = TOP.parent / "shared/corpus"
    if options.no_corpus:
        options.corpus = None
    elif options.corpus is None and beside.is_dir():
        options.corpus = beside
    elif options.corpus and not options.corpus.is_dir():
        parser.error(f"{options.corpus} is no folder")
    if not options.sorrelctl.exists():
        parser.error(f"{options.sorrelctl} is not built")
    return options


@dataclasses.dataclass
class Part:
    name: str
    path: pathlib.Path     # what sorrelctl reads
    lines: list
    root: pathlib.Path     # whose etc/passwd all use


class Oracles:
    """The peers that there are; those that are not are told to the report."""

    def __init__(self, options, report):
        self.options, self.ausearch, self.laurel = options, None, None
        root = HERE / "root"
        try:
            sandbox.check(root)
        except sandbox.Missing as missing:
            report.skip("ausearch", missing)
            report.skip("laurel", missing)
            return
        try:
            self.ausearch = ausearch_oracle.find(options.cache, not options.offline)
            report.say(f"ausearch {ausearch_oracle.version(self.ausearch, root)}")
        except (sandbox.Missing, sandbox.Failed) as missing:
            report.skip("ausearch", missing)
        try:
            self.laurel = laurel_oracle.laurel.find(options.laurel_cache, not options.offline)
            report.say(f"LAUREL {laurel_oracle.laurel.VERSION}")
        except laurel_oracle.laurel.Missing as missing:
            report.skip("laurel", missing)

    def names(self):
        return (["ausearch"] if self.ausearch else []) + (list(laurel_oracle.CONFIGURATIONS) if self.laurel else [])

    def compare(self, name, ours, part, folder):
        """(differences, number of fields compared)"""
        if name == "ausearch":
            lines = recording.without_end(part.lines)
            printed = ausearch_oracle.run(self.ausearch, part.root, lines, folder, self.options.timeout)
            return ausearch_oracle.compare(ours, printed, list(filter(None, map(recording.parse, lines))))
        lines = list(recording.with_end(part.lines))
        theirs = laurel_oracle.run(self.laurel, name, part.root, lines, folder, self.options.timeout)
        texts, records = collections.defaultdict(str), list(filter(None, map(recording.parse, part.lines)))
        for record in records:
            texts[record.id, record.type] += record.line.decode(errors="backslashreplace") + "\n"
        return laurel_oracle.compare(name, ours, theirs, lambda event, kind: texts.get((event, kind), ""),
                                     laurel_processes.Model(records if name == "laurel" else []).explain)


def root_for(path, folder):
    """Names for a recording: of the passwd and group beside it, else the oracle's own."""
    if not (path.parent / "passwd").exists():
        return HERE / "root"
    etc = folder / "root/etc"
    etc.mkdir(parents=True, exist_ok=True)
    for name in ("passwd", "group"):
        source = path.parent / name
        (etc / name).write_bytes(source.read_bytes() if source.exists() else b"")
    return etc.parent


def parts(path, folder):
    """The recording, whole or in parts that each hold whole events."""
    lines, root = recording.read(path), root_for(path, folder)
    name = f"{path.parent.name}/{path.name}"
    if len(lines) <= PART_LINES:
        yield Part(name, path, lines, root)
        return
    part_of, groups = {}, collections.defaultdict(list)
    for number, line in enumerate(lines):
        record = recording.parse(line)
        key = record.key if record else number
        groups[part_of.setdefault(key, number // PART_LINES)].append(line)
    for number, group in sorted(groups.items()):
        file = folder / f"part-{number}.log"
        file.write_bytes(b"".join(line + b"\n" for line in group))
        yield Part(f"{name} part {number + 1} of {len(groups)}", file, group, root)
        file.unlink()


def compare_part(oracles, part, folder, lines, report):
    """A program that fails on a recording is an error of its own; the others go on."""
    try:
        compare_one(oracles, part, folder, lines, report)
    except (sandbox.Failed, subprocess.TimeoutExpired) as error:
        report.errors.append(f"{part.name}: {error}")


def compare_one(oracles, part, folder, lines, report):
    ours = sorrel.decode(oracles.options.sorrelctl, part.root, part.path, oracles.options.timeout)
    report.events += len(ours.events)
    for name in oracles.names():
        differences, fields = oracles.compare(name, ours, part, folder)
        report.add(name, part.name, fields, exceptions.judge(differences, lines, report.used))


def prove(oracles, lines, report):
    """Each exception's own record must give a difference that it, and none before it, covers."""
    for line in lines:
        names = [name for name in oracles.names() if line.is_for(name)]
        if not names:
            continue
        with tempfile.TemporaryDirectory(prefix="oracle.") as folder:
            folder = pathlib.Path(folder)
            log = folder / "record.log"
            log.write_bytes(b"".join(text + b"\n" for text in line.lines))
            part = Part(line.name, log, line.lines, HERE / "root")
            ours = sorrel.decode(oracles.options.sorrelctl, part.root, log, oracles.options.timeout)
            used = collections.Counter()
            for name in names:
                exceptions.judge(oracles.compare(name, ours, part, folder)[0], lines, used)
            report.proved(line, used)


def compare_all(options, report):
    lines = exceptions.parse((HERE / "exceptions.jsonl").read_text())
    report.lines = lines
    oracles = Oracles(options, report)
    if not oracles.names():
        return
    prove(oracles, lines, report)
    paths = recording.find([OWN] + ([options.corpus] if options.corpus else []))
    progress = Progress(len(paths))
    for path in paths:
        report.files += 1
        with tempfile.TemporaryDirectory(prefix="oracle.") as folder:
            for part in parts(path, pathlib.Path(folder)):
                progress.show(part.name)
                started = time.monotonic()
                compare_part(oracles, part, pathlib.Path(folder), lines, report)
                progress.done(part.name, time.monotonic() - started)
    if options.corpus and not report.skipped:
        report.unused_anywhere()


def main():
    options = arguments()
    report = Report(options.examples, options.details)
    try:
        compare_all(options, report)
    except (exceptions.Wrong, sandbox.Failed, OSError, subprocess.TimeoutExpired) as error:
        print(f"oracle: {error}", file=sys.stderr)
        return 1
    report.print()
    if len(report.skipped) == 2:
        return SKIPPED
    return 1 if report.failed(options.tolerate) else 0


if __name__ == "__main__":
    sys.exit(main())
