#!/usr/bin/env python3
"""bench.py INPUT SORRELCTL [PROGRAM...]: measures `sorrelctl decode INPUT`, and each PROGRAM that is
there with `--input INPUT` (its own output is shown once). Exit status 1 when the output does not
hold every event of the input, or a program fails.
"""
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

RUNS = 7


def measured(command):
    """(CPU seconds, wall seconds, peak memory in MiB) of one run, output thrown away."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss / 1024


def count_input(path):
    """(events, records, bytes)"""
    stamp = re.compile(rb"msg=audit\(([\d.]+:\d+)\)")
    ids, records = set(), 0
    with open(path, "rb") as file:
        for line in file:
            match = stamp.search(line)
            if match:
                ids.add(match.group(1))
                records += 1
    return len(ids), records, os.path.getsize(path)


def count_output(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    lines = sum(line.startswith(b"{") for line in process.stdout)
    return lines if process.wait() == 0 else -1


def main(input_path, sorrelctl, *programs):
    events, records, size = count_input(input_path)
    print(f"{input_path}: {events} events, {records} records, {size / 1e6:.1f} MB")
    commands = {"sorrelctl decode": [sorrelctl, "decode", input_path]}
    written = count_output(commands["sorrelctl decode"])
    if written != events:
        print(f"sorrelctl decode wrote {written} events of {events}")
        return 1
    runs = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            runs[name].append(measured(command))
    for name, results in runs.items():
        cpu, wall, memory = (statistics.median(column) for column in zip(*results))
        spread = (max(run[0] for run in results) - min(run[0] for run in results)) / cpu
        print(f"{name}: CPU {cpu:.3f} s (spread {spread:.0%} of {RUNS} runs), {cpu / events * 1e6:.2f} us "
              f"an event, {cpu / records * 1e9:.0f} ns a record, {size / cpu / 1e6:.0f} MB per CPU second, "
              f"wall {wall:.3f} s, peak memory {memory:.0f} MiB")
    for program in programs:
        if pathlib.Path(program).exists():
            print(f"== {pathlib.Path(program).name}", flush=True)
            subprocess.run([program, "--input", input_path], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
