"""Runs programs and reads what they used: CPU seconds by getrusage (wait4), never wall time."""
import dataclasses
import os
import statistics
import subprocess


class Failed(Exception):
    """A program that was to be measured did not do its work."""


@dataclasses.dataclass
class Command:
    arguments: list
    stdin: str = os.devnull
    cwd: str = "."


def run(command, stdout=subprocess.DEVNULL):
    """rusage of one run. Its own messages go nowhere; a failure shows them."""
    with open(command.stdin, "rb") as stdin:
        process = subprocess.Popen(command.arguments, stdin=stdin, stdout=stdout,
                                   stderr=subprocess.DEVNULL, cwd=command.cwd)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(f"{' '.join(map(str, command.arguments))} ended with {process.returncode}")
    return usage


@dataclasses.dataclass
class Series:
    """CPU seconds of the runs of one command. Not its memory: ru_maxrss begins with what this
    process had when it forked."""
    seconds: list = dataclasses.field(default_factory=list)

    def add(self, usage):
        self.seconds.append(usage.ru_utime + usage.ru_stime)

    def median(self):
        return statistics.median(self.seconds)

    def text(self, size):
        low, high = min(self.seconds), max(self.seconds)
        return (f"{size / self.median() / 1e6:.1f} MB per CPU second (CPU {self.median():.3f} s, "
                f"{low:.3f}..{high:.3f} in {len(self.seconds)} runs)")


def interleaved(commands, runs):
    """{name: Series} of the commands, by turns, so that a noisy moment meets all of them."""
    series = {name: Series() for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            series[name].add(run(command))
    return series
