"""sorreld under test: what it reads, and how it is started, killed and looked at."""
import json
import pathlib
import re
import socket
import subprocess
import threading
import time

from receivers import UidFile


def event(number, seconds=1700000000):
    """An event with a uid of its own, as auditd's text."""
    stamp = f"{seconds + number // 1000}.{number % 1000:03d}:{number + 1}"
    return (f'type=SYSCALL msg=audit({stamp}): arch=c000003e syscall=59 success=yes exit=0 '
            f'ppid=1 pid={1000 + number % 30000} auid=1000 uid=0 comm="prog" exe="/usr/bin/prog" '
            f'key="exec"\n'
            f'type=EXECVE msg=audit({stamp}): argc=2 a0="prog" a1="--event={number}"\n'
            f'type=EOE msg=audit({stamp}): \n')


def make_log(path, events):
    with open(path, "w") as out:
        out.writelines(event(number) for number in range(events))


class Load(threading.Thread):
    """Serves events on a unix socket, as auditd's plugin does, at an even rate, to whoever connects."""

    def __init__(self, folder, rate):
        super().__init__(daemon=True)
        self.path, self.rate = str(folder / "audit.sock"), rate
        self.sent = 0
        self.extra = []  # text that goes between two events
        self.is_paused = self.is_stopped = False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.listener.settimeout(0.05)
        self.start()

    def run(self):
        while not self.is_stopped:
            try:
                client, _ = self.listener.accept()
                client.settimeout(20)
                with client:
                    self.serve(client)
            except OSError:
                continue  # nobody is there, or it was killed

    def serve(self, client):
        began, credit = time.monotonic(), 0
        while not self.is_stopped:
            now = time.monotonic()
            credit = min(credit + (now - began) * self.rate, self.rate)
            began = now
            count = 0 if self.is_paused else int(credit)
            credit -= count
            events = [event(self.sent + i) for i in range(count)]
            extra, self.extra = self.extra, []
            client.sendall("".join(events + extra).encode())
            self.sent += count
            time.sleep(0.01)

    def put(self, text):
        """At the next occasion, once."""
        self.extra.append(text)

    def stop(self):
        self.is_stopped = True
        self.join()
        self.listener.close()


class Sorreld:
    """The daemon with an input, one output to the receiver, and a file with all that it was to send."""

    def __init__(self, program, folder, output, source, **more):
        self.program, self.folder = program, folder
        self.all = UidFile(folder / "all.json")
        config = {
            "state_dir": str(folder / "state"), "control": {"socket": str(folder / "control.sock")},
            "input": source,
            "buffer": {"min_free": "none", "max_share": 100},
            "outputs": [{"name": "all", "type": "file", "path": str(self.all.path)}, output]}
        config.update(more)
        self.config = folder / "sorrel.yaml"
        self.config.write_text(json.dumps(config))
        self.process = None

    def change(self, output=None, source=None):
        config = json.loads(self.config.read_text())
        if output:
            config["outputs"][1] = output
        if source:
            config["input"] = source
        self.config.write_text(json.dumps(config))

    def start(self):
        with open(self.folder / "sorreld.out", "a") as out:
            self.process = subprocess.Popen([self.program, "--config", self.config], stdout=out, stderr=out)
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def said(self):
        return (self.folder / "sorreld.out").read_text()

    def wait(self, seconds=120):
        self.process.wait(seconds)
        assert self.process.returncode == 0, f"sorreld ended with {self.process.returncode}"

    def end(self):
        self.process.terminate()
        self.wait(30)

    def sent(self):
        return set(self.all.look())

    def on_disk(self):
        """The uids in its buffer: what it has accepted, and has not yet let go. After a kill."""
        said = subprocess.run([self.program.parent / "sorrelctl", "buffer", "export", "--config", self.config],
                              capture_output=True, timeout=60)
        return set(re.findall(rb'"EVENT_UID":"([0-9a-f]{32})"', said.stdout))
