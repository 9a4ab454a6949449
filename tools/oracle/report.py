"""What the comparison found, as people read it."""
import collections
import sys


class Progress:
    """One line on a terminal; nothing elsewhere."""

    def __init__(self, files):
        self.files, self.shown = files, sys.stderr.isatty()

    def show(self, name):
        if self.shown:
            print(f"\r\033[K{name} ...", end="", file=sys.stderr, flush=True)

    def done(self, name, seconds):
        if self.shown:
            print(f"\r\033[K{name}: {seconds:.1f} s", file=sys.stderr, flush=True)


class Report:
    def __init__(self, examples):
        self.examples, self.lines = examples, []
        self.files = self.events = 0
        self.fields, self.used = collections.Counter(), collections.Counter()
        self.differences, self.skipped, self.errors = [], [], []

    @staticmethod
    def say(text):
        print(text, flush=True)

    def skip(self, name, reason):
        self.skipped.append(name)
        self.say(f"SKIP: {name}: {reason}")

    def add(self, oracle, file, fields, differences):
        self.fields[oracle] += fields
        self.differences += [(file, difference) for difference in differences]

    def proved(self, line, used):
        if used[line.name]:
            return
        others = ", ".join(used) or "nothing differs"
        self.errors.append(f"exception not needed: {line.name}: its own record does not show it ({others})")

    def unused_anywhere(self):
        self.errors += [f"exception not needed: {line.name}: no recording has such a difference"
                        for line in self.lines if not self.used[line.name]]

    def failed(self):
        return bool(self.differences or self.errors)

    def print(self):
        kinds = collections.defaultdict(list)
        for file, difference in self.differences:
            kinds[difference.oracle, difference.kind, self.place(difference)].append((file, difference))
        for (oracle, kind, place), found in sorted(kinds.items(), key=lambda entry: (entry[0][:2], -len(entry[1]))):
            self.say(f"{oracle}: {kind}: {place}: {len(found)}")
            for file, difference in found[:self.examples]:
                self.say(f"    {file} {difference.id} {difference.type}: "
                         f"ours {difference.ours[:100]!r}, theirs {difference.theirs[:100]!r}")
        for error in self.errors:
            self.say(f"error: {error}")
        used = sum(1 for line in self.lines if self.used[line.name])
        for line in self.lines:
            self.say(f"exception: {line.name}: {self.used[line.name]} times")
        fields = ", ".join(f"{name} {count}" for name, count in self.fields.items()) or "none"
        self.say(f"{self.files} files, {self.events} events; fields compared: {fields}")
        by_kind = collections.Counter(difference.kind for _, difference in self.differences)
        counts = ", ".join(f"{kind} {count}" for kind, count in by_kind.most_common()) or "none"
        self.say(f"differences: {counts}; exceptions used: {used} of {len(self.lines)}; "
                 f"skipped: {', '.join(self.skipped) or 'nothing'}")

    @staticmethod
    def place(difference):
        """Where, for counting: of a key that a peer has and we have not, the type does not matter."""
        last = difference.key.split(".")[-1]
        return last if difference.kind == "missing key" else f"{difference.type}.{difference.key}".rstrip(".")
