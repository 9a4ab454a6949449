"""What `sorrelctl decode` says of a recording, by record: {(id, type): [object...]}, and which types
are arrays.
"""
import collections
import json
import re
import subprocess

from sandbox import Failed

REPEATED = re.compile(r"^(.+)_(\d+)$")
SINGLE_TYPES = {"CWD", "PROCTITLE", "SYSCALL"}  # get a number when they repeat: CWD_2
ESCAPE = re.compile(rb"%([0-9a-f]{2})")


def to_bytes(text):
    """A string of the JSON as the bytes it stands for."""
    return ESCAPE.sub(lambda match: bytes([int(match.group(1), 16)]), text.encode())


def base_type(key, known):
    match = REPEATED.match(key)
    return match.group(1) if match and match.group(1) in known else key


class Decoded:
    """The records of a JSON output, ours or LAUREL's."""

    def __init__(self):
        self.records = collections.defaultdict(list)
        self.shapes = {}
        self.events = set()

    def add_line(self, line, pairs_hook=None):
        event = json.loads(line, object_pairs_hook=pairs_hook)
        self.events.add(event["ID"])
        for key, value in event.items():
            if not isinstance(value, (dict, list)) or key == "HOST":
                continue
            kind = base_type(key, SINGLE_TYPES)
            self.shapes[event["ID"], kind] = "array" if isinstance(value, list) else "object"
            self.records[event["ID"], kind] += value if isinstance(value, list) else [value]


def decode(program, root, path, timeout):
    result = subprocess.run([str(program), "decode", "--root", str(root), "--no-progress", str(path)],
                            capture_output=True, timeout=timeout, check=False)
    if result.returncode != 0:
        words = result.stderr.decode(errors="replace")[-300:]
        raise Failed(f"sorrelctl decode ended with {result.returncode}: {words}")
    decoded = Decoded()
    for line in result.stdout.splitlines():
        decoded.add_line(line)
    return decoded
