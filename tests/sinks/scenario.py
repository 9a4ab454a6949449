"""What all scenarios of sorreld with a syslog or RELP server have in common."""
import contextlib
import re
import time

from collector import wait_until
from daemon import Load, Sorreld
from hostile_network import Proxy
from pki import make_authorities, make_leaf


class UnderLoad:
    """A receiver, sorreld, and events that come at an even rate; `proxy` is between, if there is one."""

    def __init__(self, receiver, daemon, load, pki, proxy):
        self.receiver, self.daemon, self.load, self.pki, self.proxy = receiver, daemon, load, pki, proxy

    def grow(self, events, seconds=30):
        """Until so many more have arrived: what is done next hits a stream under way."""
        goal = len(self.receiver.uids()) + events
        wait_until(lambda: len(self.receiver.uids()) >= goal, seconds, f"{events} more events arrive")

    def says(self, wanted, seconds=30):
        wait_until(lambda: re.search(wanted, self.daemon.said()), seconds, f"sorreld says '{wanted}'")

    def restart_with(self, output):
        """What was accepted is on disk: nothing may be lost by a kill."""
        self.load.is_paused = True
        time.sleep(0.5)
        self.daemon.kill()
        self.daemon.change(output)
        self.daemon.start()
        self.load.is_paused = False


class Scenarios:
    """`make_receiver(folder, protocol, pki)`: the server that this is about."""

    def __init__(self, arguments, make_receiver):
        self.sorreld, self.events, self.rate = arguments.sorreld, arguments.events, arguments.rate
        self.kills, self.sorreld_kills, self.stall = arguments.kills, arguments.sorreld_kills, arguments.stall
        self.make_receiver = make_receiver

    def prepare(self, folder):
        pki = folder / "pki"
        pki.mkdir()
        make_authorities(pki)
        make_leaf(pki, "server")
        make_leaf(pki, "client")
        return pki

    def output(self, protocol, port, pki, **more):
        tls = {"ca": str(pki / "ca.crt"), "cert": str(pki / "client.crt"), "key": str(pki / "client.key")}
        tls.update(more.pop("tls", {}))
        made = {"name": "central", "type": protocol, "address": [f"localhost:{port}"],
                "tls": {name: value for name, value in tls.items() if value is not None},
                "retry": {"first": "50ms", "longest": "500ms"}}
        made.update(more)
        return made

    def udp_output(self, port, **more):
        return {"name": "central", "type": "syslog_udp", "address": f"localhost:{port}",
                "retry": {"first": "50ms", "longest": "500ms"}, **more}

    @contextlib.contextmanager
    def under_load(self, folder, protocol, has_proxy=False, pki=None, **more):
        """At its end all that sorreld has accepted must have arrived; `figures` says what did."""
        pki = pki or self.prepare(folder)
        load = Load(folder, self.rate)
        with contextlib.ExitStack() as stack:
            receiver = stack.enter_context(self.make_receiver(folder, protocol, pki))
            proxy = stack.enter_context(Proxy(receiver.own_port)) if has_proxy else None
            port = proxy.port if proxy else receiver.port
            output = (self.udp_output(port, **more) if protocol == "udp" else
                      self.output(protocol, port, pki, **more))
            daemon = Sorreld(self.sorreld, folder, output, {"unix": load.path})
            stack.callback(lambda: daemon.process.poll() is None and daemon.kill())
            daemon.start()
            run = UnderLoad(receiver, daemon, load, pki, proxy)
            yield run
            load.stop()
            self.all_came(run)
            daemon.end()
            self.all_came(run)
            came = receiver.uids()
            run.figures = f"{len(daemon.sent())} events, {sum(came.values()) - len(came)} twice"

    def all_came(self, run, seconds=60):
        def missing():
            return run.daemon.sent() - set(run.receiver.uids())
        until = time.monotonic() + seconds
        while missing() and time.monotonic() < until:
            time.sleep(0.1)
        lost = missing()
        assert not lost, f"{len(lost)} of {len(run.daemon.sent())} events are missing"
