#!/usr/bin/env python3
"""The http sink against a real OpenSearch on 127.0.0.1, with the index template of config/: every event
arrives once, by its uid; events that do not fit are answered for one by one.
  opensearch_sinks.py HTTP_SHIP LIBS [--events N]
LIBS: the folder with OpenSearch's jars; it is filled with Maven when it is missing. Needs java, mvn and, as
root, setpriv: OpenSearch does not run as root. A line a scenario; exit status 1 when one failed.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from collector import free_port, run_scenarios
from http_sinks import Shipping, uids
from pki import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = "2.19.1"
ARTIFACTS = [("org.opensearch", "opensearch", VERSION),
             ("org.opensearch.plugin", "transport-netty4-client", VERSION),
             ("org.opensearch", "opensearch-plugin-classloader", VERSION),
             ("org.apache.logging.log4j", "log4j-core", "2.21.0")]
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>sorrel</groupId><artifactId>opensearch-of-the-tests</artifactId><version>1</version>
<dependencies>%s</dependencies></project>
""" % "".join(f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId>"
              f"<version>{version}</version></dependency>" for group, name, version in ARTIFACTS)
DESCRIPTOR = f"""description=netty transport
version={VERSION}
name=transport-netty4
classname=org.opensearch.transport.Netty4Plugin
java.version=11
opensearch.version={VERSION}
has.native.controller=false
"""
POLICY = """grant {
  permission java.net.SocketPermission "*", "accept,connect,listen,resolve";
  permission java.lang.RuntimePermission "getClassLoader";
  permission java.lang.reflect.ReflectPermission "suppressAccessChecks";
};
"""
SETTINGS = """cluster.name: sorrel-test
node.name: one
network.host: 127.0.0.1
http.port: {http}
transport.port: {transport}
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
path.data: {home}/data
path.logs: {home}/logs
"""


def fetch(libs):
    if libs.is_dir() and any(libs.glob("opensearch-core-*.jar")):
        return
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "pom.xml").write_text(POM)
        run("mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={libs}", cwd=folder)


class OpenSearch:
    def __init__(self, folder, libs):
        self.home = pathlib.Path(folder)
        self.port = free_port()
        module = self.home / "modules/transport-netty4"
        for path in (module, self.home / "config", self.home / "cp", self.home / "plugins",
                     self.home / "data", self.home / "logs", self.home / "tmp"):
            path.mkdir(parents=True)
        for jar in libs.glob("*.jar"):
            is_module = jar.name.startswith(("netty-", "transport-netty4-client"))
            shutil.copy(jar, module if is_module else self.home / "cp")
        (module / "plugin-descriptor.properties").write_text(DESCRIPTOR)
        (module / "plugin-security.policy").write_text(POLICY)
        (self.home / "config/opensearch.yml").write_text(
            SETTINGS.format(http=self.port, transport=free_port(), home=self.home))
        (self.home / "config/log4j2.properties").write_text(
            "status = error\nappender.console.type = Console\nappender.console.name = console\n"
            "appender.console.layout.type = PatternLayout\n"
            "appender.console.layout.pattern = %d %p %c %m%n\n"
            "rootLogger.level = warn\nrootLogger.appenderRef.console.ref = console\n")
        self.process = None

    def __enter__(self):
        command = ["java", "-Xms512m", "-Xmx1g", f"-Dopensearch.path.home={self.home}",
                   f"-Dopensearch.path.conf={self.home}/config", "-Dopensearch.distribution.type=tar",
                   "-Djava.security.manager=allow", f"-Djava.io.tmpdir={self.home}/tmp",
                   "-cp", f"{self.home}/cp/*", "org.opensearch.bootstrap.OpenSearch"]
        if os.geteuid() == 0:
            run("chown", "-R", "65534:65534", str(self.home))
            os.chmod(self.home, 0o755)
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        # Beside its folder, which is not ours any more.
        with open(f"{self.home}.out", "w") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, cwd="/")
        until = time.monotonic() + 120
        while True:
            try:
                self.ask("GET", "/_cluster/health?wait_for_status=yellow")
                return self
            except (OSError, urllib.error.URLError):
                if self.process.poll() is not None or time.monotonic() > until:
                    text = pathlib.Path(f"{self.home}.out").read_text()
                    self.__exit__()
                    raise RuntimeError("OpenSearch does not start: " + text[-1500:])
                time.sleep(0.5)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        pathlib.Path(f"{self.home}.out").unlink(missing_ok=True)

    def ask(self, method, path, document=None):
        body = document if isinstance(document, (bytes, type(None))) else json.dumps(document).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, method=method,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def ids(self, index):
        self.ask("POST", f"/{index}/_refresh")
        page = self.ask("POST", f"/{index}/_search?scroll=1m",
                        {"size": 5000, "_source": False, "sort": ["_doc"]})
        found = set()
        while page["hits"]["hits"]:
            found.update(hit["_id"] for hit in page["hits"]["hits"])
            page = self.ask("POST", "/_search/scroll",
                            {"scroll": "1m", "scroll_id": page["_scroll_id"]})
        return found


def template_is_taken(search, _):
    text = (ROOT / "config/opensearch/index-template.json").read_bytes()
    assert search.ask("PUT", "/_index_template/sorrel", text)["acknowledged"]
    return "acknowledged"


def golden_events_fit(search, _):
    """Our golden events, of every kind of record: none is refused, pid is a number, comm is not."""
    lines = [line for file in sorted((ROOT / "tests/golden/json").glob("*.json"))
             for line in file.read_text().splitlines()]
    body = "".join(f'{{"create":{{"_index":"sorrel-golden","_id":"{number}"}}}}\n{line}\n'
                   for number, line in enumerate(lines))
    answer = search.ask("POST", "/_bulk", body.encode())
    refused = [item["create"]["error"] for item in answer["items"] if "error" in item["create"]]
    assert not refused, refused[:3]
    mapping = search.ask("GET", "/sorrel-golden/_mapping")["sorrel-golden"]["mappings"]["properties"]
    call = mapping["SYSCALL"]["properties"]
    assert call["pid"]["type"] == "long" and call["comm"]["type"] == "keyword", call
    assert mapping["TIME"]["type"] == "date"
    return f"{len(lines)} events"


def all_arrive(search, arguments):
    result = Shipping(arguments.program, "elasticsearch", search.port, arguments.events).result(400)
    missing = uids(arguments.events) - search.ids("sorrel")
    assert not missing, f"{len(missing)} events are missing"
    return f"{arguments.events} events, {arguments.events / result['seconds']:.0f} a second"


def again_is_refused(search, arguments):
    """The same events once more: 409 for each, which is a delivery."""
    result = Shipping(arguments.program, "elasticsearch", search.port, arguments.events).result(400)
    assert result["duplicates"] == arguments.events and result["rejected"] == 0, result
    assert search.ids("sorrel") == uids(arguments.events)
    return f"{result['duplicates']} duplicates"


def poisoned(search, arguments):
    """An event that is no JSON object is answered for alone."""
    poison = arguments.events // 2
    result = Shipping(arguments.program, "elasticsearch", search.port, arguments.events,
                      f"poison={poison}", "name=1").result(400)
    assert result["rejected"] == 1 and result["last_rejected"] == poison, result
    came = search.ids("sorrel")
    assert uids(arguments.events, 1) - came == {f"{1:016x}{poison:016x}"}
    return "1 rejected"


def compressed(search, arguments):
    result = Shipping(arguments.program, "elasticsearch", search.port, arguments.events, "name=2",
                      "compression=gzip").result(400)
    assert result["rejected"] == 0 and not uids(arguments.events, 2) - search.ids("sorrel")
    taken = result["sent_bytes"] < result["body_bytes"]
    return "gzip was taken" if taken else "gzip was refused, and all arrived"


SCENARIOS = [template_is_taken, golden_events_fit, all_arrive, again_is_refused, poisoned, compressed]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("libs", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=20_000)
    arguments = parser.parse_args()
    for tool in ("java", "mvn"):
        if not shutil.which(tool):
            print(f"skipped OpenSearch: {tool} was not found")
            print(f"0 passed, 0 failed, {len(SCENARIOS)} skipped")
            return 0
    libs = arguments.libs.resolve()
    fetch(libs)
    with tempfile.TemporaryDirectory() as folder, OpenSearch(folder, libs) as search:
        return run_scenarios([(scenario.__name__, lambda _, scenario=scenario: scenario(search, arguments))
                              for scenario in SCENARIOS])


if __name__ == "__main__":
    sys.exit(main())
