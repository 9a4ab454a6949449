"""`sorrelctl decode` beside LAUREL: the same bytes in, the events out counted equal
first, then CPU time by turns.
"""
import json
import os
import re
import tempfile

import laurel
from measure import Command, Failed, Series, interleaved, run
from work import PLAIN, sandbox

PEER = f"LAUREL {laurel.VERSION}"
AROUND = "what is around it"
STAMP = re.compile(rb"msg=audit\(([\d.]+:\d+)\)")


def ids_of_input(path):
    """The events' ids and the number of records."""
    ids, records = set(), 0
    with open(path, "rb") as file:
        for line in file:
            match = STAMP.search(line)
            if match:
                ids.add(match.group(1).decode())
                records += 1
    return ids, records


def ids_of_output(command):
    """The ids of a run's JSON lines, with repetitions; every line must be valid JSON."""
    with tempfile.TemporaryFile(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as file:
        run(command, stdout=file)
        file.seek(0)
        try:
            return [json.loads(line)["ID"] for line in file if line.startswith(b"{")]
        except (ValueError, KeyError) as error:
            raise Failed(f"{command.arguments[0]} wrote a line that is no event in JSON: {error}") from error


def outputs_agree(report, label, commands, ids):
    """Each command writes each event of the input once. Says what is not so."""
    for name, command in commands.items():
        written = ids_of_output(command)
        wrong = ids.symmetric_difference(written)
        if wrong or len(written) != len(ids):
            first = f"; the first that differs: {min(wrong)}" if wrong else ""
            report.judge(f"{label}: events of {name}", f"{len(written)} written{first}",
                         f"the {len(ids)} of the input, once each", False)
            return False
    report.judge(f"{label}: events written", f"{len(ids)} by {' and by '.join(commands)}, valid JSON, the same IDs",
                 f"the {len(ids)} of the input, once each", True)
    return True


def describe_input(report, label, input_path):
    """Returns the events' ids and the number of records."""
    ids, records = ids_of_input(input_path)
    size = os.path.getsize(input_path)
    report.measure(f"{label}: input", f"{size / 1e6:.1f} MB, {len(ids)} events, {records} records with their EOE",
                   **{f"{label}_bytes": size, f"{label}_events": len(ids)})
    return ids, records


def add_peer(report, options, work, label, input_path, commands):
    """Adds LAUREL's command, when it can be run, and the one of what is around it."""
    try:
        peer, around = work.peer(laurel.find(options.cache), options, input_path)
    except (laurel.Missing, sandbox.Missing) as missing:
        report.skip(f"{label}: ratio to {PEER}", str(missing), f"at least {work.min_ratio}")
        return
    commands[PEER] = peer
    if around is not None:
        commands[AROUND] = around


def without_around(series):
    """The series of the two programs; the peer's without what its sandbox takes."""
    around = series.pop(AROUND, None)
    if around is not None:
        series[PEER] = Series([seconds - around.median() for seconds in series[PEER].seconds])
    return series


def compare(report, options, of_input, input_path, judged, work=PLAIN):
    label, size = work.label(of_input), os.path.getsize(input_path)
    ids, records = describe_input(report, label, input_path)
    commands = {"sorrelctl": Command([options.programs / "sorrelctl", "decode", *work.arguments(options), input_path])}
    add_peer(report, options, work, label, input_path, commands)
    programs = {name: command for name, command in commands.items() if name != AROUND}
    if not outputs_agree(report, label, programs, ids):
        return
    series = without_around(interleaved(commands, options.runs))
    for name, runs in series.items():
        report.measure(f"{label}: {name}", runs.text(size), **{f"{label} {name} CPU seconds": runs.seconds})
    ours, *peers = series.values()
    report.measure(f"{label}: sorrelctl, each", f"{ours.median() / len(ids) * 1e6:.2f} us an event, "
                   f"{ours.median() / records * 1e9:.0f} ns a record")
    for peer in peers:
        ratio = peer.median() / ours.median()
        report.judge(f"{label}: bytes per CPU second, ratio to {PEER}", f"{ratio:.1f}", f"at least {work.min_ratio}",
                     ratio >= work.min_ratio, judged, **{f"{label}_ratio": ratio})
