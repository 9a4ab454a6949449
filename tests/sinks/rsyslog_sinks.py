#!/usr/bin/env python3
"""sorreld, its buffer and its syslog and RELP outputs against a real rsyslog on 127.0.0.1.
  rsyslog_sinks.py SORRELD [--events N] [--kills N] [--stall SECONDS] [--only NAME] [--work FOLDER]
rsyslog is fetched as Debian packages and unpacked, never installed. A line a scenario, "ok" or
"FAILED" with figures; exit status 1 when one failed, 77 when rsyslog cannot be had.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from collector import free_port, wait_for_port
from pki import make_authorities, make_leaf

PACKAGES = ["rsyslog", "rsyslog-openssl", "rsyslog-relp", "librelp0", "libestr0", "libfastjson4",
            "liblognorm5"]
HERE = pathlib.Path(__file__).resolve().parent


def fetch_rsyslog(work):
    """The folder with the unpacked packages."""
    root = work / "rsyslog"
    if (root / "usr/sbin/rsyslogd").exists():
        return root
    packages = work / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    got = subprocess.run(["apt-get", "download", *PACKAGES], cwd=packages, capture_output=True,
                         text=True)
    if got.returncode != 0:
        print(f"skipped: rsyslog cannot be had: {got.stderr.strip().splitlines()[-1:]}")
        sys.exit(77)
    for package in sorted(packages.glob("*.deb")):
        subprocess.run(["dpkg", "-x", package, root], check=True)
    return root


class Rsyslog:
    """A receiver that can be killed, stopped and started again; what it gets is in `log`."""

    def __init__(self, root, folder, protocol, pki):
        self.root, self.folder, self.port = root, folder, free_port()
        self.log = folder / "events.log"
        text = (HERE / f"rsyslog-{protocol}.conf").read_text()
        for name, value in {"PORT": self.port, "CA": pki / "ca.crt", "CERT": pki / "server.crt",
                            "KEY": pki / "server.key", "FILE": self.log, "WORK": folder}.items():
            text = text.replace(f"@{name}@", str(value))
        self.conf = folder / "rsyslog.conf"
        self.conf.write_text(text)
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.kill()

    def start(self):
        library = self.root / "usr/lib/x86_64-linux-gnu"
        if not library.exists():
            library = next((self.root / "usr/lib").glob("*-linux-gnu"))
        environment = dict(os.environ, LD_LIBRARY_PATH=f"{library}:{self.root}/lib/{library.name}",
                           RSYSLOG_MODDIR=str(library / "rsyslog"))
        with open(self.folder / "rsyslog.out", "a") as out:
            self.process = subprocess.Popen(
                [self.root / "usr/sbin/rsyslogd", "-n", "-f", self.conf, "-i",
                 self.folder / "rsyslog.pid", "-M", library / "rsyslog"],
                stdout=out, stderr=out, env=environment)
        wait_for_port(self.port, self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()
        (self.folder / "rsyslog.pid").unlink(missing_ok=True)

    def uids(self):
        if not self.log.exists():
            return collections.Counter()
        found = re.findall(rb'"EVENT_UID":"([0-9a-f]{32})"', self.log.read_bytes())
        return collections.Counter(found)


def make_log(path, events):
    """An audit log; each event has a uid of its own."""
    with open(path, "w") as out:
        for i in range(events):
            stamp = f"{1700000000 + i // 1000}.{i % 1000:03d}:{i + 1}"
            out.write(f'type=SYSCALL msg=audit({stamp}): arch=c000003e syscall=59 success=yes exit=0 '
                      f'ppid=1 pid={1000 + i % 30000} auid=1000 uid=0 comm="prog" exe="/usr/bin/prog" '
                      f'key="exec"\n'
                      f'type=EXECVE msg=audit({stamp}): argc=2 a0="prog" a1="--event={i}"\n'
                      f'type=EOE msg=audit({stamp}): \n')


class Sorreld:
    """The daemon with a log for an input, one output to the receiver, and a file with all that it
    was to send."""

    def __init__(self, program, folder, output, log, **more):
        self.program, self.folder = program, folder
        self.all = folder / "all.json"
        config = {
            "state_dir": str(folder / "state"), "control": {"socket": str(folder / "control.sock")},
            "input": {"replay": [str(log)]},
            "buffer": {"min_free": "none", "max_share": 100},
            "outputs": [{"name": "all", "type": "file", "path": str(self.all)}, output]}
        config.update(more)
        self.config = folder / "sorrel.yaml"
        self.config.write_text(json.dumps(config))
        self.process = None

    def start(self):
        with open(self.folder / "sorreld.out", "a") as out:
            self.process = subprocess.Popen([self.program, "--config", self.config], stdout=out,
                                            stderr=out)
        return self

    def said(self):
        return (self.folder / "sorreld.out").read_text()

    def wait(self, seconds=120):
        self.process.wait(seconds)
        assert self.process.returncode == 0, f"sorreld ended with {self.process.returncode}"

    def sent(self):
        return set(re.findall(rb'"EVENT_UID":"([0-9a-f]{32})"', self.all.read_bytes()))


class Scenarios:
    def __init__(self, arguments, root):
        self.sorreld, self.events, self.root = arguments.sorreld, arguments.events, root
        self.kills, self.stall = arguments.kills, arguments.stall

    def prepare(self, folder):
        pki = folder / "pki"
        pki.mkdir()
        make_authorities(pki)
        make_leaf(pki, "server")
        make_leaf(pki, "client")
        log = folder / "audit.log"
        make_log(log, self.events)
        return pki, log

    def output(self, protocol, port, pki, **more):
        tls = {"ca": str(pki / "ca.crt"), "cert": str(pki / "client.crt"), "key": str(pki / "client.key")}
        tls.update(more.pop("tls", {}))
        made = {"name": "central", "type": protocol, "address": [f"localhost:{port}"], "tls": tls,
                "retry": {"first": "50ms", "longest": "500ms"}}
        made.update(more)
        return made

    def until_all_came(self, receiver, daemon, seconds=120):
        """Starts the daemon again as often as it takes: what it did not get through is on disk."""
        end = time.monotonic() + seconds
        while True:
            daemon.wait()
            sent, came = daemon.sent(), receiver.uids()
            # Our own first and last words are in each run; only those of the input are counted.
            missing = sent - set(came)
            if not missing or time.monotonic() > end:
                break
            daemon.config.write_text(re.sub(r'"replay": \[[^]]*\]', '"unix": "%s"' % (daemon.folder / "none.sock"),
                                            daemon.config.read_text()))
            daemon.start()
            time.sleep(5)
            daemon.process.terminate()
        assert not missing, f"{len(missing)} of {len(sent)} events are missing"
        return {"events": len(sent), "twice": sum(came.values()) - len(came)}

    def all_arrive(self, folder, protocol):
        pki, log = self.prepare(folder)
        with Rsyslog(self.root, folder, protocol, pki) as receiver:
            daemon = Sorreld(self.sorreld, folder, self.output(protocol, receiver.port, pki), log)
            started = time.monotonic()
            daemon.start()
            result = self.until_all_came(receiver, daemon)
            result["seconds"] = round(time.monotonic() - started, 1)
        return result

    def relp_all_arrive(self, folder):
        return self.all_arrive(folder, "relp")

    def syslog_all_arrive(self, folder):
        return self.all_arrive(folder, "syslog")

    def output_test(self, folder):
        """sorrelctl beside sorreld: each step that fails is named."""
        pki, log = self.prepare(folder)
        sorrelctl = self.sorreld.parent / "sorrelctl"

        def ask(**output):
            daemon = Sorreld(self.sorreld, folder, output, log)
            run = subprocess.run([sorrelctl, "output", "test", "central", "--json", "--config", daemon.config],
                                 capture_output=True, text=True, timeout=60)
            return run.returncode, json.loads(run.stdout)

        for protocol in ("relp", "syslog"):
            with Rsyslog(self.root, folder, protocol, pki) as receiver:
                code, said = ask(**self.output(protocol, receiver.port, pki))
                assert code == 0 and said["good"], said
                end = time.monotonic() + 10
                while said["event_uid"].encode() not in receiver.uids() and time.monotonic() < end:
                    time.sleep(0.05)
                assert said["event_uid"].encode() in receiver.uids(), "it never arrived"
                code, said = ask(**self.output(protocol, receiver.port, pki, tls={"server_name": "x.example"}))
                assert (code, said["step"]) == (1, "TLS") and "another name" in said["error"], said
        code, said = ask(**self.output("relp", free_port(), pki))
        assert (code, said["step"]) == (1, "TCP"), said
        return {"answers": 5}

    def relp_receiver_is_killed(self, folder):
        pki, log = self.prepare(folder)
        with Rsyslog(self.root, folder, "relp", pki) as receiver:
            daemon = Sorreld(self.sorreld, folder, self.output("relp", receiver.port, pki, window=64), log)
            daemon.start()
            for _ in range(self.kills):
                before = len(receiver.uids())
                end = time.monotonic() + 20
                while len(receiver.uids()) < before + self.events // (3 * self.kills):
                    if daemon.process.poll() is not None or time.monotonic() > end:
                        break
                    time.sleep(0.02)
                receiver.kill()
                time.sleep(0.1)
                receiver.start()
            result = self.until_all_came(receiver, daemon)
        return result

    def relp_receiver_stands_still(self, folder):
        pki, log = self.prepare(folder)
        with Rsyslog(self.root, folder, "relp", pki) as receiver:
            daemon = Sorreld(self.sorreld, folder, self.output("relp", receiver.port, pki, timeout="2s"), log)
            daemon.start()
            time.sleep(0.3)
            receiver.process.send_signal(signal.SIGSTOP)
            time.sleep(self.stall)
            receiver.process.send_signal(signal.SIGCONT)
            result = self.until_all_came(receiver, daemon)
        return result

    def sorreld_is_killed(self, folder):
        pki, log = self.prepare(folder)
        with Rsyslog(self.root, folder, "relp", pki) as receiver:
            output = self.output("relp", receiver.port, pki)
            daemon = Sorreld(self.sorreld, folder, output, log)
            for _ in range(self.kills):
                daemon.start()
                time.sleep(0.25)
                daemon.process.kill()
                daemon.process.wait()
            daemon.start()
            result = self.until_all_came(receiver, daemon)
        return result

    def refused(self, folder, wanted, **tls):
        """A wrong certificate is told of, nothing arrives, and nothing is lost once it is right."""
        pki, log = self.prepare(folder)
        make_leaf(pki, "rogue-client", "rogue")
        with Rsyslog(self.root, folder, "relp", pki) as receiver:
            wrong = {name: str(pki / value) if name != "server_name" else value
                     for name, value in tls.items() if value is not None}
            output = self.output("relp", receiver.port, pki, tls=wrong)
            if tls.get("cert", "") is None:
                output["tls"].pop("cert"), output["tls"].pop("key")
            daemon = Sorreld(self.sorreld, folder, output, log).start()
            daemon.process.wait(60)
            assert not receiver.uids(), "events arrived"
            assert re.search(wanted, daemon.said()), f"not told: {daemon.said()[-500:]}"
            right = json.loads(daemon.config.read_text())
            right["outputs"][1] = self.output("relp", receiver.port, pki)
            right["input"] = {"unix": str(folder / "none.sock")}
            daemon.config.write_text(json.dumps(right))
            daemon.start()
            end = time.monotonic() + 60
            while daemon.sent() - set(receiver.uids()) and time.monotonic() < end:
                time.sleep(0.2)
            missing = daemon.sent() - set(receiver.uids())
            daemon.process.terminate()
            daemon.wait()
        assert not missing, f"{len(missing)} events are missing"
        return {"events": len(daemon.sent())}

    def wrong_authority(self, folder):
        return self.refused(folder, "not of an authority in tls.ca", ca="rogue.crt")

    def wrong_name(self, folder):
        return self.refused(folder, "for another name", server_name="other.example")

    def no_client_certificate(self, folder):
        return self.refused(folder, "certificate|closed the connection", cert=None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sorreld", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--stall", type=float, default=60)
    parser.add_argument("--only")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/sinks"))
    arguments = parser.parse_args()
    arguments.sorreld = arguments.sorreld.resolve()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    scenarios = Scenarios(arguments, fetch_rsyslog(work))
    failed = 0
    for name in ["output_test", "relp_all_arrive", "syslog_all_arrive", "relp_receiver_is_killed",
                 "relp_receiver_stands_still", "sorreld_is_killed", "wrong_authority", "wrong_name",
                 "no_client_certificate"]:
        if arguments.only and arguments.only not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="sorrel-sinks-") as folder:
            try:
                figures = getattr(scenarios, name)(pathlib.Path(folder))
                print(f"ok {name}: " + ", ".join(f"{k} {v}" for k, v in figures.items()), flush=True)
            except (AssertionError, RuntimeError, OSError, subprocess.SubprocessError) as error:
                failed += 1
                print(f"FAILED {name}: {error}", flush=True)
                for said in ("sorreld.out", "rsyslog.out"):
                    path = pathlib.Path(folder) / said
                    if path.exists():
                        print(f"--- {said}\n" + "\n".join(path.read_text().splitlines()[-15:]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
