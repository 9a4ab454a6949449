#!/usr/bin/env python3
"""Makes a large audit log for measurements out of a small recording: its events again and again,
each time with later stamps, fresh serials and other process numbers, so that no event and no
process is there twice. EOE records are put back (auditd leaves them out), since readers wait for
them. The same arguments give the same bytes.

  make_bench_input.py OUTPUT [--size-mb 50] [--recording tests/golden/recordings/everyday-raw.log.xz]

Prints the number of events, records and bytes, for the comparison of what is read with what is there.
"""
import argparse
import lzma
import pathlib
import re

DEFAULT = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/recordings/everyday-raw.log.xz"
HEAD = re.compile(rb"type=(\S+) msg=audit\((\d+)\.(\d+):(\d+)\): ")
PROCESS = re.compile(rb"(?<= )((?:p|pp|op|sp|tp)id=)(\d+)")
# Events that come from a system call end with EOE; messages of user space and of the kernel do not.
WITH_END = {b"SYSCALL", b"URINGOP"}
# Highest process number plus one on 64-bit Linux.
PID_LIMIT = 4_194_304


class Event:
    """One event as a template: its records with gaps for stamp, serial and process numbers."""

    def __init__(self, milliseconds):
        self.milliseconds = milliseconds
        self.records = []
        self.has_end = False

    def add(self, kind, body):
        # "text, pid, text, pid, ... text": numbers at odd places.
        parts = PROCESS.split(body)
        texts, numbers = [parts[0]], []
        for name, number, text in zip(parts[1::3], parts[2::3], parts[3::3]):
            texts[-1] += name
            numbers.append(int(number))
            texts.append(text)
        self.records.append((kind, texts, numbers))
        self.has_end = self.has_end or kind in WITH_END

    def write(self, out, milliseconds, serial, process_shift):
        stamp = b"msg=audit(%d.%03d:%d): " % (*divmod(milliseconds, 1000), serial)
        for kind, texts, numbers in self.records:
            out.append(b"type=" + kind + b" " + stamp + texts[0])
            for number, text in zip(numbers, texts[1:]):
                # Process 1 stays what it is.
                shifted = number if number < 2 else 2 + (number + process_shift) % (PID_LIMIT - 2)
                out.append(b"%d" % shifted + text)
            out.append(b"\n")
        if self.has_end:
            out.append(b"type=EOE " + stamp + b"\n")
        return len(self.records) + self.has_end


def read_events(path):
    opener = lzma.open if path.suffix == ".xz" else open
    events = {}
    for line in opener(path, "rb").read().splitlines():
        head = HEAD.match(line)
        if not head or head.group(1).startswith(b"DAEMON_"):
            continue
        kind, seconds, fraction, serial = head.groups()
        event = events.setdefault(serial, Event(int(seconds) * 1000 + int(fraction)))
        event.add(kind, line[head.end():])
    # The recording starts with its own rules; a host hardly ever changes them.
    return [event for event in events.values()
            if all(kind != b"CONFIG_CHANGE" for kind, _, _ in event.records)]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--size-mb", type=int, default=50)
    parser.add_argument("--recording", type=pathlib.Path, default=DEFAULT)
    options = parser.parse_args()

    events = read_events(options.recording)
    first = min(event.milliseconds for event in events)
    length = max(event.milliseconds for event in events) - first + 10
    size = records = serial = repetition = 0
    with open(options.output, "wb") as file:
        while size < options.size_mb * 1_000_000:
            out = []
            for event in events:
                serial += 1
                records += event.write(out, event.milliseconds + repetition * length, serial,
                                       repetition * 1000)
            size += file.write(b"".join(out))
            repetition += 1
    print(f"{serial} events, {records} records, {size} bytes")


if __name__ == "__main__":
    main()
