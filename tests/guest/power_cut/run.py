#!/usr/bin/env python3
"""What the buffer calls durable survives a power cut.

    tests/guest/power_cut/run.py [--bin DIR] [--cuts N] [--seed N]

A guest in QEMU writes to its own disk (ext4 on NVMe) and says on its serial line how far it is durable; QEMU is
killed in the middle of it, and the next guest looks at the same disk, and goes on. Beside the buffer that syncs
each commit is one that never does: it must lose events that it had written, or the cut cut nothing.
Exit status: 0 as it should be; 77 something needed is not here (and says what); 1 events are lost.
"""
import argparse
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import qemu  # noqa: E402

DISK_MIB = 256
BOOT_SECONDS = 300
BOOTS = 3
# QEMU's own disk loses a command on a busy host, now and then; the guest's kernel gives it up after a minute. A
# file system that a cut has damaged says other things.
EMULATOR_FAULT = "I/O error, dev nvme0n1"


def make_disk(path):
    mke2fs = shutil.which("mke2fs", path="/sbin:/usr/sbin:/bin:/usr/bin")
    if mke2fs is None:
        qemu.skip("mke2fs is not installed (package e2fsprogs)")
    with open(path, "wb") as disk:
        disk.truncate(DISK_MIB << 20)
    subprocess.run([mke2fs, "-q", "-F", "-t", "ext4", path], check=True)


class Guest:
    """One boot with the disk."""

    def __init__(self, folder, program, disk, append=""):
        device = ("-drive", f"file={disk},if=none,id=disk,format=raw,cache=writeback",
                  "-device", "nvme,drive=disk,serial=disk")
        command = qemu.command(folder, program, {}, f"quiet {append}", device)
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.console = []

    def lines(self, seconds=BOOT_SECONDS):
        """Each whole line of its console; what is cut off at its end is no line."""
        until = time.monotonic() + seconds
        for line in self.process.stdout:
            text = line.decode(errors="replace")
            if text.endswith("\n"):
                self.console.append(text.strip())
                yield text.strip()
            if time.monotonic() > until:
                return

    def cut(self):
        self.process.kill()
        self.process.wait()

    def found(self, lines):
        """policy -> (last, missing, wrong); nothing when it cannot read its disk by the emulator's fault."""
        found = {}
        for line in lines:
            if line.startswith("FAILED"):
                break
            if said := re.fullmatch(r"FOUND (\w+) (\d+) (\d+) (\d+)", line):
                found[said.group(1)] = tuple(map(int, said.groups()[1:]))
            if len(found) == 2:
                return found
        self.cut()
        if any(EMULATOR_FAULT in line for line in self.console):
            return None
        sys.exit("FAILED: the guest said nothing of its disk:\n" + "\n".join(self.console[-15:]))


def boot(*where):
    """A guest, its lines, and what it found. What it recovered is recovered again by the next, if need be."""
    for _ in range(BOOTS):
        guest = Guest(*where)
        lines = guest.lines()
        found = guest.found(lines)
        if found:
            return guest, lines, found
        print("the emulated disk failed; the guest is started again", flush=True)
    sys.exit("FAILED: the emulated disk fails:\n" + "\n".join(guest.console[-15:]))


def write_and_cut(guest, lines, count):
    """The last (always, never) that it called durable before it was gone."""
    said = (0, 0)
    for line in lines:
        if durable := re.fullmatch(r"DURABLE (\d+) (\d+)", line):
            said = tuple(map(int, durable.groups()))
            count -= 1
        if count == 0:
            guest.cut()
    # What it said before it died is read to its end: each line is a promise.
    guest.cut()
    if said == (0, 0):
        sys.exit("FAILED: the guest wrote nothing:\n" + "\n".join(guest.console[-15:]))
    return said


def judge(cut, said, found):
    """The events that the buffer without syncs lost, or a failure."""
    last, missing, wrong = found["always"]
    print(f"cut {cut}: durable {said[0]}, found {last}; without syncs: written {said[1]}, found {found['never'][0]}",
          flush=True)
    if last < said[0] or missing or wrong:
        sys.exit(f"FAILED: event {said[0]} was durable; found {last}, {missing} missing, {wrong} wrong")
    return max(0, said[1] - found["never"][0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parents[2] / "build/release/bin")
    parser.add_argument("--cuts", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    options = parser.parse_args()
    program = options.bin / "guest_power_cut"
    qemu.need(program)
    print(f"seed {options.seed}")
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="sorrel-power-cut.") as name:
        folder = pathlib.Path(name)
        disk = folder / "disk"
        make_disk(disk)
        lost, said = 0, None
        for cut in range(options.cuts + 1):
            is_last = cut == options.cuts
            guest, lines, found = boot(folder, program, disk, "CHECK=1" if is_last else "")
            if said:
                lost += judge(cut, said, found)
            if is_last:
                guest.cut()
            else:
                said = write_and_cut(guest, lines, moments.randrange(20, 150))
    if lost == 0:
        sys.exit("FAILED: the buffer without syncs lost nothing, so these cuts prove nothing")
    print(f"{options.cuts} power cuts: no durable event lost; {lost} lost without syncs")


main()
