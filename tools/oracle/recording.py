"""Recordings: auditd's text or the netlink stream, plain or packed, as lines that every program here
can read. This reading is the oracle's own, so that a mistake of ours is not made twice.
"""
import dataclasses
import lzma
import pathlib
import re
import struct

HEAD = re.compile(rb"(?:node=(\S+) )?type=(\S+) msg=audit\((\d+\.\d+:\d+)\): ?")
MAGIC = b"AUDREC1\n"
ENRICHED = b"\x1d"
EOE, REPLACE = 1320, 1329
# What a system call's event contains, and what EOE therefore ends.
WITH_END = {b"SYSCALL", b"URINGOP"}


@dataclasses.dataclass
class Record:
    node: str
    type: str
    id: str
    body: bytes       # what the kernel wrote
    line: bytes       # all of it

    @property
    def key(self):
        return self.node, self.id


def parse(line):
    """The Record of a line of text, or None."""
    match = HEAD.match(line)
    if not match:
        return None
    node, kind, stamp = (part.decode(errors="backslashreplace") if part else "" for part in match.groups())
    body = line[match.end():].partition(ENRICHED)[0]
    return Record(node, kind, stamp, body, line)


def unpacked(path):
    with (lzma.open if path.suffix == ".xz" else open)(path, "rb") as file:
        return file.read()


def type_names():
    """{number: name}, from the kernel's own header: AUDIT_USER_LOGIN is 1112."""
    names = {}
    header = pathlib.Path(__file__).with_name("record_types.txt")
    for line in header.read_text().splitlines():
        if line and not line.startswith("#"):
            number, name = line.split()
            names[int(number)] = name
    return names


def lines_of_stream(data):
    """The lines that auditd would have written of a recorded netlink stream, and EOE."""
    names, at = type_names(), len(MAGIC)
    while at + 16 <= len(data):
        size, kind = struct.unpack_from("<IH", data, at)
        payload = data[at + 16:at + 16 + size].rstrip(b"\0\n").replace(b"\n", b" ")
        at += 16 + size
        if kind >= 1100 and kind != REPLACE or kind in (1005, 1006):
            name = names.get(kind, f"UNKNOWN[{kind}]")
            yield b"type=%s msg=%s" % (name.encode(), payload)


def read(path):
    """All lines, EOE included where the recording has it."""
    data = unpacked(path)
    if data.startswith(MAGIC):
        return list(lines_of_stream(data))
    return data.split(b"\n")[:-1] if data.endswith(b"\n") else data.split(b"\n")


def without_end(lines):
    """As auditd writes a log."""
    return [line for line in lines if b"type=EOE " not in line[:300]]


def with_end(lines):
    """Each event of a system call ended by its EOE after its last record; those that are there are
    not trusted to be complete, and made anew."""
    lines = without_end(lines)
    last, calls = {}, set()
    for number, line in enumerate(lines):
        match = HEAD.match(line)
        if match:
            event = match.group(1), match.group(3)
            last[event] = number
            if match.group(2) in WITH_END:
                calls.add(event)
    ends = {last[event]: event for event in calls}
    for number, line in enumerate(lines):
        yield line
        if number in ends:
            node, stamp = ends[number]
            yield (b"node=%s " % node if node else b"") + b"type=EOE msg=audit(%s): " % stamp


def find(folders):
    """The recordings below the folders, in order."""
    return sorted(path for folder in folders for path in folder.rglob("*")
                  if re.search(r"\.(log|audrec)(\.xz)?$", path.name))
