#!/usr/bin/env python3
"""How fast and how cheaply the sinks send, against bare blocking senders of the same bytes, to real rsyslog,
syslog-ng and Kafka on 127.0.0.1.
  sending_rate.py SINK_BENCH [--events N] [--runs N] [--only NAMES] [--work FOLDER] [--kafka FOLDER]
Ours and the bare one by turns to the same receiver, which keeps only the uids; it must have all of them, once
each, before the next turn (Kafka: it has acknowledged all, and its topic is not read back). Prints a line for each receiver, pairs of a name and a median; "skipped NAME: why"
for what cannot be had. Exit status 1 when something could not be measured. The servers are fetched as the
tests of the sinks do, Kafka into the folder --kafka.
"""
import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import kafka_sinks
from collector import wait_until
from pki import make_authorities, make_leaf
from receivers import RSYSLOG, Rsyslog, SyslogNg
from unpacked import fetch, with_missing_dependencies

PAIR = re.compile(r"(\w+)=([\d.]+)")
PATIENCE = 120  # seconds, of a run
# What the tests' receivers write of an event, and here: its uid, the first 47 bytes.
SHORTER = (("%msg:2:$%", "%msg:2:48%"), ("${MSG}", "$(substr ${MSG} 0 47)"), ("flush-lines(1)", "flush-lines(1000)"))


class Missing(Exception):
    """What is needed is not here."""


class UidsOnly:
    """A receiver that keeps no more of an event than tells it from others: its own work is not measured."""

    def __init__(self, receiver):
        self.receiver, self.port = receiver, receiver.port
        text = receiver.conf.read_text()
        shorter = text
        for long, short in SHORTER:
            shorter = shorter.replace(long, short)
        assert shorter != text, f"{receiver.conf} is not as it was"
        receiver.conf.write_text(shorter)

    def __enter__(self):
        self.receiver.__enter__()
        return self

    def __exit__(self, *error):
        self.receiver.__exit__(*error)

    def check(self, events):
        """All of a run, once each; they are forgotten then."""
        came = self.receiver.came
        wait_until(lambda: sum(came.look().values()) >= events, PATIENCE, f"{events} events arrive")
        assert len(came.counts) == sum(came.counts.values()) == events, \
            f"{sum(came.counts.values())} came, {len(came.counts)} of them different, and {events} were sent"
        came.counts.clear()
        os.truncate(came.path, 0)
        came.at = 0


class Rate:
    def __init__(self, arguments, folder):
        self.program, self.events, self.runs = arguments.program, arguments.events, arguments.runs
        self.work, self.kafka, self.folder = arguments.work, arguments.kafka, folder
        self.pki = folder / "pki"
        self.pki.mkdir()
        make_authorities(self.pki)
        for leaf in ("server", "client"):
            make_leaf(self.pki, leaf)

    def run(self, protocol, side, port, run, options):
        command = [self.program, protocol, side, f"localhost:{port}", str(self.events), f"run={run}", *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, f"{' '.join(map(str, command[1:4]))}: {done.stdout}{done.stderr}"[-600:]
        figures = {name: float(value) for name, value in PAIR.findall(done.stdout)}
        assert "seconds" in figures, f"{protocol} {side} says nothing of what it did"
        return figures

    def by_turns(self, protocol, port, options, check):
        """Medians of both sides; the first turn of each warms up."""
        sides = {"ours": [], "bare": []}
        for turn in range(self.runs + 1):
            for place, (side, results) in enumerate(sides.items()):
                result = self.run(protocol, side, port, 2 * turn + place + 1, options)
                check()
                if turn > 0:
                    results.append(result)
        def median(side, figure):
            return statistics.median(figure(result) for result in sides[side])
        figures = {}
        for side in sides:
            figures[f"{side}_mb_per_s"] = median(side, lambda it: it["bytes"] / 1e6 / it["seconds"])
            figures[f"{side}_cpu_per_gb"] = median(side, lambda it: it["cpu_seconds"] * 1e9 / it["bytes"])
        figures["ratio"] = figures["ours_mb_per_s"] / figures["bare_mb_per_s"]
        return figures

    def server(self, make, protocol):
        folder = self.folder / f"{make.__name__}-{protocol}"
        folder.mkdir()
        if make is Rsyslog:
            root = fetch(self.work, "rsyslog", RSYSLOG)
        else:
            root = fetch(self.work, "syslog-ng", with_missing_dependencies("syslog-ng-core"))
        options = [f"ca={self.pki}/ca.crt", f"cert={self.pki}/client.crt", f"key={self.pki}/client.key"]
        with UidsOnly(make(root, folder, protocol, self.pki)) as receiver:
            return self.by_turns(protocol, receiver.port, options, lambda: receiver.check(self.events))

    def syslog_rsyslog(self):
        return self.server(Rsyslog, "syslog")

    def syslog_syslog_ng(self):
        return self.server(SyslogNg, "syslog")

    def relp_rsyslog(self):
        return self.server(Rsyslog, "relp")

    def to_kafka(self, compression):
        for tool in ("java", "mvn"):
            if not shutil.which(tool):
                raise Missing(f"{tool} was not found")
        kafka_sinks.fetch(self.kafka)
        folder = self.folder / f"kafka-{compression}"
        folder.mkdir()
        options = [f"ca={folder}/ca.crt", f"cert={folder}/agent.crt", f"key={folder}/agent.key",
                   f"topic=rate-{compression}", f"compression={compression}"]
        broker = kafka_sinks.Broker(folder, self.kafka)
        # Kafka's own default: a sync of each request would be the disk's rate, not the sender's.
        properties = folder / "server.properties"
        properties.write_text(properties.read_text().replace("log.flush.interval.messages=1\n", ""))
        with broker:
            # Each run ends when the broker has acknowledged everything: there is nothing to wait for.
            return self.by_turns("kafka", broker.ports["ssl"], options, lambda: None)

    def kafka_plain(self):
        return self.to_kafka("none")

    def kafka_zstd(self):
        return self.to_kafka("zstd")

    NAMES = ["syslog_rsyslog", "syslog_syslog_ng", "relp_rsyslog", "kafka_plain", "kafka_zstd"]


def measure(rate, name):
    """Whether it was measured, or had a reason not to be."""
    try:
        figures = getattr(rate, name)()
    except Missing as missing:
        print(f"skipped {name}: {missing}", flush=True)
        return True
    except SystemExit:  # of fetch(), which has said why
        print(f"skipped {name}: its server cannot be had", flush=True)
        return True
    except (AssertionError, RuntimeError, subprocess.TimeoutExpired) as error:
        print(f"failed {name}: {error}", flush=True)
        return False
    print(f"{name}:", *(f"{figure}={value:.3f}" for figure, value in figures.items()), flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", help="names, with commas between them")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/sinks"))
    parser.add_argument("--kafka", type=pathlib.Path, default=pathlib.Path("build/collectors/kafka"))
    arguments = parser.parse_args()
    for name in ("program", "work", "kafka"):
        setattr(arguments, name, getattr(arguments, name).resolve())
    arguments.work.mkdir(parents=True, exist_ok=True)
    names = arguments.only.split(",") if arguments.only else Rate.NAMES
    with tempfile.TemporaryDirectory(prefix="sorrel-rate-") as folder:
        rate = Rate(arguments, pathlib.Path(folder))
        return 0 if all([measure(rate, name) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
