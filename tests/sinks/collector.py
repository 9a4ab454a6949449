"""What the tests of collectors share: ports on the loopback interface, and how scenarios are run."""
import concurrent.futures
import pathlib
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def wait_until(condition, seconds, what):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def last_words(folder, lines=15):
    """What the programs of a scenario said last."""
    text = ""
    for path in sorted(pathlib.Path(folder).glob("*.out")):
        text += f"--- {path.name}\n" + "\n".join(path.read_text().splitlines()[-lines:]) + "\n"
    return text


def run_one(name, scenario):
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sorrel-sinks-") as folder:
        try:
            said = scenario(pathlib.Path(folder))
            print(f"ok      {name}: {said}, {time.monotonic() - began:.1f} s", flush=True)
            return True
        except (AssertionError, RuntimeError, OSError, subprocess.SubprocessError) as error:
            print(f"FAILED  {name}: {error}\n{last_words(folder)}".rstrip(), flush=True)
            return False


def run_scenarios(scenarios, skipped=0, jobs=1):
    """Runs each (name, function of a folder of its own, which gives figures as text), so many at the same
    time; says a line for each and the sum. The exit status: 1 when one failed."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(lambda each: run_one(*each), scenarios))
    failed = results.count(False)
    print(f"{len(results) - failed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0
