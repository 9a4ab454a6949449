"""What the parts of the benchmark say, collected: rows with a verdict, for the terminal, a JSON file
and the table in docs/performance.md.
"""
import dataclasses
import datetime
import json
import platform
import re
import subprocess
import sys

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
COLOURS = {"pass": "32", "FAIL": "31", "skipped": "33"}


@dataclasses.dataclass
class Row:
    what: str
    figure: str
    target: str = ""
    verdict: str = ""  # pass, FAIL, skipped, or nothing where there is no target


class Report:
    def __init__(self):
        self.rows = []
        self.values = {}

    def add(self, row, **values):
        self.rows.append(row)
        self.values.update(values)
        verdict = row.verdict
        if sys.stdout.isatty() and verdict in COLOURS:
            verdict = f"\033[{COLOURS[verdict]}m{verdict}\033[0m"
        target = f"  (target: {row.target})" if row.target else ""
        print(f"{row.what}: {row.figure}{target}  {verdict}".rstrip(), flush=True)

    def measure(self, what, figure, **values):
        self.add(Row(what, figure), **values)

    def judge(self, what, figure, target, passed, judged=True, **values):
        """`judged` false: the figure has a target elsewhere, none here."""
        if judged:
            self.add(Row(what, figure, target, "pass" if passed else "FAIL"), **values)
        else:
            self.measure(what, figure, **values)

    def skip(self, what, reason, target=""):
        self.add(Row(what, reason, target, "skipped"))

    def failed(self):
        return any(row.verdict == "FAIL" for row in self.rows)

    def write_json(self, path, machine):
        rows = [dataclasses.asdict(row) for row in self.rows]
        path.write_text(json.dumps({"machine": machine, "rows": rows, "values": self.values}, indent=1) + "\n")

    def write_docs(self, path, machine, command):
        """Puts the table between the marks; makes the file, or the marks, when they are missing."""
        lines = [BEGIN, f"Measured {datetime.date.today()} by `{command}`.", "",
                 *(f"- {name}: {value}" for name, value in machine.items()), "",
                 "| what | figure | target | verdict |", "|---|---|---|---|"]
        cells = ((row.what, row.figure, row.target, row.verdict) for row in self.rows)
        lines += ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)
        block = "\n".join([*lines, END])
        text = path.read_text() if path.exists() else "# Performance\n"
        if BEGIN in text and END in text:
            text = re.sub(f"{BEGIN}.*?{END}", lambda _: block, text, flags=re.DOTALL)
        else:
            text = f"{text.rstrip()}\n\n{block}\n"
        path.write_text(text)


def machine():
    """What a figure depends on, by name."""
    with open("/proc/cpuinfo") as file:
        models = re.findall(r"^(?:model name|Processor|uarch)\s*:\s*(.*)$", file.read(), re.MULTILINE)
    with open("build/release/CMakeCache.txt") as file:
        cache = dict(re.findall(r"^(\w+):\w+=(.*)$", file.read(), re.MULTILINE))
    compiler = subprocess.run([cache["CMAKE_CXX_COMPILER"], "--version"], capture_output=True, text=True)
    with open("/proc/loadavg") as file:
        load = file.read().split()[0]
    return {
        "processor": f"{models[0] if models else platform.machine()}, {len(models) or '?'} in use",
        "kernel": platform.release(),
        "compiler": f"{compiler.stdout.splitlines()[0]}, {cache['CMAKE_BUILD_TYPE']}, "
                    f"hardened {cache['SORREL_HARDEN']}",
        "load when it began": load,
    }
