"""`ausearch -i` as an oracle: every field it prints, interpreted, against our JSON. A field is right
when our key of that name says the same, or, for what ausearch interprets, the key in upper case.
"""
import collections
import os
import pathlib
import re
import subprocess

import ausearch_text
import ausearch_values as values
import sandbox
from difference import Difference, shown
from sandbox import Missing
from sorrel import to_bytes

FETCH = pathlib.Path(__file__).resolve().parents[2] / "tests/guest/fetch"
ARGUMENT = re.compile(r"^a([0-3])$")


def fetched(package, cache, download):
    folder = cache / "packages" / package
    if not (folder / ".complete").exists():
        if not download:
            raise Missing(f"{package} is not unpacked into {folder} yet")
        run = subprocess.run([FETCH, package], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise Missing((run.stderr.strip().splitlines() or ["no message"])[-1])
    return folder


def find(cache, download=True):
    """(program, environment): $AUSEARCH, or Debian's, unpacked into the cache and never installed."""
    given = os.environ.get("AUSEARCH")
    if given:
        return given, {"LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", "")}
    programs = sorted(fetched("auditd", cache, download).rglob("sbin/ausearch"))
    libraries = sorted(fetched("libauparse0", cache, download).rglob("libauparse.so.0"))
    if not programs or not libraries:
        raise Missing("the packages auditd and libauparse0 have no ausearch, or no library for it")
    return str(programs[0]), {"LD_LIBRARY_PATH": str(libraries[0].parent)}


def version(found, root):
    output = sandbox.run(root, [], [found[0], "--version"], b"", 20, environment=found[1])
    return output.decode().split()[-1]


def run(found, root, lines, folder, timeout):
    """The Printed records of a log."""
    program, environment = found
    log = folder / "audit.log"
    log.write_bytes(b"".join(line + b"\n" for line in lines))
    output = sandbox.run(root, [], [program, "-i", "-if", log], b"", timeout, environment=environment,
                         empty=b"<no matches>")
    return ausearch_text.parse(output)


class Record:
    """One of our records, asked for what ausearch calls a field."""

    def __init__(self, kind, item):
        self.kind, self.item, self.taken = kind, item, collections.Counter()
        self.inner = item.get("msg") if isinstance(item.get("msg"), dict) else None

    def candidates(self, name, theirs):
        """Texts of ours that this field may have; none when there is no such key."""
        if self.kind == "EXECVE" and values.PIECE.match(name):
            return self.execve(int(values.PIECE.match(name).group(1)))
        if self.kind == "SYSCALL" and ARGUMENT.match(name):
            return self.argument(int(name[1:]), theirs)
        if self.kind == "PROCTITLE" and name == "proctitle" and "ARGV" in self.item:
            return [values.escaped(b" ".join(map(to_bytes, self.item["ARGV"])))]
        if name == "saddr" and self.kind == "SOCKADDR":
            return values.addresses(self.item.get("saddr"), self.item.get("SADDR"))
        if name == "data" and self.kind in ("TTY", "USER_TTY") and self.is_typed(theirs):
            return [theirs]
        if name == "key" and self.keys():
            return self.keys()
        self.taken[name] += 1
        number = self.taken[name]
        for place in filter(None, (self.item, self.inner)):
            key = name if number == 1 else f"{name}_{number}"
            if isinstance(place.get(name), dict):
                continue
            if key in place:
                return self.of_key(place, key, theirs, self.interpreted(place, key))
            number -= 1 if name in place else 0
        return []

    def is_typed(self, theirs):
        place = self.inner if self.inner and "data" in self.inner else self.item
        data = place.get("data")
        return isinstance(data, str) and values.keystrokes(theirs) == to_bytes(data)

    def keys(self):
        place = self.item if "KEYS" in self.item else self.inner or {}
        return [b" key=".join(values.plain(key) for key in place["KEYS"])] if "KEYS" in place else []

    def interpreted(self, place, key):
        """The key in upper case. auditd's own names of what is inside msg stand outside of it."""
        upper = key.upper()
        if place is self.inner and upper not in place and key not in self.item:
            place = self.item
        return None if upper == key or isinstance(place.get(upper), dict) else place.get(upper)

    @staticmethod
    def of_key(place, key, theirs, upper):
        found = []
        if isinstance(upper, list):
            found.append(values.lists(upper, theirs))
        elif upper is not None:
            found.append(values.plain(upper))
            # EACCES(Permission denied): the name is the kernel's, the words are the C library's.
            if key == "exit":
                found.append(theirs if theirs.startswith(found[0] + b"(") else found[0])
        value = place[key]
        # A set without a member has no name of ours.
        if upper is None and key in values.CAPABILITY_SETS and values.same_number(value, b"0"):
            found.append(b"none")
        # What ausearch does not interpret it prints as it is, control characters and all. A line break of
        # a recorded stream is a blank in the text that ausearch got.
        bare = isinstance(value, str) and to_bytes(value).replace(b"\n", b" ").rstrip() == theirs.rstrip()
        if bare or values.same_number(value, theirs) or values.is_no_name(theirs, value, upper):
            found.append(theirs)
        else:
            text = values.plain(value)
            found.append(text if text is not None else b"")
        if value is None:
            found += [b"?", b""]
        return found

    def execve(self, index):
        arguments = self.item.get("ARGV", [])
        if index >= len(arguments) or not isinstance(arguments[index], str):
            return []
        return [values.escaped(to_bytes(arguments[index]))]

    def argument(self, index, theirs):
        arguments = self.item.get("ARGV", [])
        if index >= len(arguments):
            return []
        upper, number = self.item.get(f"A{index}"), arguments[index]
        same = values.same_number(number, theirs) or values.is_no_name(theirs, number, upper) or \
            values.is_permissions(theirs, upper)
        found = [theirs] if same else [number.encode()]
        if isinstance(upper, list):
            found.insert(0, values.lists(upper, theirs))
        elif upper is not None:
            found.insert(0, values.plain(upper))
        return found

    def words(self):
        """What stands in the record without a key."""
        texts = []
        for place in filter(None, (self.item, self.inner)):
            texts += [place["TEXT"]] if "TEXT" in place else []
            texts += [f"avc: {place['avc']}"] if "avc" in place else []
            texts += [f"avc: {key} {{ {' '.join(place[key])} }} for" for key in ("denied", "granted") if key in place]
        return [values.escaped(b" ".join(to_bytes(text).split())) for text in texts]

    def has_interpretation(self, name):
        found = [place.get(name.upper()) for place in (self.item, self.inner or {})]
        return any(value is not None and not isinstance(value, dict) for value in found)


class Comparison:
    def __init__(self):
        self.differences, self.fields = [], 0

    def differ(self, kind, record, key, ours, theirs, raw=None):
        text = (raw or record.line).decode(errors="backslashreplace")
        self.differences.append(Difference("ausearch", kind, record.id, record.type, key,
                                           shown(ours), theirs.decode(errors="backslashreplace"), text))

    def record(self, raw, printed, item, pieces):
        tokens = ausearch_text.tokens(raw.body)
        ours = Record(raw.type, item)
        found = ausearch_text.cut(printed.text, tokens)
        counts = collections.Counter(name for name, _ in found)
        for name, _ in tokens:
            if not counts[name]:
                self.differ("their missing key", raw, name, "", b"")
        written = collections.defaultdict(list)
        for name, value in tokens:
            written[name].append(value)
        for name, theirs in found:
            piece = values.PIECE.match(name)
            if name == ausearch_text.FREE_TEXT:
                self.free_text(raw, ours, b" ".join(theirs.split()))
                continue
            if piece and raw.type == "EXECVE" and name.endswith(("_len", "]")):
                if name.endswith("]"):
                    pieces[int(piece.group(1))].append((raw, theirs))
                continue
            self.field(raw, ours, name, theirs, written[name].pop(0))

    def field(self, raw, ours, name, theirs, written):
        self.fields += 1
        candidates = ours.candidates(name, theirs)
        if not candidates:
            self.differ("missing field", raw, name, "", theirs)
            return
        if theirs in candidates:
            return
        as_written = theirs.rstrip(b" ") == written
        if as_written and candidates.count(written) + candidates.count(values.escaped(values.decoded(written))):
            return  # not interpreted: quotes and all
        interpreted = not as_written and not values.only_decoded(written, theirs)
        kind = "missing key" if interpreted and not ours.has_interpretation(name) else "value"
        self.differ(kind, raw, name, candidates[0].decode(errors="backslashreplace"), theirs)

    def free_text(self, raw, ours, theirs):
        self.fields += 1
        if theirs not in ours.words():
            self.differ("value", raw, "TEXT", b" ".join(ours.words()).decode(errors="backslashreplace"), theirs)

    def long_arguments(self, item, pieces):
        """Arguments that the kernel split: their pieces, put together."""
        for index, parts in pieces.items():
            self.fields += 1
            ours = Record("EXECVE", item).execve(index)
            theirs = b"".join(text for _, text in parts)
            if [theirs] != ours:
                self.differ("value", parts[0][0], f"a{index}", (ours or [b""])[0].decode(errors="backslashreplace"),
                            theirs)


def by_record(records):
    result = collections.defaultdict(list)
    for record in records:
        result[record.id, record.type].append(record)
    return result


def compare(ours, printed, raw_records):
    """(differences, number of fields compared)"""
    comparison = Comparison()
    theirs, events = by_record(printed), collections.defaultdict(bytes)
    for record in raw_records:
        events[record.id] += record.line + b"\n"
    for (event, kind), raws in by_record(raw_records).items():
        mine, answers = ours.records.get((event, kind)), theirs.get((event, kind), [])
        if kind == "EOE":
            continue
        if not mine:
            comparison.differ("missing record", raws[0], "", "", b"")
            continue
        merged = kind == "EXECVE"
        pieces = collections.defaultdict(list)
        for number, raw in enumerate(raws):
            if number >= len(answers):
                comparison.differ("their missing record", raw, "", "there", b"", events[event])
            elif not merged and number >= len(mine):
                comparison.differ("missing record", raw, "", "", answers[number].text)
            else:
                comparison.record(raw, answers[number], mine[0 if merged else number], pieces)
        if merged:
            comparison.long_arguments(mine[0], pieces)
    return comparison.differences, comparison.fields
