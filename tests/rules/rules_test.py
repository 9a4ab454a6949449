#!/usr/bin/env python3
"""rules_test.py GUEST_RULES SORRELCTL: the curated rules are whole: libaudit compiles every file, every rule has its
twin, its trigger and its place in rules/attack.yaml, and nothing blinds. No kernel is needed."""
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/guest/triggers"))
import rules_text  # noqa: E402

GUEST_RULES = sys.argv.pop(1)
SORRELCTL = sys.argv.pop(1)
FILES = rules_text.rule_files()
RULES = rules_text.all_rules()
KEY = re.compile(r"s:[a-z]+(\.[a-z0-9-]+)?")
# Calls that only 32-bit programs have: another width of a number, or of a clock.
ONLY_32_BIT = re.compile(r".*(32|64)$")


def table(machine):
    """The names of a machine's calls, by sorrel's own tables."""
    text = (ROOT / f"lib/record/tables/syscalls_{machine}.inc").read_text()
    return set(re.findall(r"^SORREL_SYSCALL(?:_ALIAS)?\(\d+, (\w+)\)", text, re.M))


def yaml_lists(path):
    """`name: [a, b]` and `- item` lines: all that our YAML files of this folder use."""
    text = path.read_text()
    return dict((key, value.split(", ")) for key, value in
                re.findall(r"^  '?([\w:.-]+?)'?: \[(.*)\]$", text, re.M)), \
        re.findall(r"^  - (\S+)$", text, re.M)


class Text(unittest.TestCase):
    def test_libaudit_compiles_every_file(self):
        for path in FILES:
            text = path.read_text().replace("uid=www-data", "uid=33")  # not every host has that user
            result = subprocess.run([GUEST_RULES, "check", "-"], capture_output=True, text=True,
                                    input=text)
            self.assertEqual((result.returncode, result.stderr), (0, ""), path.name)

    def test_a_wrong_call_is_found_by_the_compiler(self):
        result = subprocess.run([GUEST_RULES, "check", "-"], capture_output=True, text=True,
                                input="-a always,exit -F arch=b64 -S no_such_call -k s:x\n")
        self.assertEqual(result.returncode, 1)

    def test_each_file_says_what_it_is(self):
        for path in FILES:
            head = path.read_text().split("\n\n")[0]
            for word in ("# Catches: ", "# ATT&CK: ", "# Volume: ", "# Kernel: "):
                self.assertIn(word, head, path.name)

    def test_keys_are_short_and_of_one_form(self):
        for rule in RULES:
            self.assertRegex(rule.key, f"^{KEY.pattern}$", rule.place)
            self.assertLessEqual(len(rule.key), 31, rule.place)

    def test_no_rule_is_there_twice(self):
        texts = [(rule.text, rule.condition) for rule in RULES]
        self.assertEqual(sorted(texts), sorted(set(texts)))


class Machines(unittest.TestCase):
    def test_aarch64_has_every_call_or_the_rule_is_for_another(self):
        names, arm = table("aarch64"), table("arm")
        for rule in RULES:
            if rule.condition.startswith("arch x86_64") or rule.filter != "exit":
                continue
            for call in rule.calls:
                known = arm if rule.arch == "b32" else names
                self.assertTrue(call.isdigit() or call in known, f"{rule.place}: {call}")

    def test_x86_64_and_i386_have_every_call(self):
        names = {"b64": table("x86_64"), "b32": table("i386"), "i386": table("i386")}
        for rule in RULES:
            if rule.condition == "arch aarch64" or rule.filter != "exit":
                continue
            for call in rule.calls:
                self.assertTrue(call.isdigit() or call in names[rule.arch], f"{rule.place}: {call}")

    def test_each_rule_of_one_width_has_a_twin_of_the_other(self):
        def watched(width):
            """(file, key, what besides the calls) -> calls"""
            found = {}
            for rule in RULES:
                if rule.filter != "exit" or rule.is_for_32_bit() != (width == 32):
                    continue
                rest = re.sub(r"-F arch=\S+ ?|-S \S+ ?", "", rule.text).replace("a1=0x40046602", "a1=0x40086602")
                found.setdefault((rule.file, rest), set()).update(rule.calls)
            return found
        wide, narrow = watched(64), watched(32)
        self.assertEqual(sorted(wide), sorted(narrow))
        for place, calls in wide.items():
            if place[1].endswith("s:kmod.kexec"):
                continue  # by number, under another architecture's name
            extra = {call for call in narrow[place] - calls if not ONLY_32_BIT.match(call)}
            # i386 has no accept of its own: it comes as accept4, or by socketcall.
            self.assertEqual((calls - narrow[place] - {"accept"}, extra), (set(), set()), place)


class Quiet(unittest.TestCase):
    def test_only_reading_of_one_file_by_one_program_is_kept_quiet(self):
        for rule in RULES:
            if rule.action == "never":
                self.assertTrue({"path", "exe", "perm"} <= set(rule.fields), rule.place)
                self.assertEqual(rule.fields["perm"], "r", rule.place)

    def test_nothing_is_excluded(self):
        self.assertEqual({rule.filter for rule in RULES}, {"exit", "io_uring"})

    def test_a_rule_on_all_calls_names_a_path_and_a_right(self):
        for rule in RULES:
            if not rule.calls:
                self.assertTrue(rule.path and "perm" in rule.fields, rule.place)


class Maps(unittest.TestCase):
    def test_every_key_has_techniques_and_every_technique_a_name(self):
        path = ROOT / "rules/attack.yaml"
        keys, _ = yaml_lists(path)
        self.assertEqual(sorted(keys), sorted({rule.key for rule in RULES}))
        names = re.findall(r"^  (T\d{4}(?:\.\d{3})?): \S", path.read_text(), re.M)
        self.assertEqual(sorted(names), sorted({number for list_ in keys.values() for number in list_}))

    def test_the_head_of_a_file_names_its_techniques(self):
        keys, _ = yaml_lists(ROOT / "rules/attack.yaml")
        for path in FILES:
            wanted = {number for rule in RULES if rule.file == path.stem for number in keys[rule.key]}
            head = path.read_text().split("\n\n")[0].partition("# ATT&CK: ")[2].partition("# Volume")[0]
            self.assertEqual(set(re.findall(r"T\d{4}(?:\.\d{3})?", head)), wanted, path.name)

    def test_profiles_name_files_that_are_there_in_their_order(self):
        profiles = {path.stem: yaml_lists(path)[1] for path in (ROOT / "rules/profiles").glob("*.yaml")}
        self.assertEqual(sorted(profiles), ["default", "minimal", "paranoid", "pci", "stig"])
        there = [path.stem for path in FILES]
        for name, files in profiles.items():
            self.assertEqual(files, sorted(set(files) & set(there)), name)
        self.assertEqual({file for files in profiles.values() for file in files}, set(there))


class Checked(unittest.TestCase):
    def test_no_profile_has_a_mistake_that_sorrelctl_finds(self):
        for path in sorted((ROOT / "rules/profiles").glob("*.yaml")):
            files = [str(ROOT / f"rules/audit/{name}.rules") for name in yaml_lists(path)[1]]
            for machine in ("x86_64", "aarch64"):
                for root in ("/", str(ROOT / "tests/fakeroot")):
                    result = subprocess.run([SORRELCTL, "rules", "check", "--strict", "--arch", machine,
                                             "--root", root, *files], capture_output=True, text=True)
                    told = [line for line in result.stdout.split("\n") if ": note: " not in line]
                    self.assertEqual((result.returncode, told), (0, [""]), (path.name, machine, root))


class Triggers(unittest.TestCase):
    def test_each_rule_has_one_trigger_and_each_trigger_a_rule(self):
        triggers = rules_text.read_triggers()
        used = set()
        for rule in RULES:
            if not rule.is_for_32_bit():
                used.add(rules_text.trigger_of(rule, triggers).place)
        self.assertEqual([trigger.place for trigger in triggers if trigger.place not in used], [])

    def test_a_rule_without_a_trigger_is_found(self):
        rule = rules_text.Rule("20-kmod", 1, "-a always,exit -F arch=b64 -S bpf -k s:new", "", "")
        with self.assertRaises(KeyError):
            rules_text.trigger_of(rule, rules_text.read_triggers())


if __name__ == "__main__":
    unittest.main()
