#!/usr/bin/env python3
"""The kafka sink against a real broker (KRaft, one node) on 127.0.0.1, over TLS with client certificates
and over SASL: every event arrives at least once, by its uid.
  kafka_sinks.py KAFKA_SHIP LIBS [--events N] [--kills N] [--stall SECONDS]
LIBS: the folder with Kafka's jars; it is filled with Maven when it is missing. Needs java, mvn, openssl.
A line a scenario, "ok" or "FAILED" with figures; exit status 1 when one failed.
"""
import argparse
import collections
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from collector import free_port, run_scenarios, wait_for_port
from http_sinks import uids
from pki import make_authorities, make_leaf, run

VERSION = "3.9.1"
PARTITIONS = 4
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>sorrel</groupId><artifactId>kafka-of-the-tests</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
<version>{VERSION}</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId>
<version>{VERSION}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId>
<version>1.7.36</version></dependency></dependencies></project>
"""
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:{controller}
listeners=SSL://localhost:{ssl},SASL_SSL://localhost:{sasl},PLAINTEXT://localhost:{plain},CONTROLLER://localhost:{controller}
advertised.listeners=SSL://localhost:{ssl},SASL_SSL://localhost:{sasl},PLAINTEXT://localhost:{plain}
listener.security.protocol.map=SSL:SSL,SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/data
num.partitions={partitions}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.flush.interval.messages=1
ssl.keystore.type=PKCS12
ssl.keystore.location={folder}/server.p12
ssl.keystore.password=secret
ssl.key.password=secret
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.crt
listener.name.ssl.ssl.client.auth=required
listener.name.sasl_ssl.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


def fetch(libs):
    if libs.is_dir() and any(libs.glob("kafka_*.jar")):
        return
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "pom.xml").write_text(POM)
        run("mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={libs}", cwd=folder)


def make_pki(folder):
    make_authorities(folder)
    make_leaf(folder, "server")
    make_leaf(folder, "agent")
    run("openssl", "pkcs12", "-export", "-in", "server.crt", "-inkey", "server.key", "-certfile",
        "ca.crt", "-out", "server.p12", "-passout", "pass:secret", cwd=folder)


class Broker:
    def __init__(self, folder, libs):
        self.folder = folder
        self.libs = libs
        self.ports = {name: free_port() for name in ("ssl", "sasl", "plain", "controller")}
        make_pki(folder)
        (folder / "server.properties").write_text(
            PROPERTIES.format(folder=folder, partitions=PARTITIONS, **self.ports))
        (folder / "log4j.properties").write_text(
            "log4j.rootLogger=WARN, out\nlog4j.appender.out=org.apache.log4j.ConsoleAppender\n"
            "log4j.appender.out.layout=org.apache.log4j.SimpleLayout\n")
        (folder / "password").write_text("secret\n")
        self.java("kafka.tools.StorageTool", "format", "-t",
                  self.java("kafka.tools.StorageTool", "random-uuid").strip().splitlines()[-1],
                  "-c", str(folder / "server.properties"),
                  "--add-scram", "SCRAM-SHA-512=[name=agent,password=secret]")
        self.process = None

    def command(self, *arguments):
        return ["java", "-Xmx512m", f"-Dlog4j.configuration=file:{self.folder}/log4j.properties",
                "-cp", f"{self.libs}/*", *arguments]

    def java(self, *arguments):
        return run(*self.command(*arguments))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGCONT)
        self.kill()

    def start(self):
        with open(self.folder / "broker.out", "a") as out:
            self.process = subprocess.Popen(
                self.command("kafka.Kafka", str(self.folder / "server.properties")),
                stdout=out, stderr=out)
        wait_for_port(self.ports["sasl"], self.process, 60)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def bytes_on_disk(self, topic):
        return sum(file.stat().st_size for file in self.folder.glob(f"data/{topic}-*/*.log"))


class Scenarios:
    def __init__(self, arguments, broker):
        self.ship = arguments.program
        self.count = arguments.events
        self.kills = arguments.kills
        self.stall = arguments.stall
        self.broker = broker

    def tls(self):
        folder = self.broker.folder
        return (f"localhost:{self.broker.ports['ssl']}",
                [f"ca={folder}/ca.crt", f"cert={folder}/agent.crt", f"key={folder}/agent.key"])

    def start(self, topic, address, options, mode="ship"):
        return subprocess.Popen([self.ship, mode, address, str(self.count), f"topic={topic}", *options],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def result(self, process, seconds=240):
        try:
            out, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
            raise AssertionError(f"not done after {seconds} s: {errors[-800:]}")
        assert process.returncode == 0, f"{process.returncode}: {out} {errors[-800:]}"
        return json.loads(out)

    def check(self, topic):
        """All uids in the topic; how many are there more than once."""
        came = collections.Counter(run(
            self.ship, "read", f"localhost:{self.broker.ports['plain']}", str(self.count),
            f"topic={topic}", f"partitions={PARTITIONS}").split())
        missing = uids(self.count) - set(came)
        assert not missing, f"{len(missing)} of {self.count} events are missing, e.g. {min(missing)}"
        assert set(came) == uids(self.count), "events that nobody sent"
        return sum(came.values()) - len(came)

    def wait_for_part(self, process, topic, bytes_on_disk):
        while process.poll() is None and self.broker.bytes_on_disk(topic) < bytes_on_disk:
            time.sleep(0.005)
        assert process.poll() is None, "it was done before it could be disturbed"

    def tls_all_arrive(self, topic):
        result = self.result(self.start(topic, *self.tls()))
        return result, self.check(topic)

    def sasl_all_arrive(self, topic):
        folder = self.broker.folder
        result = self.result(self.start(topic, f"localhost:{self.broker.ports['sasl']}", [
            f"ca={folder}/ca.crt", "user=agent", f"password_file={folder}/password"]))
        return result, self.check(topic)

    def killed(self, topic):
        """kill -9 of the broker while events are under way; without compression, so that it lasts."""
        address, options = self.tls()
        process = self.start(topic, address, [*options, "compression=none"])
        for kill in range(self.kills):
            self.wait_for_part(process, topic, self.count * 400 * (kill + 1) // (self.kills + 2))
            self.broker.kill()
            self.broker.start()
        result = self.result(process)
        return result, self.check(topic)

    def stalled(self, topic):
        address, options = self.tls()
        process = self.start(topic, address, [*options, "compression=none"])
        self.wait_for_part(process, topic, self.count * 100)
        self.broker.process.send_signal(signal.SIGSTOP)
        time.sleep(self.stall)
        self.broker.process.send_signal(signal.SIGCONT)
        result = self.result(process)
        return result, self.check(topic)

    def certificates_replaced(self, topic):
        """New client certificates under load: a producer each, nothing lost, nothing twice."""
        address, options = self.tls()
        process = self.start(topic, address, [*options, "compression=none"])
        for part in range(1, 4):
            self.wait_for_part(process, topic, self.count * 100 * part)
            make_leaf(self.broker.folder, "agent")
            process.send_signal(signal.SIGHUP)
        result = self.result(process)
        assert result["producers"] == 4, result
        doubles = self.check(topic)
        assert doubles == 0, f"{doubles} events came twice"
        return result, doubles

    def wrong_ca(self, topic):
        """A broker of another CA gets nothing; with the right one all arrive."""
        folder = self.broker.folder
        address, options = self.tls()
        process = self.start(topic, address, [f"ca={folder}/rogue.crt", *options[1:]])
        try:
            out, errors = process.communicate(timeout=5)
            raise AssertionError(f"it ended: {out}")
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
        assert "kafka does not take events now" in errors and "certificate" in errors, errors[-500:]
        assert self.broker.bytes_on_disk(topic) == 0
        return self.tls_all_arrive(topic)

    def speed(self, topic):
        """The sink against a bare loop of librdkafka with the same settings; medians of seven."""
        ratios, result = [], None
        for turn in range(7):
            address, options = self.tls()
            bare = self.result(self.start(f"{topic}-bare", address, options, "bare"))
            result = self.result(self.start(topic, address, options))
            ratios.append(bare["seconds"] / result["seconds"])
        ratio = sorted(ratios)[3]
        print(f"        speed: {ratio:.2f} of a bare loop's rate", flush=True)
        return result, 0

    NAMES = ["tls_all_arrive", "sasl_all_arrive", "killed", "stalled", "certificates_replaced", "wrong_ca",
             "speed"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("libs", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--stall", type=float, default=60)
    parser.add_argument("--only", help="scenarios, with commas between them")
    arguments = parser.parse_args()
    names = arguments.only.split(",") if arguments.only else Scenarios.NAMES
    for tool in ("java", "mvn", "openssl"):
        if not shutil.which(tool):
            print(f"skipped Kafka: {tool} was not found")
            print(f"0 passed, 0 failed, {len(names)} skipped")
            return 0
    fetch(arguments.libs.resolve())
    with tempfile.TemporaryDirectory() as folder:
        with Broker(pathlib.Path(folder), arguments.libs.resolve()) as broker:
            scenarios = Scenarios(arguments, broker)

            def figures(name):
                def run(_):
                    result, doubles = getattr(scenarios, name)(name)
                    megabytes = result["body_bytes"] / 1e6
                    return (f"{arguments.events} events, {doubles} twice, {result['retried']} given again, "
                            f"{result['producers']} producers, {megabytes / result['seconds']:.1f} MB/s, "
                            f"{result['cpu_seconds'] * 1000 / megabytes:.2f} s CPU a GB")
                return run

            return run_scenarios([(name, figures(name)) for name in names])


if __name__ == "__main__":
    sys.exit(main())
