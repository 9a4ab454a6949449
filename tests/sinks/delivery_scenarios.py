"""Events arrive, whoever is killed or stands still."""
import json
import signal
import subprocess
import time

from collector import free_port, wait_until
from daemon import Load, Sorreld, make_log
from relp_refuser import RelpRefuser
from scenario import Scenarios


class DeliveryScenarios(Scenarios):
    def all_arrive(self, folder, protocol):
        """A log at full speed. sorreld ends by itself; what it did not get through waits for its next start."""
        pki = self.prepare(folder)
        log = folder / "audit.log"
        make_log(log, self.events)
        with self.make_receiver(folder, protocol, pki) as receiver:
            daemon = Sorreld(self.sorreld, folder, self.output(protocol, receiver.port, pki),
                             {"replay": [str(log)]})
            daemon.start().wait()
            sent, came = daemon.sent(), receiver.uids()
            assert len(sent) >= self.events
            if sent - set(came):
                daemon.change(source={"unix": str(folder / "nobody.sock")})
                daemon.start()
                wait_until(lambda: not sent - set(receiver.uids()), 120, "all arrive")
                daemon.end()
        return f"{len(sent)} events, {sum(came.values()) - len(came)} twice"

    def relp_all_arrive(self, folder):
        return self.all_arrive(folder, "relp")

    def syslog_all_arrive(self, folder):
        return self.all_arrive(folder, "syslog")

    def udp_all_arrive(self, folder):
        """On one host, at a rate that the receiver can take; while it is away the events wait."""
        with self.under_load(folder, "udp", rate=2 * self.rate) as run:
            run.says("an output sends events over UDP")
            run.grow(self.rate // 4)
            run.load.is_paused = True
            time.sleep(0.5)
            run.receiver.kill()
            run.load.is_paused = False
            run.says("nobody listens on that port")
            run.receiver.start()
            run.grow(self.rate // 4)
        return run.figures

    def relp_receiver_is_killed(self, folder):
        kills = 0
        with self.under_load(folder, "relp", window=64) as run:
            for _ in range(self.kills):
                run.grow(self.rate // 4)
                run.receiver.kill()
                kills += 1
                time.sleep(0.1)
                run.receiver.start()
            run.grow(self.rate // 4)
        assert kills == self.kills, f"only {kills} kills"
        return f"{kills} kills, {run.figures}"

    def relp_receiver_stands_still(self, folder):
        with self.under_load(folder, "relp", timeout="2s") as run:
            run.grow(self.rate // 4)
            run.receiver.process.send_signal(signal.SIGSTOP)
            time.sleep(self.stall)
            run.receiver.process.send_signal(signal.SIGCONT)
            run.grow(self.rate // 4)
        return f"{self.stall} s, {run.figures}"

    def syslog_receiver_is_restarted(self, folder):
        """In order, as for an update: it reads what came before it closes."""
        with self.under_load(folder, "syslog") as run:
            for _ in range(3):
                run.grow(self.rate // 4)
                run.receiver.restart()
            run.grow(self.rate // 4)
        return f"3 restarts, {run.figures}"

    def sorreld_is_killed(self, folder):
        """kill -9 under load, again and again: what was on its disk then arrives in the end."""
        pki = self.prepare(folder)
        load = Load(folder, self.rate)
        accepted = set()
        with self.make_receiver(folder, "relp", pki) as receiver:
            daemon = Sorreld(self.sorreld, folder, self.output("relp", receiver.port, pki, window=64),
                             {"unix": load.path})
            for _ in range(self.sorreld_kills):
                before = load.sent
                daemon.start()
                wait_until(lambda: load.sent >= before + self.rate // 4, 30, "it reads")
                daemon.kill()
                accepted |= daemon.on_disk()
            daemon.start()
            load.stop()
            wait_until(lambda: not accepted - set(receiver.uids()), 60, "all that it had accepted arrives")
            daemon.end()
            came = receiver.uids()
            twice = sum(came.values()) - len(came)
        assert len(accepted) > self.rate // 8, f"only {len(accepted)} were on disk at a kill"
        return (f"{self.sorreld_kills} kills, {load.sent} events, {len(accepted)} of them on disk at a kill, "
                f"{len(came)} arrived, {twice} twice")

    def refused_are_resent(self, folder):
        """What a server refused is sent to another by sorrelctl, while sorreld runs."""
        pki = self.prepare(folder)
        load = Load(folder, self.rate)
        letters = folder / "state/buffer/refused/central.json"
        sorrelctl = self.sorreld.parent / "sorrelctl"

        def resend(daemon):
            run = subprocess.run([sorrelctl, "output", "resend", "central", "--json", "--config", daemon.config],
                                 capture_output=True, text=True, timeout=60)
            return run.returncode, json.loads(run.stdout)

        with RelpRefuser() as refuser, self.make_receiver(folder, "relp", pki) as receiver:
            daemon = Sorreld(self.sorreld, folder, self.output("relp", refuser.port, pki), {"unix": load.path})
            daemon.change({**self.output("relp", refuser.port, pki), "tls": "none"})
            daemon.start()
            wait_until(lambda: refuser.refused >= self.rate // 4, 30, "events are refused")
            code, said = resend(daemon)
            assert code == 1 and said["delivered"] == 0 and said["refused"] >= self.rate // 8, said
            load.stop()
            wait_until(lambda: len(letters.read_text().splitlines()) >= len(daemon.sent()), 30, "all are refused")
            daemon.end()
            before = letters.stat()
            with open(letters, "a") as file:
                file.write("nonsense\n")
            daemon.change(self.output("relp", receiver.port, pki))
            code, said = resend(daemon)
            sent, came = daemon.sent(), receiver.uids()
            assert code == 1 and (said["refused"], said["left"], said["unreadable"]) == (0, 0, 1), said
            assert letters.read_text() == "nonsense\n" and letters.stat().st_uid == before.st_uid
            assert not sent - set(came), f"{len(sent - set(came))} are missing"
            letters.unlink()
            assert resend(daemon)[0] == 0, "nothing is left to send"
        return f"{said['delivered']} events, {sum(came.values()) - len(came)} twice"

    def output_test(self, folder):
        """sorrelctl beside sorreld: each step that fails is named."""
        pki = self.prepare(folder)
        sorrelctl = self.sorreld.parent / "sorrelctl"

        def ask(**output):
            daemon = Sorreld(self.sorreld, folder, output, {"unix": "/nowhere"})
            run = subprocess.run([sorrelctl, "output", "test", "central", "--json", "--config", daemon.config],
                                 capture_output=True, text=True, timeout=60)
            return run.returncode, json.loads(run.stdout)

        for protocol in ("relp", "syslog"):
            with self.make_receiver(folder, protocol, pki) as receiver:
                code, said = ask(**self.output(protocol, receiver.port, pki))
                assert code == 0 and said["good"], said
                wait_until(lambda: said["event_uid"].encode() in receiver.uids(), 10, "it arrives")
                code, said = ask(**self.output(protocol, receiver.port, pki, tls={"server_name": "x.example"}))
                assert (code, said["step"]) == (1, "TLS") and "another name" in said["error"], said
        code, said = ask(**self.output("relp", free_port(), pki))
        assert (code, said["step"]) == (1, "TCP"), said
        return "5 answers"
