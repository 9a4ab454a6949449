"""What the comparison found, as people read it."""
import collections
import dataclasses
import json
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
    """Differences are counted; of each kind a few are kept, and all go to `details`, a file or None."""

    def __init__(self, examples, details=None):
        self.examples, self.details, self.lines = examples, details, []
        self.files = self.events = 0
        self.fields, self.used, self.kinds = collections.Counter(), collections.Counter(), collections.Counter()
        self.kept, self.skipped, self.errors = collections.defaultdict(list), [], []

    @staticmethod
    def say(text):
        print(text, flush=True)

    def skip(self, name, reason):
        self.skipped.append(name)
        self.say(f"SKIP: {name}: {reason}")

    def add(self, oracle, file, fields, differences):
        self.fields[oracle] += fields
        for difference in differences:
            kind = difference.oracle, difference.kind, self.place(difference)
            self.kinds[kind] += 1
            if len(self.kept[kind]) < self.examples:
                self.kept[kind].append((file, difference))
            if self.details:
                print(json.dumps({"file": file, **dataclasses.asdict(difference)}), file=self.details)

    def proved(self, line, used):
        # One that is not here may be the one that the exception is about.
        if used[line.name] or any(line.is_for(name) for name in self.skipped):
            return
        others = ", ".join(used) or "nothing differs"
        self.errors.append(f"exception not needed: {line.name}: its own record does not show it ({others})")

    def unused_anywhere(self):
        self.errors += [f"exception not needed: {line.name}: no recording has such a difference"
                        for line in self.lines if not self.used[line.name]]

    def failed(self, tolerated=()):
        return bool(self.errors or any(kind not in tolerated for _, kind, _ in self.kinds))

    def print(self):
        for kind, count in sorted(self.kinds.items(), key=lambda entry: (entry[0][:2], -entry[1])):
            self.say(f"{': '.join(kind)}: {count}")
            for file, difference in self.kept[kind]:
                self.say(f"    {file} {difference.id} {difference.type}: "
                         f"ours {difference.ours[:100]!r}, theirs {difference.theirs[:100]!r}")
        for error in self.errors:
            self.say(f"error: {error}")
        used = sum(1 for line in self.lines if self.used[line.name])
        for line in self.lines:
            self.say(f"exception: {line.name}: {self.used[line.name]} times")
        fields = ", ".join(f"{name} {count}" for name, count in self.fields.items()) or "none"
        self.say(f"{self.files} files, {self.events} events; fields compared: {fields}")
        by_kind = collections.Counter()
        for (_, kind, _), count in self.kinds.items():
            by_kind[kind] += count
        counts = ", ".join(f"{kind} {count}" for kind, count in by_kind.most_common()) or "none"
        self.say(f"differences: {counts}; exceptions used: {used} of {len(self.lines)}; "
                 f"skipped: {', '.join(self.skipped) or 'nothing'}")

    @staticmethod
    def place(difference):
        """Where, for counting: of a key that a peer has and we have not, the type does not matter."""
        last = difference.key.split(".")[-1]
        return last if difference.kind == "missing key" else f"{difference.type}.{difference.key}".rstrip(".")
