"""sorreld under load, whose outputs come, change and go with SIGHUP."""
import json
import re
import signal
import subprocess
import time

from collector import wait_until
from daemon import Load, Sorreld

CONFIGURED = re.compile(rb'"EVENT_UID":"([0-9a-f]{32})".*"DAEMON_CONFIG"')


class Run:
    """sorreld under load, with the outputs that it has now."""

    def __init__(self, stack, sorreld, folder, rate, outputs, **more):
        self.stack, self.folder, self.reloads = stack, folder, 0
        self.load = Load(folder, rate)
        self.daemon = Sorreld(sorreld, folder, None, {"unix": self.load.path}, **more)
        self.write(outputs)
        stack.callback(lambda: self.daemon.process.poll() is None and self.daemon.kill())
        self.daemon.start()

    def write(self, outputs, **more):
        config = json.loads(self.daemon.config.read_text())
        config["outputs"] = config["outputs"][:1] + outputs
        config.update(more)
        self.daemon.config.write_text(json.dumps(config))

    def says(self, wanted, times=1, seconds=30):
        wait_until(lambda: len(re.findall(wanted, self.daemon.said())) >= times, seconds,
                   f"sorreld says '{wanted}'")

    def reload(self, outputs, wanted="configuration read again", **more):
        self.write(outputs, **more)
        before = len(re.findall(wanted, self.daemon.said()))
        self.daemon.process.send_signal(signal.SIGHUP)
        self.says(wanted, before + 1)

    def grow(self, collector, events=300):
        """Until so many more have arrived: what is done next hits a stream under way."""
        goal = len(collector.uids()) + events
        wait_until(lambda: len(collector.uids()) >= goal, 30, f"{events} more events arrive")

    def status(self):
        said = subprocess.run([self.daemon.program.parent / "sorrelctl", "status", "--json", "--socket",
                               self.folder / "control.sock"], capture_output=True, timeout=20, check=True)
        found = json.loads(said.stdout)
        return {each["name"]: each for each in found.get("outputs", [])}

    def ordered(self):
        """The uids in the order of the events, and the places of the reloads among them."""
        uids, reloads = [], []
        for line in self.daemon.all.path.read_bytes().splitlines():
            if CONFIGURED.search(line):
                reloads.append(len(uids))
            uids.append(re.search(rb'"EVENT_UID":"([0-9a-f]{32})"', line).group(1).decode())
        return uids, reloads

    def end(self):
        self.load.stop()
        time.sleep(0.5)
        self.daemon.end()


def check_all(uids, came, what):
    missing = set(uids) - set(came)
    assert not missing, f"{len(missing)} of {len(uids)} events are missing at {what}"
