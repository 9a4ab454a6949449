"""The benchmarks that are programs of ours, each run when it has been built: allocations, the
netlink path, the idle daemon, the parsers one by one.
"""
import pathlib
import re
import subprocess
import time

MAX_NETLINK_RATIO = 1.5
MAX_IDLE_CPU = 0.001  # of a core
MAX_IDLE_MIB = 16
IDLE_SECONDS = 10
IDLE_CONFIG = """\
input:
  unix: {folder}/absent.sock
outputs:
  - file: {folder}/idle.json
"""
PAIR = re.compile(r"(\w+)=([\d.]+)")


def output_of(arguments):
    """(exit status, its output)"""
    run = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return run.returncode, run.stdout


def allocations(report, options):
    """The test program with the counting allocator passes only when none is counted."""
    what, target = "allocations for an event once warm", "none"
    for name, arguments in (("test_allocation", []), ("test_property", ["[allocation]"])):
        program = options.programs / name
        if not program.exists():
            continue
        status, text = output_of([program, *arguments])
        if "No test cases matched" in text:
            continue
        figures = re.findall(r".*\balloc.*", text) or text.strip().splitlines()
        report.judge(what, figures[-1].strip(), target, status == 0)
        return
    report.skip(what, "test_allocation is not built", target)


def netlink(report, options):
    what, target = "daemon's threads per record, against a bare recvmmsg(64) loop", f"at most {MAX_NETLINK_RATIO}"
    program = options.programs / "netlink_bench"
    if not program.exists():
        report.skip(what, "netlink_bench is not built", target)
        return
    status, text = output_of([program])
    figures = {f"{line.split()[0]} {name}": float(value)
               for line in text.splitlines() for name, value in PAIR.findall(line)}
    found = re.search(r"\bratio=([\d.]+)", text)
    if status != 0 or found is None:
        report.judge(what, f"netlink_bench ended with {status}: {text.strip()[-200:]}", target, False)
        return
    ratio = float(found.group(1))
    per_record = ", ".join(f"{name.split()[0]} {value:.0f} ns" for name, value in figures.items()
                           if name.endswith("ns_per_record"))
    report.judge(what, f"{ratio:.2f} ({per_record})", target, ratio <= MAX_NETLINK_RATIO, netlink_ratio=ratio)


def used_by(pid):
    """(CPU seconds, wake-ups, memory in MiB) of a running process, all of its threads."""
    tasks = list(pathlib.Path(f"/proc/{pid}/task").iterdir())
    nanoseconds = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
    switches = sum(int(count) for task in tasks
                   for count in re.findall(r"ctxt_switches:\s*(\d+)", (task / "status").read_text()))
    with open(f"/proc/{pid}/status") as file:
        memory = int(re.search(r"VmRSS:\s*(\d+)", file.read()).group(1)) / 1024
    return nanoseconds / 1e9, switches, memory


def idle(report, options):
    """sorreld with an input from which nothing comes: no work, so no CPU time and no wake-ups."""
    what = "idle sorreld: share of a core"
    target = f"at most {MAX_IDLE_CPU:.1%}"
    sorreld = options.programs / "sorreld"
    if not sorreld.exists():
        report.skip(what, "sorreld is not built", target)
        return
    config = options.folder / "idle.yaml"
    config.write_text(IDLE_CONFIG.format(folder=options.folder.resolve()))
    config.chmod(0o600)
    process = subprocess.Popen([sorreld, "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(2)  # it has started by then
        if process.poll() is not None:
            report.judge(what, f"sorreld ended with {process.returncode}: {process.stderr.read().strip()[-300:]}",
                         target, False)
            return
        before, began = used_by(process.pid), time.monotonic()
        time.sleep(IDLE_SECONDS)
        after, seconds = used_by(process.pid), time.monotonic() - began
    finally:
        process.terminate()
        process.communicate()
    share = (after[0] - before[0]) / seconds
    report.judge(what, f"{share:.3%} over {seconds:.0f} s, {(after[1] - before[1]) / seconds:.1f} wake-ups a second",
                 target, share <= MAX_IDLE_CPU, idle_share=share)
    report.judge("idle sorreld: memory", f"{after[2]:.1f} MiB", f"at most {MAX_IDLE_MIB} MiB",
                 after[2] <= MAX_IDLE_MIB, idle_mib=after[2])


def micro(report, options):
    """Every parser and encoder by itself: no targets, but a change that makes one slow is seen."""
    program = options.programs / "micro_bench"
    if not program.exists():
        report.skip("parsers one by one", "micro_bench is not built")
        return
    status, text = output_of([program])
    if status != 0:
        report.judge("parsers one by one", text.strip()[-300:], "runs", False)
        return
    for line in text.splitlines():
        name, figure = line.split("\t")
        report.measure(name, figure)
