"""The benchmarks that are programs of ours, each run when it has been built: allocations, the
netlink path, the parsers one by one.
"""
import re
import subprocess

MAX_NETLINK_RATIO = 1.5
MAX_STEADY_PERCENT = 4  # both threads, at 10,000 records a second
MAX_STEADY_US = 100  # from the last record of an event to the write of its line
MAX_EXEC_US = 5  # of the pipeline's thread, beyond the event without enrichment
MAX_PROCESS_US = 40  # of the thread that reads /proc, a process that was never read
MAX_NAMES_RATIO = 1.2
MAX_CHECK_MS = 20  # of 500 rules
MAX_PLAN_MS = 5
PAIR = re.compile(r"(\w+)=([\d.]+)")


def output_of(arguments):
    """(exit status, its output)"""
    run = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return run.returncode, run.stdout


def allocations(report, options):
    """The test program with the counting allocator passes only when none is counted."""
    what, target = "allocations for an event once warm", "none"
    program = options.programs / "test_property"
    if not program.exists():
        report.skip(what, "test_property is not built", target)
        return
    status, text = output_of([program, "[allocation]"])
    ran = re.search(r"\d+ assertions? in \d+ test cases?", text)
    if status == 0 and ran:
        report.judge(what, f"none counted ({ran.group(0)})", target, True)
    else:
        report.judge(what, (text.strip().splitlines() or ["no test"])[-1], target, False)


def netlink(report, options):
    """The daemon's threads, live: once without enrichment; once with
    all that the default configuration adds."""
    plain = "daemon's threads per record, no enrichment, against a bare recvmmsg(64) loop"
    target = f"at most {MAX_NETLINK_RATIO}"
    program = options.programs / "netlink_bench"
    if not program.exists():
        report.skip(plain, "netlink_bench is not built", target)
        return
    run = netlink_figures(program, "0")
    if isinstance(run, str):
        report.judge(plain, run, target, False)
        return
    ratio, per_record, _ = run
    report.judge(plain, f"{ratio:.2f} ({per_record})", target, ratio <= MAX_NETLINK_RATIO, netlink_ratio=ratio)

    steady = "10,000 records a second, default enrichment"
    target = f"at most {MAX_STEADY_PERCENT} % of a core, p50 at most {MAX_STEADY_US} us"
    run = netlink_figures(program, "1")
    if isinstance(run, str):
        report.judge(steady, run, target, False)
        return
    ratio, per_record, pace = run
    report.measure("daemon's threads per record, default enrichment, against the same loop",
                   f"{ratio:.2f} ({per_record})")
    report.judge(steady, f"{pace['cpu_percent']} % of a core, p50 {pace['p50_us']:.0f} us, p99 {pace['p99_us']:.0f} us",
                 target, pace["cpu_percent"] <= MAX_STEADY_PERCENT and pace["p50_us"] <= MAX_STEADY_US)


def netlink_figures(program, enrich):
    """(ratio, the ns a record in words, the figures at 10,000 records/s) of a run, or what failed."""
    status, text = output_of([program, "--enrich", enrich])
    found = re.search(r"\bratio=([\d.]+)", text)
    paces = [line for line in text.splitlines() if line.startswith("pace_10000 ")]
    if status != 0 or found is None or not paces:
        return f"netlink_bench ended with {status}: {text.strip()[-200:]}"
    per_record = ", ".join(f"{line.split()[0]} {value} ns" for line in text.splitlines()
                           for value in re.findall(r" ns_per_record=(\d+)", line))
    pace = {name: float(value) for name, value in PAIR.findall(paces[0])}
    return float(found.group(1)), per_record, pace


def live(report, options):
    """What asking the host costs, and that a slow name service delays no event."""
    wants = (
        ("exec event on its host: pipeline's CPU beyond the one without enrichment", "beyond_us",
         MAX_EXEC_US, "us"),
        ("new process: CPU of the thread that reads /proc", "reader_us", MAX_PROCESS_US, "us"),
        ("slow name service: p99 of an event's delay, ratio to a quick one", "p99_ratio",
         MAX_NAMES_RATIO, ""))
    program = options.programs / "live_bench"
    if not program.exists():
        for what, _, limit, unit in wants:
            report.skip(what, "live_bench is not built", f"at most {limit} {unit}".strip())
        return
    status, text = output_of([program])
    figures = dict(PAIR.findall(text))
    for what, key, limit, unit in wants:
        target = f"at most {limit} {unit}".strip()
        if status != 0 or key not in figures:
            report.judge(what, f"live_bench ended with {status}: {text.strip()[-200:]}", target, False)
        else:
            report.judge(what, f"{figures[key]} {unit}".strip(), target, float(figures[key]) <= limit)
    if "mib" in figures:
        report.measure("table of 100,000 processes: memory", f"{figures['mib']} MiB")


def rules(report, options):
    """What a change of audit rules costs before the kernel is asked."""
    wants = (("500 audit rules: read and checked", "check_ms", MAX_CHECK_MS),
             ("500 audit rules: planned, nothing to change", "plan_ms", MAX_PLAN_MS))
    program = options.programs / "rules_bench"
    if not program.exists():
        for what, _, limit in wants:
            report.skip(what, "rules_bench is not built", f"at most {limit} ms")
        return
    status, text = output_of([program])
    figures = dict(PAIR.findall(text))
    for what, key, limit in wants:
        if status != 0 or key not in figures:
            report.judge(what, f"rules_bench ended with {status}: {text.strip()[-200:]}", f"at most {limit} ms",
                         False)
        else:
            report.judge(what, f"{figures[key]} ms", f"at most {limit} ms", float(figures[key]) <= limit)


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
