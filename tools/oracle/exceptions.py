"""The differences that are a peer's fault: exceptions.jsonl, one a line.

    {"name": "...", "oracle": "laurel.*", "kind": "value", "type": ".*", "key": "...",
     "ours": "...", "theirs": "...", "raw": "...", "fault": "...", "record": ["type=..."], "because": "..."}

`oracle`, `kind`, `type`, `key`, `ours`, `theirs` and `fault` (of laurel_processes) are regular
expressions for the whole text; `raw` is one that is searched in the record. Those left out allow anything. "hex of ours" as `theirs` is a number that was
read as hex. `record` is the smallest record (or event) that shows who is wrong, and its own proof.
"""
import collections
import json
import re

import sorrel

MOST = 25
SEARCHED = ("raw",)
WHOLE = ("oracle", "kind", "type", "key", "ours", "theirs", "fault")
HEX_OF_OURS = "hex of ours"


class Wrong(Exception):
    """The file of exceptions is not what it has to be."""


class ExceptionLine:
    def __init__(self, fields):
        missing = {"name", "oracle", "kind", "record", "because"} - fields.keys()
        extra = fields.keys() - {"name", "record", "because", *SEARCHED, *WHOLE}
        if missing or extra:
            raise Wrong(f"{fields.get('name', fields)}: lacks {sorted(missing)}, has {sorted(extra)}")
        self.name, self.because = fields["name"], fields["because"]
        self.lines = "\n".join(fields["record"]).encode().split(b"\n")
        self.hex_of_ours = fields.get("theirs") == HEX_OF_OURS
        self.patterns = {key: re.compile(fields[key], re.DOTALL) for key in WHOLE
                         if key in fields and not (key == "theirs" and self.hex_of_ours)}
        self.searched = {key: re.compile(fields[key], re.DOTALL) for key in SEARCHED if key in fields}

    def covers(self, difference):
        if not all(pattern.fullmatch(getattr(difference, key)) for key, pattern in self.patterns.items()):
            return False
        if self.hex_of_ours and not is_hex_of(difference.ours, difference.theirs):
            return False
        return all(pattern.search(getattr(difference, key)) for key, pattern in self.searched.items())

    def is_for(self, oracle):
        return bool(self.patterns["oracle"].fullmatch(oracle))


def is_hex_of(ours, theirs):
    try:
        return bytes.fromhex(ours) == sorrel.to_bytes(theirs)
    except ValueError:
        return False


def parse(text):
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(ExceptionLine(json.loads(line)))
        except (ValueError, re.error) as error:
            raise Wrong(f"line {number}: {error}") from error
    names = collections.Counter(line.name for line in found)
    if len(found) > MOST:
        raise Wrong(f"{len(found)} exceptions; {MOST} are allowed")
    if max(names.values(), default=1) > 1:
        raise Wrong(f"two exceptions have the name {names.most_common(1)[0][0]}")
    return found


def judge(differences, lines, used):
    """What no exception covers; `used` counts the first one that covers each of the others."""
    left = []
    for difference in differences:
        for line in lines:
            if line.covers(difference):
                used[line.name] += 1
                break
        else:
            left.append(difference)
    return left
