#!/usr/bin/env python3
"""How long an event of the first lane is on its way while a backlog drains to real rsyslog on 127.0.0.1.
  first_lane.py SORRELD [--events N] [--rate N] [--protocol syslog|relp] [--work FOLDER]
N events wait in the buffer when rsyslog starts; more come at the rate meanwhile. Every 50 ms a line that is no
record is put in, of which sorreld makes an event of its own; the time until rsyslog has written it counts.
Prints pairs of a name and a value; exit status 1 when it could not be measured. rsyslog is fetched as the
tests of the sinks do.
"""
import argparse
import contextlib
import pathlib
import statistics
import sys
import tempfile
import time

from collector import wait_until
from daemon import Load, Sorreld
from receivers import RSYSLOG, Rsyslog
from scenario import Scenarios
from unpacked import fetch

EVERY = 0.05  # seconds
LEAST = 20    # probes, for a median to mean something
PATIENCE = 120


class Probes:
    """Lines that are no records, and when each was put in and has arrived."""

    def __init__(self, load, log):
        self.load, self.log, self.at = load, log, 0
        self.on_way, self.delays = {}, []

    def send(self):
        text = f"probe {len(self.on_way) + len(self.delays)};"
        self.on_way[text.encode()] = time.monotonic()
        self.load.put(text + "\n")

    def look(self):
        with open(self.log, "rb") as file:
            file.seek(self.at)
            new = file.read()
        now = time.monotonic()
        for probe in [each for each in self.on_way if each in new]:
            self.delays.append(now - self.on_way.pop(probe))
        # A line may have come in part.
        self.at += new.rfind(b"\n") + 1


def fill(daemon, load, events, rate):
    """Until so many events wait."""
    load.rate = 100_000
    wait_until(lambda: len(daemon.sent()) >= events, PATIENCE, f"{events} events are accepted")
    load.rate = rate


def drain(daemon, receiver, probes, events):
    """Probes until all that waited has come; the rate at which it did, in events a second."""
    began = time.monotonic()
    due = began
    while len(receiver.uids()) < events:
        assert time.monotonic() < began + PATIENCE, "the backlog does not drain"
        if time.monotonic() >= due:
            probes.send()
            due += EVERY
        probes.look()
        time.sleep(0.002)
    rate = events / (time.monotonic() - began)
    wait_until(lambda: probes.look() or not probes.on_way, 10, "all probes arrive")
    return rate


def measure(scenarios, folder, arguments, make_receiver):
    pki = scenarios.prepare(folder)
    with contextlib.ExitStack() as stack:
        receiver = make_receiver(folder, arguments.protocol, pki)
        load = Load(folder, arguments.rate)
        stack.callback(load.stop)
        output = scenarios.output(arguments.protocol, receiver.port, pki)
        daemon = Sorreld(scenarios.sorreld, folder, output, {"unix": load.path})
        daemon.start()
        stack.callback(lambda: daemon.process.poll() is None and daemon.kill())
        fill(daemon, load, arguments.events, arguments.rate)
        stack.enter_context(receiver)
        wait_until(receiver.log.exists, 30, "the first event arrives")
        probes = Probes(load, receiver.log)
        rate = drain(daemon, receiver, probes, arguments.events)
    assert len(probes.delays) >= LEAST, f"only {len(probes.delays)} probes: ask for more events"
    ms = sorted(1000 * delay for delay in probes.delays)
    print(f"p50_ms={statistics.median(ms):.1f} p90_ms={ms[len(ms) * 9 // 10]:.1f} probes={len(ms)} "
          f"backlog_events={arguments.events} drained_per_s={rate:.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sorreld", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=200_000, help="that wait")
    parser.add_argument("--rate", type=int, default=1_000, help="events a second, of those that come meanwhile")
    parser.add_argument("--protocol", choices=("syslog", "relp"), default="syslog")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/sinks"))
    arguments = parser.parse_args()
    arguments.sorreld, arguments.work = arguments.sorreld.resolve(), arguments.work.resolve()
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.kills = arguments.sorreld_kills = arguments.stall = 0
    root = fetch(arguments.work, "rsyslog", RSYSLOG)

    def make_receiver(*where):
        return Rsyslog(root, *where)
    scenarios = Scenarios(arguments, make_receiver)
    with tempfile.TemporaryDirectory(prefix="sorrel-lane-") as folder:
        try:
            measure(scenarios, pathlib.Path(folder), arguments, make_receiver)
        except AssertionError as error:
            print(f"first_lane.py: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
