#!/usr/bin/env python3
"""sorreld on a disk that is full, and has room again later: no event that it accepted is lost.

    full_disk.py SORRELD [--rate N]

The disk is a small tmpfs, mounted in a mount namespace of this test's own, so it needs root. Exit status: 0 as it
should be; 77 without root (and says so); 1 a scenario failed.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

from collector import run_scenarios, wait_until
from daemon import Load, Sorreld
from http_sinks import arrived, hec

IN_NAMESPACE = "SORREL_TEST_NAMESPACE"
DISK_MIB = 6
ROOMY_MIB = 200


def enter_namespace():
    """Goes on in a mount namespace of its own, or ends."""
    if os.environ.get(IN_NAMESPACE):
        return
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        print("SKIP: FULL DISK NOT TESTED: that takes root and unshare, to mount a small disk")
        sys.exit(77)
    if subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("SKIP: FULL DISK NOT TESTED: no mount namespace is to be had here")
        sys.exit(77)
    os.environ[IN_NAMESPACE] = "1"
    os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.argv])


class Disk:
    """The folder of sorreld's state, on a disk of its own; `others` takes a part of it."""

    def __init__(self, folder):
        self.path = folder / "state"
        self.path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", self.path], check=True)
        (self.path / "others").write_bytes(bytes(1 << 20))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=True)

    def make_room(self):
        (self.path / "others").unlink()
        subprocess.run(["mount", "-o", f"remount,size={ROOMY_MIB}m", self.path], check=True)


class Scenarios:
    def __init__(self, arguments):
        self.sorreld, self.rate = arguments.sorreld, arguments.rate

    def fill(self, folder, act):
        """Nobody takes the events until the disk is full; then `act`, then there is room, and a collector."""
        with Disk(folder) as disk, hec(folder) as collector:
            collector.kill()
            load = Load(folder, self.rate)
            output = {"name": "central", "type": "http", "api": "ndjson", "url_path": "/lines",
                      "address": [f"127.0.0.1:{collector.port}"], "tls": "none",
                      "retry": {"first": "50ms", "longest": "500ms"}}
            daemon = Sorreld(self.sorreld, folder, output, {"unix": load.path},
                             buffer={"min_free": "none", "max_share": 100, "max_size": "no limit", "compression": 0,
                                     "segment": "1 MiB", "memory": "16 MiB"})
            daemon.start()
            try:
                wait_until(lambda: "the buffer cannot write" in daemon.said(), 60, "the disk is full")
                time.sleep(1)
                load.is_paused = True
                time.sleep(1)
                full_at = load.sent
                owed = act(daemon, disk)
                load.is_paused = False
                wait_until(lambda: load.sent > full_at + self.rate, 30, "events go on")
                load.is_paused = True
                collector.start()
                wait_until(lambda: (owed or daemon.sent()) <= {uid.encode() for uid in arrived(folder)}, 60,
                           "all that was accepted arrives")
                said = f"{full_at} events until it was full; {len(owed or daemon.sent())} owed, all arrived"
                load.stop()
                daemon.end()
            finally:
                if daemon.process.poll() is None:
                    daemon.kill()
            return said

    def stays_up(self, folder):
        """What the disk did not take is in memory, and comes to the disk later: nothing at all is lost."""
        return self.fill(folder, self.just_room)

    def just_room(self, _, disk):
        disk.make_room()

    def killed_when_full(self, folder):
        """kill -9 while it is full, and a start that finds it full: what was on the disk is owed."""
        return self.fill(folder, self.kill)

    def kill(self, daemon, disk):
        daemon.kill()
        accepted = daemon.on_disk()
        assert len(accepted) > 500, f"only {len(accepted)} events on the disk"
        daemon.start()
        time.sleep(2)
        assert daemon.process.poll() is None, "sorreld does not start on a full disk"
        disk.make_room()
        return accepted

    def all(self):
        return [("full disk, stays up", self.stays_up), ("full disk, killed", self.killed_when_full)]


def main():
    enter_namespace()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sorreld", type=pathlib.Path)
    parser.add_argument("--rate", type=int, default=2000, help="events a second (default: %(default)s)")
    sys.exit(run_scenarios(Scenarios(parser.parse_args()).all()))


if __name__ == "__main__":
    main()
