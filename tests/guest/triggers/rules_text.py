"""The text of rules/audit/*.rules and of the trigger lists, for the tests of both."""
import dataclasses
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
RULES = ROOT / "rules/audit"
TRIGGERS = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Rule:
    file: str  # without .rules
    line: int
    text: str
    condition: str  # of the innermost "#@ if"; empty when there is none
    each: str  # the list of users that the rule is repeated for
    filter: str = ""
    action: str = ""
    arch: str = ""
    key: str = ""
    calls: list = dataclasses.field(default_factory=list)
    fields: dict = dataclasses.field(default_factory=dict)  # -F name, operator "=", once each

    def __post_init__(self):
        words = self.text.split()
        for option, value in zip(words[0::2], words[1::2]):
            if option == "-a":
                self.action, self.filter = value.split(",")
            elif option == "-S":
                self.calls += value.split(",")
            elif option == "-k":
                self.key = value
            elif option == "-F" and "!=" not in value:
                name, equals, field_value = value.partition("=")
                if equals and name[-1] not in "<>&":
                    self.fields[name] = field_value
        self.arch = self.fields.get("arch", "")

    @property
    def path(self):
        return self.fields.get("path") or self.fields.get("dir") or ""

    @property
    def place(self):
        return f"rules/audit/{self.file}.rules:{self.line}"

    def is_for_32_bit(self):
        return self.arch in ("b32", "i386")


def read_rules(path):
    """The rules of one file, in order; settings are left out."""
    rules, conditions, each = [], [], ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split()
        if line.startswith("#@"):
            if words[1] == "if":
                conditions.append(" ".join(words[2:]))
            elif words[1] == "end":
                conditions.pop()
            elif words[1] == "each":
                each = words[2]
        elif line.startswith("-a"):
            condition = conditions[-1] if conditions else ""
            rules.append(Rule(path.stem, number, line, condition, each))
            each = ""
    assert not conditions, f"{path}: an 'if' has no 'end'"
    return rules


def rule_files():
    return sorted(RULES.glob("*.rules"))


def all_rules():
    return [rule for path in rule_files() for rule in read_rules(path)]


@dataclasses.dataclass
class Trigger:
    place: str
    file: str
    key: str
    part: str  # of the text of its rules; "*" is any
    command: str
    without: list  # calls of the rule that are not made here

    def is_for(self, rule):
        return (self.file == rule.file and self.key == rule.key and not rule.is_for_32_bit()
                and (self.part == "*" or self.part in rule.text))

    def command_for(self, rule):
        command = self.command
        for name in ("a0", "exe"):
            command = command.replace("{%s}" % name, rule.fields.get(name, ""))
        return command.replace("{path}", rule.path).replace("{=path}", "=" + rule.path)


def read_triggers():
    triggers = []
    for path in sorted(TRIGGERS.glob("*.list")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            columns = [column.strip() for column in line.split(" | ")]
            without = columns[3].removeprefix("without ").split(",") if len(columns) == 4 else []
            triggers.append(Trigger(f"{path.name}:{number}", path.stem, *columns[:3], without))
    return triggers


def trigger_of(rule, triggers):
    """The one trigger of a rule; KeyError says what is wrong."""
    found = [trigger for trigger in triggers if trigger.is_for(rule)]
    if len(found) != 1:
        raise KeyError(f"{rule.place}: {len(found)} triggers instead of one: {rule.text}")
    return found[0]
