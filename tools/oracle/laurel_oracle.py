"""LAUREL as an oracle: run over the same records, its JSON compared with ours key by key, value and
type. What we have beyond it is ours; what it has must be there and mean the same.
"""
import pathlib
import re
import sys

import sandbox
from difference import Difference, shown
from sorrel import Decoded

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
import laurel  # noqa: E402  (found or built as ./dev bench does it)

# What it does by default, with its translation and its verbose PPID on. What only /proc can tell it
# (containers, units, scripts, the environment) is on as well: it gets no answer there.
TRANSLATING = laurel.TRANSLATING + """\
[enrich]
ppid-verbose = true
"""
CONFIGURATIONS = {"laurel-bare": laurel.CONFIG, "laurel": TRANSLATING}
PID = re.compile(rb"pid=(\d+)")


def pairs_once(pairs):
    """A key that it writes twice with one value counts once; with another value it is ours with a
    number: uid, uid_2."""
    result = {}
    for key, value in pairs:
        if result.get(key, result) == value:
            continue
        name, number = key, 1
        while name in result:
            number += 1
            name = f"{key}_{number}"
        result[name] = value
    return result


def run(program, configuration, root, lines, folder, timeout):
    """Its output over `lines`, which have EOE."""
    pids = sorted({int(pid) for line in lines for pid in PID.findall(line)})
    output = sandbox.run(root, pids, laurel.arguments(program, folder, CONFIGURATIONS[configuration]),
                         b"".join(line + b"\n" for line in lines), timeout, cwd=folder)
    decoded = Decoded()
    for line in output.splitlines():
        if line.startswith(b"{"):
            decoded.add_line(line, pairs_once)
    return decoded


class Comparison:
    def __init__(self, oracle, raw, explain):
        self.oracle, self.raw, self.explain, self.differences, self.fields = oracle, raw, explain, [], 0

    def differ(self, kind, where, ours, theirs):
        event, record, key = where
        known = None if kind == "missing key" else ours
        fault = self.explain(event, key, known, theirs) if record == "SYSCALL" else ""
        self.differences.append(Difference(self.oracle, kind, event, record, key, shown(ours), shown(theirs),
                                           self.raw(event, record), fault))

    def values(self, ours, theirs, where):
        self.fields += 1
        if isinstance(ours, dict) and isinstance(theirs, dict):
            self.objects(ours, theirs, where)
        elif isinstance(ours, list) and isinstance(theirs, list):
            self.lists(ours, theirs, where)
        elif type(ours) is not type(theirs):
            self.differ("type", where, ours, theirs)
        elif ours != theirs:
            self.differ("value", where, ours, theirs)

    def objects(self, ours, theirs, where):
        event, record, path = where
        for key, value in theirs.items():
            inner = event, record, f"{path}.{key}" if path else key
            if key in ours:
                self.values(ours[key], value, inner)
            else:
                self.differ("missing key", inner, "", value)

    def lists(self, ours, theirs, where):
        if len(ours) != len(theirs):
            self.differ("length", where, ours, theirs)
            return
        event, record, path = where
        for ours_item, theirs_item in zip(ours, theirs):
            self.values(ours_item, theirs_item, (event, record, path))

    def all(self, ours, theirs):
        for (event, record), items in theirs.records.items():
            where = event, record, ""
            mine = ours.records.get((event, record))
            if mine is None:
                self.differ("missing record", where, "", items)
            elif ours.shapes[event, record] != theirs.shapes[event, record]:
                self.differ("shape", where, ours.shapes[event, record], theirs.shapes[event, record])
            elif len(mine) != len(items):
                self.differ("length", where, len(mine), len(items))
            else:
                for mine_item, item in zip(mine, items):
                    self.objects(mine_item, item, where)


def compare(oracle, ours, theirs, raw, explain=lambda *_: ""):
    """(differences, number of fields compared); raw(event, type) is the text of the records, and
    explain(event, key, ours or None, theirs) names the fault that LAUREL's table of processes has there."""
    comparison = Comparison(oracle, raw, explain)
    comparison.all(ours, theirs)
    # Ours that it lacks altogether: a record that it lost.
    for (event, record) in ours.records.keys() - theirs.records.keys():
        if record.startswith("SORREL_"):
            continue
        comparison.differ("their missing record", (event, record, ""), "there", "")
    return comparison.differences, comparison.fields
