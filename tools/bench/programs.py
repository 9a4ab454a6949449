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
MIN_APPEND_RATIO = 0.9
MAX_BUFFER_RATIO = 1.2
MIN_READ_GB = 1
MAX_START_MS = 1_000
MAX_BACKLOG_MIB = 16
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


def store(report, options):
    """The buffer on disk, against bare writes of the same bytes; its frames are the events of the
    first recording."""
    program = options.programs / "buffer_bench"
    wants = (
        ("buffer: durable commits of 256 events, ratio to bare pwrite and fdatasync", "append_ratio",
         MIN_APPEND_RATIO, True, "({append_commits_per_s} and {bare_commits_per_s} a second)"),
        ("buffer: CPU of a commit, not packed, ratio to bare checksum and write", "checked_ratio",
         MAX_BUFFER_RATIO, False, "({checked_us} and {checked_bare_us} us)"),
        ("buffer: CPU of a commit, zstd level 1, ratio to bare zstd, checksum and write", "packed_ratio",
         MAX_BUFFER_RATIO, False, "({packed_us} and {packed_bare_us} us)"),
        ("buffer: events read back, GB per CPU second", "read_gb_per_s", MIN_READ_GB, True,
         "({read_packed_gb_per_s} when packed)"),
        ("buffer: start over a backlog, ms", "start_ms", MAX_START_MS, False,
         "({backlog_gb} GB of {backlog_frames} events)"),
        ("buffer: memory while four outputs read the backlog, MiB", "memory_mib", MAX_BACKLOG_MIB, False,
         "({frames_read} events read)"))
    figures = store_figures(program, options) if program.exists() else None
    for what, key, limit, is_least, more in wants:
        target = f"at {'least' if is_least else 'most'} {limit}"
        if figures is None:
            report.skip(what, "buffer_bench is not built", target)
        elif isinstance(figures, str):
            report.judge(what, figures, target, False)
        else:
            value = float(figures[key])
            report.judge(what, f"{figures[key]} {more.format(**figures)}", target,
                         value >= limit if is_least else value <= limit, **{key: value})


def store_figures(program, options):
    """The figures, or what failed."""
    log = options.recording[0].partition("=")[2]
    events, folder = options.folder / "buffer.json", options.folder / "buffer"
    with open(events, "wb") as out:
        decoded = subprocess.run([options.programs / "sorrelctl", "decode", "--no-enrich", log], stdout=out, check=False)
    if decoded.returncode != 0:
        return f"sorrelctl decode ended with {decoded.returncode}"
    status, text = output_of([program, "--events", events, "--folder", folder, "--backlog-gb", str(options.backlog_gb)])
    events.unlink()
    figures = dict(PAIR.findall(text))
    if status != 0 or "frames_read" not in figures:
        return f"buffer_bench ended with {status}: {text.strip()[-200:]}"
    if int(figures["frames_read"]) != 4 * int(figures["backlog_frames"]):
        return f"{figures['frames_read']} events came to four outputs, of {figures['backlog_frames']}"
    return figures


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
