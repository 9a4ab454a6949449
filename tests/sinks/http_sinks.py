#!/usr/bin/env python3
"""The http sink against collectors on 127.0.0.1: every event arrives at least once, by its uid.
  http_sinks.py HTTP_SHIP [--events N] [--kills N] [--stall SECONDS] [--victoria-logs PROGRAM]
Always: the collector of tests/sinks/hec_server.py. VictoriaLogs, when its program is given. A line a
scenario, "ok" or "FAILED" with figures; exit status 1 when one failed.
"""
import argparse
import base64
import collections
import json
import pathlib
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from collector import free_port, run_scenarios, wait_for_port
from pki import make_authorities, make_leaf

HERE = pathlib.Path(__file__).resolve().parent
TOKEN = "5ec7e7-for-tests"


class Collector:
    """A process on a port of its own that can be killed, stopped and started again."""

    def __init__(self, folder, command):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.command = [part.replace("{port}", str(self.port)) for part in command]
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGCONT)
        self.kill()

    def start(self):
        with open(self.folder / "collector.out", "a") as out:
            self.process = subprocess.Popen(self.command, stdout=out, stderr=out)
        wait_for_port(self.port, self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()


def hec(folder, *options):
    return Collector(folder, [sys.executable, str(HERE / "hec_server.py"), "--port", "{port}",
                              "--log", str(pathlib.Path(folder) / "uids"), *options])


def arrived(folder):
    lines = (pathlib.Path(folder) / "uids").read_text().splitlines()
    return collections.Counter(lines)


class Shipping:
    """http_ship under way."""

    def __init__(self, program, kind, port, count, *options):
        self.process = subprocess.Popen([program, kind, str(port), str(count), *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said = ""

    def result(self, seconds=180):
        try:
            text, self.said = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise AssertionError(f"not done after {seconds} s")
        assert self.process.returncode == 0, f"http_ship: {self.process.returncode}: {text}"
        return json.loads(text)

    def is_done(self):
        return self.process.poll() is not None


def uids(count, name=0):
    return {f"{name:016x}{number:016x}" for number in range(1, count + 1)}


def check_all(folder, count, without=()):
    came = arrived(folder)
    expected = uids(count) - {f"{0:016x}{number:016x}" for number in without}
    missing, extra = expected - set(came), set(came) - expected
    assert not missing, f"{len(missing)} of {count} events are missing, e.g. {min(missing)}"
    assert not extra, f"events that nobody sent: {min(extra)}"
    return sum(came.values()) - len(came)


class Scenarios:
    def __init__(self, arguments):
        self.ship = arguments.program
        self.count = arguments.events
        self.kills = arguments.kills
        self.stall = arguments.stall
        self.victoria_logs = arguments.victoria_logs

    def token(self, folder):
        path = pathlib.Path(folder) / "token"
        path.write_text(TOKEN + "\n")
        return f"token_file={path}"

    def hec_all_arrive(self, folder):
        with hec(folder) as collector:
            result = Shipping(self.ship, "splunk_hec", collector.port, self.count,
                              self.token(folder), "compression=gzip").result()
        return result, check_all(folder, self.count)

    def elasticsearch_all_arrive(self, folder):
        with hec(folder) as collector:
            result = Shipping(self.ship, "elasticsearch", collector.port, self.count).result()
        assert check_all(folder, self.count) == 0, "_id lets nothing come twice"
        return result, 0

    def lines_all_arrive(self, folder):
        with hec(folder) as collector:
            result = Shipping(self.ship, "ndjson", collector.port, self.count, "path=/lines").result()
        return result, check_all(folder, self.count)

    def hec_acks_killed(self, folder):
        return self.killed(folder, "splunk_hec", ["--acks"], ["acks=yes", self.token(folder)])

    def elasticsearch_killed(self, folder):
        result, doubles = self.killed(folder, "elasticsearch", [], [])
        assert doubles == 0, "_id lets nothing come twice"
        return result, doubles

    def killed(self, folder, kind, server_options, options):
        """kill -9 of the collector, again and again, while events are under way."""
        with hec(folder, *server_options) as collector:
            shipping = Shipping(self.ship, kind, collector.port, self.count, *options)
            log = pathlib.Path(folder) / "uids"
            kills = 0
            for kill in range(self.kills):
                # At even parts of what is to arrive, so that each hits a stream that flows.
                goal = (kill + 1) * self.count * 33 // (self.kills + 1)
                while not shipping.is_done() and log.stat().st_size < goal:
                    time.sleep(0.01)
                if shipping.is_done():
                    break
                collector.kill()
                time.sleep(0.2)
                collector.start()
                kills += 1
            result = shipping.result()
        assert kills == self.kills, f"only {kills} of {self.kills} kills hit a stream under way"
        assert result["failed"] > 0
        return result, check_all(folder, self.count)

    def hec_acks_stalled(self, folder):
        """SIGSTOP for a while: requests time out, and their events come again."""
        with hec(folder, "--acks") as collector:
            shipping = Shipping(self.ship, "splunk_hec", collector.port, self.count, "acks=yes",
                                self.token(folder))
            log = pathlib.Path(folder) / "uids"
            while not shipping.is_done() and log.stat().st_size < self.count * 33 // 4:
                time.sleep(0.01)
            assert not shipping.is_done(), "too quick to be stalled"
            collector.process.send_signal(signal.SIGSTOP)
            time.sleep(self.stall)
            collector.process.send_signal(signal.SIGCONT)
            result = shipping.result()
        return result, check_all(folder, self.count)

    def storms(self, folder):
        """Every other request is refused for now, every seventh connection breaks."""
        with hec(folder, "--busy", "2", "--drop", "7") as collector:
            result = Shipping(self.ship, "elasticsearch", collector.port, self.count).result()
        assert result["busy"] > 0 and result["failed"] > 0
        assert check_all(folder, self.count) == 0
        return result, 0

    def poisoned(self, folder):
        """One event that no collector takes: it alone goes to the dead letters."""
        poison = self.count // 3
        doubles = 0
        for kind, options in (("splunk_hec", [self.token(folder)]), ("elasticsearch", []),
                              ("ndjson", ["path=/lines"])):
            uids_file = pathlib.Path(folder) / "uids"
            uids_file.unlink(missing_ok=True)
            with hec(folder) as collector:
                result = Shipping(self.ship, kind, collector.port, self.count, f"poison={poison}",
                                  *options).result()
            assert result["rejected"] == 1 and result["last_rejected"] == poison, result
            doubles += check_all(folder, self.count, without=[poison])
        return result, doubles

    def compression_refused(self, folder):
        with hec(folder, "--refuse-gzip") as collector:
            result = Shipping(self.ship, "splunk_hec", collector.port, self.count,
                              self.token(folder), "compression=gzip").result()
        assert result["rejected"] == 0
        return result, check_all(folder, self.count)

    def wrong_token_first(self, folder):
        """403 until somebody mends the secret: nothing is lost meanwhile."""
        path = pathlib.Path(folder) / "token"
        path.write_text("wrong\n")
        with hec(folder) as collector:
            shipping = Shipping(self.ship, "splunk_hec", collector.port, self.count,
                                f"token_file={path}")
            time.sleep(1)
            assert not shipping.is_done()
            assert (pathlib.Path(folder) / "uids").stat().st_size == 0
            self.token(folder)
            result = shipping.result()
        assert result["denied"] > 0 and result["rejected"] == 0
        return result, check_all(folder, self.count)

    # TLS with client certificates.

    def tls_server(self, folder):
        folder = pathlib.Path(folder)
        make_authorities(folder)
        make_leaf(folder, "server")
        make_leaf(folder, "agent")
        return hec(folder, "--cert", f"{folder}/server.crt", "--key", f"{folder}/server.key",
                   "--client-ca", f"{folder}/ca.crt")

    def tls_all_arrive(self, folder):
        with self.tls_server(folder) as collector:
            result = Shipping(self.ship, "elasticsearch", collector.port, self.count,
                              f"ca={folder}/ca.crt", f"cert={folder}/agent.crt",
                              f"key={folder}/agent.key").result()
        assert check_all(folder, self.count) == 0
        return result, 0

    def tls_refused(self, folder):
        """A collector of a stranger's authority, and one that does not let us in: nothing goes, it is said
        why, and once that is mended all arrive."""
        doubles = 0
        with self.tls_server(folder) as collector:
            for options, words in (([f"ca={folder}/rogue.crt"], "certificate"),
                                   ([f"ca={folder}/ca.crt"], "certificate")):
                shipping = Shipping(self.ship, "elasticsearch", collector.port, self.count, *options)
                time.sleep(1.5)
                assert not shipping.is_done()
                shipping.process.kill()
                _, said = shipping.process.communicate()
                assert "a collector does not take events now" in said and words in said, said[-500:]
                assert (pathlib.Path(folder) / "uids").stat().st_size == 0
            result = Shipping(self.ship, "elasticsearch", collector.port, self.count,
                              f"ca={folder}/ca.crt", f"cert={folder}/agent.crt",
                              f"key={folder}/agent.key").result()
        return result, doubles + check_all(folder, self.count)

    def tls_replaced(self, folder):
        """New client certificates under load: new connections have them, no request is lost."""
        with self.tls_server(folder) as collector:
            shipping = Shipping(self.ship, "elasticsearch", collector.port, self.count,
                                f"ca={folder}/ca.crt", f"cert={folder}/agent.crt",
                                f"key={folder}/agent.key")
            log = pathlib.Path(folder) / "uids"
            replaced = 0
            while not shipping.is_done() and replaced < 3:
                if log.stat().st_size >= self.count * 33 * (replaced + 1) // 5:
                    make_leaf(pathlib.Path(folder), "agent")
                    replaced += 1
                time.sleep(0.01)
            result = shipping.result()
        assert result["failed"] == 0, result
        doubles = check_all(folder, self.count)
        assert doubles == 0 and result["duplicates"] == 0, result
        return result, 0

    # VictoriaLogs: four of the formats that it takes, with basic authentication.

    def victoria(self, folder):
        return Collector(folder, [
            self.victoria_logs, f"-storageDataPath={folder}/data", "-retentionPeriod=100y",
            "-httpListenAddr=127.0.0.1:{port}", "-httpAuth.username=agent",
            "-httpAuth.password=secret", "-loggerLevel=ERROR"])

    def query(self, port, text):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/select/logsql/query",
            data=urllib.parse.urlencode({"query": text}).encode(),
            headers={"Authorization": "Basic " + base64.b64encode(b"agent:secret").decode()})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return [json.loads(line) for line in answer.read().splitlines()]

    def victoria_came(self, port, count, field, seconds=60):
        """All uids, once they can be seen there: by value, so that each is compared."""
        until = time.monotonic() + seconds
        while True:
            rows = self.query(port, f"* | uniq by ({field})")
            came = {row[field] for row in rows}
            if len(came) >= count or time.monotonic() > until:
                break
            time.sleep(0.5)
        missing = uids(count) - came
        assert not missing, f"{len(missing)} of {count} events are missing, e.g. {min(missing)}"
        assert came == uids(count), "events that nobody sent"
        total = int(self.query(port, "* | stats count() n")[0]["n"])
        return total - count

    def victoria_ship(self, folder, kind, field, *options, stall=False):
        secret = pathlib.Path(folder) / "password"
        secret.write_text("secret\n")
        with self.victoria(folder) as collector:
            shipping = Shipping(self.ship, kind, collector.port, self.count, "user=agent",
                                f"password_file={secret}", *options)
            if stall:
                time.sleep(0.2)
                collector.process.send_signal(signal.SIGSTOP)
                time.sleep(self.stall)
                collector.process.send_signal(signal.SIGCONT)
            result = shipping.result()
            return result, self.victoria_came(collector.port, self.count, field)

    def victoria_bulk(self, folder):
        return self.victoria_ship(
            folder, "elasticsearch", "EVENT_UID", "compression=zstd",
            "path=/insert/elasticsearch/_bulk?_msg_field=SYSCALL.comm&_time_field=@timestamp"
            "&_stream_fields=NODE")

    def victoria_jsonline(self, folder):
        return self.victoria_ship(
            folder, "ndjson", "EVENT_UID", "compression=gzip", "content_type=application/stream+json",
            "path=/insert/jsonline?_msg_field=SYSCALL.comm&_time_field=@timestamp&_stream_fields=NODE",
            stall=True)

    def victoria_loki(self, folder):
        return self.victoria_ship(folder, "loki", "EVENT_UID", "path=/insert/loki/api/v1/push")

    def victoria_otlp(self, folder):
        return self.victoria_ship(folder, "otlp", "event_uid",
                                  "path=/insert/opentelemetry/v1/logs")

    def all(self):
        names = ["hec_all_arrive", "elasticsearch_all_arrive", "lines_all_arrive", "hec_acks_killed",
                 "elasticsearch_killed", "hec_acks_stalled", "storms", "poisoned",
                 "compression_refused", "wrong_token_first", "tls_all_arrive", "tls_refused",
                 "tls_replaced"]
        if self.victoria_logs:
            names += ["victoria_bulk", "victoria_jsonline", "victoria_loki", "victoria_otlp"]
        return names


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--stall", type=float, default=10)
    parser.add_argument("--victoria-logs")
    parser.add_argument("--only", help="scenarios, with commas between them")
    arguments = parser.parse_args()
    scenarios = Scenarios(arguments)
    names = arguments.only.split(",") if arguments.only else scenarios.all()

    def figures(name):
        def run(folder):
            result, doubles = getattr(scenarios, name)(str(folder))
            megabytes = result["body_bytes"] / 1e6
            return (f"{arguments.events} events, {doubles} twice, {result['retried']} sent again, "
                    f"{result['requests']} requests, {megabytes / result['seconds']:.1f} MB/s, "
                    f"{result['cpu_seconds'] * 1000 / megabytes:.2f} s CPU a GB")
        return run

    skipped = 0 if arguments.victoria_logs or arguments.only else 4
    if skipped:
        print("skipped VictoriaLogs: no program was given")
    return run_scenarios([(name, figures(name)) for name in names], skipped)


if __name__ == "__main__":
    sys.exit(main())
