"""Real syslog and RELP servers that can be killed, stopped and started again."""
import collections
import pathlib
import re
import signal
import subprocess

from collector import free_port, wait_for_port, wait_until
from unpacked import environment, library

HERE = pathlib.Path(__file__).resolve().parent
RSYSLOG = ["rsyslog", "rsyslog-openssl", "rsyslog-relp", "librelp0", "libestr0", "libfastjson4", "liblognorm5"]


class UidFile:
    """The uids in a file of events that grows; each look reads only what is new."""

    def __init__(self, path):
        self.path, self.at, self.counts = path, 0, collections.Counter()

    def look(self):
        if self.path.exists():
            with open(self.path, "rb") as file:
                file.seek(self.at)
                new = file.read()
            new = new[:new.rfind(b"\n") + 1]
            self.at += len(new)
            self.counts.update(re.findall(rb'"EVENT_UID":"([0-9a-f]{32})"', new))
        return self.counts


class Receiver:
    """What it gets is in `log`. `port` may be another's, which goes through to `own_port`."""

    def __init__(self, folder, protocol, pki, conf):
        self.folder, self.own_port = folder, free_port()
        self.port = self.own_port
        self.log = folder / "events.log"
        text = (HERE / conf).read_text()
        names = {"PORT": self.own_port, "CA": pki / "ca.crt", "CERT": pki / "server.crt",
                 "KEY": pki / "server.key", "FILE": self.log, "WORK": folder}
        for name, value in names.items():
            text = text.replace(f"@{name}@", str(value))
        self.protocol = protocol
        self.conf = folder / "receiver.conf"
        self.conf.write_text(text)
        self.came = UidFile(self.log)
        self.process = None

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.kill()

    def start(self):
        command, variables = self.command()
        with open(self.folder / "receiver.out", "a") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=variables, cwd=self.folder)
        if self.protocol == "udp":
            wait_until(self.has_udp_port, 30, "it listens")
        else:
            wait_for_port(self.own_port, self.process)

    def has_udp_port(self):
        return f":{self.own_port:04X} " in pathlib.Path("/proc/net/udp").read_text()

    def kill(self):
        self.process.kill()
        self.process.wait()
        (self.folder / "receiver.pid").unlink(missing_ok=True)

    def restart(self):
        """As an administrator does it."""
        self.process.terminate()
        self.process.wait(30)
        (self.folder / "receiver.pid").unlink(missing_ok=True)
        self.start()

    def uids(self):
        return self.came.look()


class Rsyslog(Receiver):
    def __init__(self, root, folder, protocol, pki):
        super().__init__(folder, protocol, pki, f"rsyslog-{protocol}.conf")
        self.root = root

    def command(self):
        modules = library(self.root) / "rsyslog"
        return ([self.root / "usr/sbin/rsyslogd", "-n", "-f", self.conf, "-i",
                 self.folder / "receiver.pid", "-M", modules],
                dict(environment(self.root), RSYSLOG_MODDIR=str(modules)))


class SyslogNg(Receiver):
    def __init__(self, root, folder, protocol, pki):
        conf = "syslog-ng-udp.conf" if protocol == "udp" else "syslog-ng.conf"
        super().__init__(folder, protocol, pki, conf)
        self.root = root

    def command(self):
        # Its own libraries and modules are in a folder named after its version.
        own = next((self.root / "usr/lib/syslog-ng").iterdir())
        variables = environment(self.root)
        variables["LD_LIBRARY_PATH"] += f":{own}:{own.parent}"
        return ([self.root / "usr/sbin/syslog-ng", "-F", "--no-caps", "-f", self.conf,
                 "-p", self.folder / "receiver.pid", "-c", self.folder / "receiver.ctl",
                 "-R", self.folder / "receiver.persist", "--module-path", own], variables)
