"""sorreld with nothing to do: connected to a socket on which nothing comes, it should neither run
nor wake up. Afterwards it is sent an event, so that a daemon that is stuck does not pass for idle.
"""
import contextlib
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

MAX_CPU = 0.001  # of a core
MAX_MIB = 16
SECONDS = 10
SETTLE_SECONDS = 2
PATIENCE_SECONDS = 10
CONFIG = """\
input: {{unix: {folder}/source.sock}}
outputs:
  - name: idle
    type: file
    path: {folder}/events.json
"""
EVENT = b"""\
type=SYSCALL msg=audit(1795409078.387:3172169): arch=c000003e syscall=59 success=yes exit=0
type=EOE msg=audit(1795409078.387:3172169): 
"""


class Stopped(Exception):
    """The daemon did not do what it should."""


def used_by(pid):
    """(CPU seconds, times that it slept, memory in MiB) of a running process, all threads."""
    nanoseconds = sleeps = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        nanoseconds += int((task / "schedstat").read_text().split()[0])
        status = (task / "status").read_text()
        sleeps += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.MULTILINE).group(1))
    memory = re.search(r"VmRSS:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)
    return nanoseconds / 1e9, sleeps, int(memory) / 1024


@contextlib.contextmanager
def daemon(sorreld, folder):
    """(the running process, our end of its input)"""
    config = folder / "sorrel.yaml"
    config.write_text(CONFIG.format(folder=folder))
    config.chmod(0o600)
    with socket.socket(socket.AF_UNIX) as listener, open(folder / "messages", "w+") as messages:
        listener.bind(str(folder / "source.sock"))
        listener.listen(1)
        listener.settimeout(PATIENCE_SECONDS)
        process = subprocess.Popen([sorreld, "--config", config], stdout=messages, stderr=messages)
        try:
            connection, _ = listener.accept()
            with connection:
                yield process, connection
        except TimeoutError:
            said = (folder / "messages").read_text().strip()[-300:]
            raise Stopped(f"it did not connect to its input: {said or 'no message'}") from None
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def takes_an_event(connection, output):
    connection.sendall(EVENT)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if output.exists() and "3172169" in output.read_text():
            return True
        time.sleep(0.05)
    return False


def measure(report, options):
    what, target = "idle sorreld: share of a core", f"at most {MAX_CPU:.1%}"
    sorreld = options.programs / "sorreld"
    if not sorreld.exists():
        report.skip(what, "sorreld is not built", target)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        try:
            with daemon(sorreld, folder) as (process, connection):
                time.sleep(SETTLE_SECONDS)
                before, began = used_by(process.pid), time.monotonic()
                time.sleep(SECONDS)
                after, seconds = used_by(process.pid), time.monotonic() - began
                if not takes_an_event(connection, folder / "events.json"):
                    raise Stopped("an event that was sent to it afterwards did not come out")
        except (Stopped, OSError) as error:
            report.judge(what, str(error), target, False)
            return
    share, wakeups = (after[0] - before[0]) / seconds, (after[1] - before[1]) / seconds
    report.judge(what, f"{share:.3%} over {seconds:.0f} s, {wakeups:.1f} wake-ups a second", target,
                 share <= MAX_CPU, idle_share=share, idle_wakeups=wakeups)
    report.judge("idle sorreld: memory", f"{after[2]:.1f} MiB", f"at most {MAX_MIB} MiB", after[2] <= MAX_MIB,
                 idle_mib=after[2])
