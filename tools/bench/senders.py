"""The sinks beside bare senders of the same bytes, to real receivers: tests/sinks/sending_rate.py, whose
servers are fetched; and the first lane beside a backlog: tests/sinks/first_lane.py. Only when it is asked for.
"""
import re
import subprocess
import sys

MIN_RATIO = 0.9
MAX_CPU_PER_GB = 2.5
MAX_FIRST_LANE_MS = 100
PAIR = re.compile(r"(\w+)=([\d.]+)")
RECEIVERS = {
    "syslog_rsyslog": "syslog over TLS to rsyslog",
    "syslog_syslog_ng": "syslog over TLS to syslog-ng",
    "relp_rsyslog": "RELP over TLS to rsyslog",
    "kafka_plain": "Kafka over TLS, not compressed",
    "kafka_zstd": "Kafka over TLS, zstd",
}
WANTED = f"at least {MIN_RATIO}"
PRICE = f"at most {MAX_CPU_PER_GB}"


def rate_of(label):
    return f"{label}: rate, ratio to a bare sender"


def cpu_of(label):
    return f"{label}: sender's CPU seconds a GB"


def skip(report, label, why):
    report.skip(rate_of(label), why, WANTED)
    report.skip(cpu_of(label), why, PRICE)


def judge(report, name, label, figures):
    ratio, cpu, bare = (float(figures[figure]) for figure in ("ratio", "ours_cpu_per_gb", "bare_cpu_per_gb"))
    rates = f"({float(figures['ours_mb_per_s']):.0f} and {float(figures['bare_mb_per_s']):.0f} MB/s)"
    report.judge(rate_of(label), f"{ratio:.2f} {rates}", WANTED, ratio >= MIN_RATIO, **{f"{name}_ratio": ratio})
    report.judge(cpu_of(label), f"{cpu:.2f} (bare {bare:.2f})", PRICE, cpu <= MAX_CPU_PER_GB,
                 **{f"{name}_cpu_per_gb": cpu, f"{name}_bare_cpu_per_gb": bare})


def measure(report, options):
    program = options.programs / "sink_bench"
    if not options.sinks or not program.exists():
        why = "sink_bench is not built" if options.sinks else "only with --sinks"
        for label in RECEIVERS.values():
            skip(report, label, why)
        return
    run = subprocess.run([sys.executable, "tests/sinks/sending_rate.py", program, "--runs", str(options.runs)],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    for name, label in RECEIVERS.items():
        measured = re.search(rf"^{name}: (.*)$", run.stdout, re.MULTILINE)
        skipped = re.search(rf"^skipped {name}: (.*)$", run.stdout, re.MULTILINE)
        if measured:
            judge(report, name, label, dict(PAIR.findall(measured.group(1))))
        elif skipped:
            skip(report, label, skipped.group(1))
        else:
            failed = re.search(rf"^failed {name}: (.*)$", run.stdout, re.MULTILINE)
            why = failed.group(1) if failed else run.stdout.strip()[-200:]
            report.judge(rate_of(label), why, WANTED, False)


def first_lane(report, options):
    what = "first lane while a backlog drains to rsyslog over TLS: p50 of an event's way"
    target = f"at most {MAX_FIRST_LANE_MS} ms"
    if not options.sinks:
        report.skip(what, "only with --sinks", target)
        return
    run = subprocess.run([sys.executable, "tests/sinks/first_lane.py", options.programs / "sorreld"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    figures = dict(PAIR.findall(run.stdout))
    if run.returncode != 0:
        report.judge(what, run.stdout.strip()[-200:], target, False)
        return
    value = float(figures["p50_ms"])
    report.judge(what, f"{value:.0f} ms (p90 {float(figures['p90_ms']):.0f} ms, {figures['drained_per_s']} events "
                 f"a second of {figures['backlog_events']})", target, value <= MAX_FIRST_LANE_MS, first_lane_ms=value)
