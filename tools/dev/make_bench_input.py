#!/usr/bin/env python3
"""Makes a large audit log for measurements out of a small recording: its events again and again,
some left out by chance, each round with other numbers, names and lengths (bench_variation.py), with
later stamps and fresh serials; now and then two events interleave, as those of two processors do.
EOE records are put back (auditd leaves them out), since readers wait for them. The same arguments
give the same bytes.

  make_bench_input.py OUTPUT [--size-mb 56] [--execs-only] [--recording FILE.log.xz]

Prints the number of events, records and bytes, for the comparison of what is read with what is there.
"""
import argparse
import lzma
import pathlib
import random
import re

from bench_variation import Round, change_of, plain

DEFAULT = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/recordings/everyday-raw.log.xz"
HEAD = re.compile(rb"type=(\S+) msg=audit\((\d+)\.(\d+):(\d+)\): ")
FIELD = re.compile(rb'(?:(?<= )|^)(\w+)=("[^"]*"|\S*)')
PROGRAM = re.compile(rb'(?:exe|comm)=("[^"]*"|\S+)')
# Events that come from a system call end with EOE; messages of user space and of the kernel do not.
WITH_END = {b"SYSCALL", b"URINGOP"}
KEPT_SHARE = 0.85        # of the events, in each round
INTERLEAVED_SHARE = 0.03


class Event:
    """One event as a template: records of fixed text and of values that change."""

    def __init__(self):
        self.records = []
        self.has_end = False
        self.is_exec = False

    def add(self, kind, body):
        texts, changes, at = [], [], 0
        for match in FIELD.finditer(body):
            change = change_of(kind, match.group(1))
            if change is not None:
                texts.append(body[at:match.start(2)])
                changes.append((change, match.group(2)))
                at = match.end(2)
        self.records.append((kind, texts, changes, body[at:]))
        self.has_end = self.has_end or kind in WITH_END
        self.is_exec = self.is_exec or kind == b"EXECVE"

    def lines(self, new, stamp):
        result = []
        for kind, texts, changes, rest in self.records:
            parts = [b"type=" + kind + b" " + stamp]
            for text, (change, value) in zip(texts, changes):
                parts += text, change(new, value)
            result.append(b"".join(parts) + rest + b"\n")
        if self.has_end:
            result.append(b"type=EOE " + stamp + b"\n")
        return result


def read_recording(path):
    """The events, and the base names of the programs in them."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rb") as file:
        lines = file.read().splitlines()
    events, programs = {}, set()
    for line in lines:
        head = HEAD.match(line)
        if not head or head.group(1).startswith(b"DAEMON_"):
            continue
        kind, serial, body = head.group(1), head.group(4), line[head.end():]
        programs.update((plain(value) or b"").rpartition(b"/")[2] for value in PROGRAM.findall(body))
        events.setdefault(serial, Event()).add(kind, body)
    # The recording starts with its own rules; a host hardly ever changes them.
    return [event for event in events.values()
            if all(record[0] != b"CONFIG_CHANGE" for record in event.records)], programs - {b""}


def interleaved(chance, first, second):
    """Both lists, each in its order, by turns that chance decides; `first` begins."""
    result, first, second = first[:1], first[:0:-1], second[::-1]
    while first and second:
        result.append((first if chance.random() < 0.5 else second).pop())
    return result + first[::-1] + second[::-1]


def one_round(chance, events, new, now_ms, serial):
    """(lines, the time and the serial after it)"""
    lines, open_event = [], None
    for event in events:
        if chance.random() > KEPT_SHARE:
            continue
        serial += 1
        now_ms += chance.choice((0, 0, 0, 1, 1, 2, 4, 10, 35))
        mine = event.lines(new, b"msg=audit(%d.%03d:%d): " % (*divmod(now_ms, 1000), serial))
        if open_event is not None:
            lines += interleaved(chance, open_event, mine)
            open_event = None
        elif chance.random() < INTERLEAVED_SHARE:
            open_event = mine
        else:
            lines += mine
    return lines + (open_event or []), now_ms, serial


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--size-mb", type=int, default=56)
    parser.add_argument("--execs-only", action="store_true", help="only the events of new programs")
    parser.add_argument("--recording", type=pathlib.Path, default=DEFAULT)
    options = parser.parse_args()

    events, programs = read_recording(options.recording)
    if options.execs_only:
        events = [event for event in events if event.is_exec]
    chance = random.Random(20_260_101)
    # Serials of seven digits: a host that has been up for a while.
    first_serial = serial = 3_172_000
    now_ms, size, records = 1_795_409_077_545, 0, 0
    partial = options.output.with_suffix(".partial")
    with open(partial, "wb") as file:
        while size < options.size_mb * 1_000_000:
            lines, now_ms, serial = one_round(chance, events, Round(chance, programs), now_ms, serial)
            records += len(lines)
            size += file.write(b"".join(lines))
    partial.rename(options.output)
    print(f"{serial - first_serial} events, {records} records, {size} bytes")


if __name__ == "__main__":
    main()
