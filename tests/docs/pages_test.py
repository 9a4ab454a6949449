#!/usr/bin/env python3
"""pages_test.py SORRELCTL SORRELD: what the pages say is so. Links lead somewhere, examples are real output,
options and commands exist, and every one is described where it must be.
"""
import pathlib
import re
import subprocess
import tempfile
import unittest

import decoded

SORRELCTL = decoded.program_of_command_line()
SORRELD = decoded.program_of_command_line()
ROOT = decoded.ROOT
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "tests/README.md",
         *sorted((ROOT / "docs").glob("*.md"))]
MAN = ROOT / "docs/man"


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=ROOT)
    return result.stdout


def without_code(text):
    return re.sub(r"```.*?```", "", text, flags=re.S)


def anchors(text):
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", without_code(text), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text)):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        if not path.exists():
            yield f"{page.name}: {target} leads nowhere"
        elif anchor and anchor not in anchors(text if path == page else path.read_text()):
            yield f"{page.name}: {target}: no such heading"


def options_of_help(*command):
    lines = re.findall(r"^ +--.*", run(*command, "--help"), re.M)
    return {option for line in lines for option in re.findall(r"--[a-z-]+", line)}


def options_of_configuration():
    """The names of all options of config/sorrel.yaml, set or commented out."""
    text = (ROOT / "config/sorrel.yaml").read_text()
    return set(re.findall(r"^ *(?:- )?#{0,2}([a-z_]+):(?= |$)", text, re.M))


def defaults_of_sample():
    """(section, option) of config/sorrel.yaml that has a default: its text."""
    section, defaults = "", {}
    for line in (ROOT / "config/sorrel.yaml").read_text().split("\n"):
        if heading := re.fullmatch(r"([a-z]+):", line):
            section = heading[1]
        elif option := re.fullmatch(r"( *)#([a-z_]+): (.+)", line):
            defaults[section if option[1] else "", option[2]] = option[3].strip('"')
    return defaults


def defaults_of_man_page():
    """The same of sorrel.yaml(5)."""
    section, defaults = "", {}
    for entry in re.split(r"^\.It ", man_text("sorrel.yaml.5"), flags=re.M)[1:]:
        if heading := re.match(r"Sy ([a-z]+)", entry):
            section = heading[1]
        elif option := re.match(r"Ic ([a-z_]+)", entry):
            if default := re.search(r"^Default: (.+)\.$", entry, re.M):
                defaults[section, option[1]] = default[1]
    return defaults


def annotation_keys():
    """The keys that the sources of enrichment add, in capitals and not."""
    keys = set()
    for name in ("enricher", "names", "processes", "secrets"):
        text = (ROOT / f"lib/enrich/{name}.cpp").read_text()
        keys |= set(re.findall(r'(?:out\.\w+|add_text|add_name)\((?:event, )?"([A-Za-z_]+)"', text))
    return keys


def field_names():
    """The key of a field by the name that the sources have for it: kUid is uid."""
    return dict(re.findall(r'SORREL_KEY\((k\w+), "([^"]+)"', (ROOT / "lib/record/field_keys.inc").read_text()))


def section_of(page, heading):
    """What stands under a heading of a page, up to the next of its level or above."""
    text = (ROOT / page).read_text()
    level = re.search(rf"^(#+) {re.escape(heading)}$", text, re.M)[1]
    return re.search(rf"^{level} {re.escape(heading)}$(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.M | re.S)[1]


def man_text(name):
    """A man page's words, without mdoc's escapes."""
    return (MAN / name).read_text().replace("\\-", "-").replace("\\&", "")


class Links(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_a_heading(self):
        self.assertEqual([b for page in PAGES for b in broken_links(page, page.read_text())], [])

    def test_a_broken_link_would_be_found(self):
        text = "# A b\n[x](no-such-file.md) [y](#a-b) [z](#c)"
        self.assertEqual(len(list(broken_links(ROOT / "README.md", text))), 2)

    def test_every_page_can_be_reached_from_the_readme(self):
        readme = (ROOT / "README.md").read_text()
        missing = [p.name for p in (ROOT / "docs").glob("*.md") if f"(docs/{p.name})" not in readme]
        self.assertEqual(missing, [])


class Examples(unittest.TestCase):
    """A block of kind json or text (audit records) is real output; … stands for what was cut out."""

    @classmethod
    def setUpClass(cls):
        cls.output = ""
        for path in decoded.inputs():
            cls.output += "".join(decoded.decode_json(SORRELCTL, path))
            cls.output += decoded.decode(SORRELCTL, path, "--format", "raw")

    @staticmethod
    def fragments(kind, block):
        """What stands between two cuts, without the line breaks that make it fit the page."""
        joined = re.sub(r"\n *", "", block) if kind == "json" else re.sub(r"\n(?!type=)", "", block)
        parts = re.split("[…\n]", joined)
        return [part.strip().replace("  ", " ") for part in parts if part.strip()]

    def test_every_example_is_output_of_sorrelctl(self):
        output = self.output.replace("  ", " ")
        checked = 0
        for page in PAGES:
            for kind, block in re.findall(r"```(json|text)\n(.*?)```", page.read_text(), re.S):
                for fragment in self.fragments(kind, block):
                    self.assertTrue(fragment in output, f"{page.name} shows what never was: {fragment}")
                    checked += 1
        self.assertGreater(checked, 10)


class Outputs(unittest.TestCase):
    def test_every_example_of_outputs_is_a_configuration(self):
        checked = 0
        for page in sorted((ROOT / "docs/collectors").glob("*.md")):
            for block in re.findall(r"^    outputs:\n(?:(?:     .*)?\n)+", page.read_text(), re.M):
                with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                    file.write("".join(line[4:] + "\n" for line in block.splitlines()))
                    file.flush()
                    run = subprocess.run([SORRELD, "--config", file.name, "--check-config"],
                                         capture_output=True, text=True)
                self.assertEqual((page.name, run.stderr, run.returncode), (page.name, "", 0))
                checked += 1
        self.assertGreater(checked, 6)


class Commands(unittest.TestCase):
    def test_every_command_of_dev_that_a_page_shows_exists(self):
        known = set(re.search(r"COMMANDS=\((.*)\)", (ROOT / "dev").read_text()).group(1).split())
        for page in PAGES:
            shown = set(re.findall(r"\./dev ([a-z]+)", page.read_text()))
            self.assertEqual(sorted(shown - known), [], page.name)

    def test_every_option_of_decode_that_a_page_shows_exists(self):
        known = options_of_help(SORRELCTL, "decode")
        self.assertIn("--host-id", known)
        for page in [*PAGES, MAN / "sorrelctl-decode.1"]:
            for line in re.findall(r"sorrelctl decode [^`\n]*", page.read_text()):
                shown = set(re.findall(r"(?<= )--[a-z-]+", line))
                self.assertEqual(sorted(shown - known), [], f"{page.name}: {line}")


class Findings(unittest.TestCase):
    """docs/rules-findings.md has every word of `rules check`, and its examples show them."""

    # Literals of lib/ruleset that look like one: options, a folder in /proc.
    NO_FINDINGS = {"loginuid-immutable", "reset-lost", "thread-self", "arm-linux"}
    SEVERITIES = {"E": "error", "W": "warning", "N": "note"}

    @staticmethod
    def rows():
        text = (ROOT / "docs/rules-findings.md").read_text()
        return re.findall(r"^\| `([a-z-]+)` \| ([EWN]) \| (.*?) \| (.*?) \| (.+) \|$", text, re.M)

    def test_every_word_is_there_once(self):
        sources = [*(ROOT / "lib/ruleset").glob("*.cpp"), ROOT / "agent/sorrelctl/rules_reading.cpp"]
        words = {word for path in sources
                 for word in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', path.read_text())}
        self.assertGreater(len(words), 80)
        self.assertEqual(sorted(row[0] for row in self.rows()), sorted(words - self.NO_FINDINGS))

    def test_every_example_shows_its_word(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ("etc", "home", "usr/bin"):
                (root / name).mkdir(parents=True)
            (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
            for name in ("dash", "su", "bash"):
                (root / "usr/bin" / name).touch()
            (root / "usr/bin/sh").symlink_to("dash")
            (root / "bin").symlink_to("usr/bin")
            shown = 0
            for word, severity, example, why, _ in self.rows():
                lines = re.findall(r"(?:^|<br>)`(.*?)`(?=<br>|$)", example)
                if not lines:
                    self.assertRegex(example, r"^\(.*\)$", word)
                    continue
                options = (re.search(r"^with `(--[^`]+)`", why) or [None, ""])[1].split()
                result = subprocess.run([SORRELCTL, "rules", "check", "--root", folder, "--arch", "x86_64",
                                         *options, "-"], input="\n".join(lines), capture_output=True, text=True)
                pattern = f"^-:.*: {self.SEVERITIES[severity]}: .*\\[{word}\\]$"
                self.assertRegex(result.stdout, re.compile(pattern, re.M), example)
                shown += 1
            self.assertGreater(shown, 70)


class ManPages(unittest.TestCase):
    def check_options(self, page, *command):
        described = set(re.findall(r"^\.It Fl -([\w-]+)", man_text(page), re.M))
        self.assertEqual(described, {option[2:] for option in options_of_help(*command)})

    def test_every_option_of_decode_is_described(self):
        self.check_options("sorrelctl-decode.1", SORRELCTL, "decode")

    def test_every_option_of_the_commands_that_ask_sorreld_is_described(self):
        self.check_options("sorrelctl-ps.1", SORRELCTL, "ps")
        self.check_options("sorrelctl-buffer.1", SORRELCTL, "buffer")
        self.check_options("sorrelctl-output.1", SORRELCTL, "output")
        self.check_options("sorrelctl-status.1", SORRELCTL, "status")

    def test_every_option_of_the_commands_for_rules_is_described(self):
        described = set(re.findall(r"^\.It Fl -([\w-]+)", man_text("sorrelctl-rules.1"), re.M))
        commands = ("apply", "check", "compile", "cost", "diff", "explain", "list", "test")
        known = set().union(*(options_of_help(SORRELCTL, "rules", command) for command in commands))
        self.assertEqual(described, {option[2:] for option in known})

    def test_every_option_of_sorreld_is_described(self):
        self.check_options("sorreld.8", SORRELD)

    def test_every_option_of_the_configuration_is_described(self):
        described = set(re.findall(r"^\.It (?:Ic|Sy) ([a-z_]+)", man_text("sorrel.yaml.5"), re.M))
        self.assertEqual(described, options_of_configuration())


    def test_every_default_is_the_one_of_the_sample(self):
        sample, page = defaults_of_sample(), defaults_of_man_page()
        same_word = {"{}": "none", "[]": "none", "": "none"}
        wrong = {name: (default, page.get(name)) for name, default in sample.items()
                 if page.get(name) not in (default, same_word.get(default))}
        self.assertEqual(wrong, {})
        self.assertGreater(len(sample), 60)


class Enrichment(unittest.TestCase):
    """What docs/events.md and the others say of what is added is what the sources add."""

    def test_every_key_that_enrichment_adds_is_described(self):
        keys = annotation_keys()
        self.assertLessEqual({"PROC", "EXE_HASH", "ENV", "SESSION", "user_unit", "image", "REDACTED"}, keys)
        page = section_of("docs/events.md", "What enrichment adds")
        page += section_of("docs/events.md", "Secrets that are taken out")
        self.assertEqual(sorted(key for key in keys if f"`{key}`" not in page), [])

    def test_every_number_that_has_a_meaning_is_in_the_table(self):
        readings = set(re.findall(r"record::key::(k\w+)", (ROOT / "lib/enrich/reading.h").read_text()))
        names = field_names()
        self.assertGreater(len(readings), 40)
        table = section_of("docs/events.md", "Names beside numbers")
        self.assertEqual(sorted(k for k in readings if f"`{names[k].upper()}`" not in table), [])

    def test_every_field_of_a_user_a_group_or_a_process_is_listed(self):
        roles = re.findall(r'SORREL_KEY\(k\w+, "([^"]+)", \w+, (user|group|process)\)',
                           (ROOT / "lib/record/field_keys.inc").read_text())
        self.assertGreater(len(roles), 25)
        page = section_of("docs/events.md", "What enrichment adds")
        self.assertEqual([name for name, _ in roles if f"`{name.upper()}`" not in page], [])

    def test_every_reason_of_a_missing_answer_is_described(self):
        sources = "".join(path.read_text() for path in (ROOT / "agent/pipeline").glob("*.cpp"))
        reasons = set(re.findall(r'(?:\.missing =|return) "(\w+)"', sources))
        self.assertEqual(reasons, {"late", "ended", "replaced", "unreadable", "skipped"})
        table = section_of("docs/events.md", "What is asked when a program starts")
        self.assertEqual(reasons, set(re.findall(r"^\| `([a-z]+)` \|", table, re.M)))
        page = (ROOT / "docs/troubleshooting.md").read_text()
        self.assertEqual([r for r in reasons if f"`PROC` is `{r}`" not in page], [])

    def test_every_key_of_an_event_of_a_hash_is_described(self):
        source = re.search(r"void Pipeline::emit_exe_hash\(.*?\n}",
                           (ROOT / "agent/pipeline/pipeline.cpp").read_text(), re.S)
        keys = set(re.findall(r'"? ?(\w+)="', source[0]))
        self.assertEqual(keys, set(re.findall(r"^\| `(\w+)` \|", section_of("docs/events.md", "SORREL_EXE_HASH"), re.M)))

    def test_every_switch_of_laurel_that_adds_something_has_its_row(self):
        rows = re.findall(r"^\| (.*?) \| (.*) \|$", section_of("docs/laurel.md", "Options"), re.M)
        # The names that LAUREL 0.8.2 takes.
        switches = ["transform.execve-argv", "transform.execve-argv-limit-bytes", "translate.universal",
                    "translate.user-db", "translate.drop-raw", "enrich.execve-env", "enrich.container",
                    "enrich.container_info", "enrich.systemd", "enrich.pid", "enrich.spawned-by",
                    "enrich.ppid-verbose", "enrich.script", "enrich.uid-groups", "enrich.prefix",
                    "enrich.exe-hash", "enrich.exe-hash-size-limit", "enrich.exe-hash-cache-entries"]
        answers = {name: ours for theirs, ours in rows for name in re.findall(r"`([\w.-]+)`", theirs)}
        self.assertEqual([s for s in switches if answers.get(s, "not yet").startswith("not yet")], [])

    def test_every_option_of_ours_that_the_table_names_exists(self):
        rows = re.findall(r"^\| .*? \| (.*) \|$", section_of("docs/laurel.md", "Options"), re.M)
        named = {word for row in rows for code in re.findall(r"`(?:enrich|json): ([^`]+)`", row)
                 for word in re.findall(r"[a-z_]+", code)}
        self.assertGreater(len(named), 15)
        self.assertEqual(sorted(named - options_of_configuration()), [])


class Facts(unittest.TestCase):
    """Tables of the pages that repeat what the code says."""

    def check_words(self, source, pattern, *pages):
        words = set(re.findall(pattern, (ROOT / source).read_text()))
        self.assertGreater(len(words), 3, f"{source} is not what this test takes it for")
        for page in pages:
            text = (ROOT / page).read_text()
            missing = sorted(word for word in words if not re.search(rf"[`=]{word}`", text))
            self.assertEqual(missing, [], page)

    def test_every_cause_of_loss_is_described(self):
        self.check_words("lib/event/loss.h", r"case LossCause::\w+:\s+return \"(\w+)\"",
                         "docs/events.md", "docs/architecture.md", "docs/troubleshooting.md")

    def test_every_error_and_counter_of_the_control_socket_is_described(self):
        page = (ROOT / "docs/control.md").read_text()
        sources = [path.read_text() for folder in ("lib/control", "agent/sorreld")
                   for path in (ROOT / folder).glob("*.cpp")]
        codes = {code for text in sources
                 for code in re.findall(r'(?:refuse|fail|error_line)\(\s*"(\w+)",', text)}
        codes |= {code for text in sources for code in re.findall(r'Refusal>\(\s*\{"(\w+)"', text)}
        self.assertGreater(len(codes), 7)
        table = re.search(r"^## Errors(.*?)^## ", page, re.M | re.S).group(1)
        self.assertEqual(codes, set(re.findall(r"^\| `(\w+)` \|", table, re.M)))
        counters = re.findall(r"^  Counter (\w+);", (ROOT / "lib/control/server.h").read_text(), re.M)
        self.assertEqual([name for name in counters if f"`{name}`" not in page], [])
        self.assertGreater(len(counters), 10)

    def test_every_option_that_needs_a_restart_is_listed(self):
        source = (ROOT / "agent/sorreld/reload.cpp").read_text()
        names = set(re.findall(r'"([a-z_.]+)",?\s+restart\)', source))
        self.assertGreater(len(names), 10)
        page = section_of("docs/configuration.md", "What needs a restart")
        bullets = "".join(re.findall(r"^(?:- |  ).*", page, re.M))
        self.assertEqual(names, set(re.findall(r"`([a-z_.]+)`", bullets)) - {"kernel", "enrich"})
        manual = man_text("sorrel.yaml.5")
        paragraph = re.search(r"take effect with the next start only: (.*?)\n\.", manual, re.S)[1]
        self.assertEqual({name.rpartition(".")[2] for name in names},
                         set(re.findall(r"[a-z_]+(?=[,;.\s])", paragraph.split("\nsorreld")[0]))
                         - {"of", "and", "kernel", "enrich"})

    def test_every_counter_of_status_is_described(self):
        source = (ROOT / "agent/sorreld/statistics.cpp").read_text()
        keys = set(re.findall(r'json_number\("(\w+)"', source)) | set(re.findall(r'\\"(\w+)\\":', source))
        self.assertGreater(len(keys), 12)
        page = section_of("docs/control.md", "status")
        self.assertEqual(sorted(key for key in keys if f"`{key}`" not in page), [])
        manual = re.search(r"^\.It Fl -stats-file.*?^\.It", man_text("sorreld.8"), re.M | re.S)[0]
        self.assertEqual(sorted(key for key in keys if not re.search(rf"\b{key}\b", manual)), [])

    def test_every_warning_and_error_of_sorreld_is_in_troubleshooting(self):
        sources = [path.read_text() for folder in ("lib", "agent/sorreld")
                   for path in (ROOT / folder).rglob("*.cpp")]
        calls = re.findall(r'\blog\(\s*Level::(?:hint|warning|error),\s*((?:"[^"]*"\s*)+)', "".join(sources))
        messages = {re.sub(r'"\s*"', "", call.strip()).strip('"') for call in calls}
        self.assertGreater(len(messages), 40)
        page = (ROOT / "docs/troubleshooting.md").read_text()
        # A long message may be quoted in part.
        self.assertEqual(sorted(m for m in messages if re.split("[;:(]", m)[0].strip() not in page), [])

    def test_every_key_of_a_row_of_ps_is_described(self):
        source = (ROOT / "agent/sorreld/ps_row.cpp").read_text()
        keys = set(re.findall(r'append_(?:text|number)\("(\w+)"', source))
        page = re.search(r"^## ps(.*?)^## ", (ROOT / "docs/control.md").read_text(), re.M | re.S).group(1)
        self.assertGreater(len(keys), 10)
        self.assertEqual(sorted(key for key in keys if f"`{key}`" not in page), [])

    def test_every_reason_of_an_incomplete_event_is_described(self):
        self.check_words("lib/encode/json.cpp", r'case event::Incomplete::\w+:\s+return "(\w+)"',
                         "docs/events.md")

    def test_every_reason_of_an_output_to_drop_is_described(self):
        source = (ROOT / "lib/sink/file_statistics.h").read_text()
        names = re.findall(r'"(\w+)"', re.search(r"kNames = \{(.*?)\}", source, re.S).group(1))
        text = (ROOT / "docs/troubleshooting.md").read_text()
        self.assertEqual([name for name in names if not re.search(rf"[`=]{name}`", text)], [])
        self.assertGreater(len(names), 3)

    def test_every_message_that_troubleshooting_quotes_is_one_of_the_programs(self):
        sources = [path.read_text() for folder in ("lib", "agent")
                   for path in (ROOT / folder).rglob("*") if path.suffix in (".cpp", ".h")]
        # A message that is longer than a line is several literals.
        text = re.sub(r'"\s*"', "", "".join(sources))
        page = (ROOT / "docs/troubleshooting.md").read_text()
        parts = [part.strip(" ,;:()") for cell in re.findall(r"^\| (.*?) \|", page, re.M)
                 for quoted in re.findall(r"`([^`\n]+)`", cell)
                 for part in re.split(r"…|\b[NM]\b|FILE|'X'|[;()]|=\w+", quoted)]
        quotes = [part for part in parts if part.count(" ") >= 2]
        self.assertGreater(len(quotes), 15)
        self.assertEqual([quote for quote in quotes if quote not in text], [])

    def test_the_table_of_layers_is_that_of_the_check(self):
        layers = (ROOT / ".ci/layers").read_text()
        checked = dict(re.findall(r'^    "(\w+)": "(.*)",$', layers, re.M))
        page = (ROOT / "docs/architecture.md").read_text()
        rows = re.findall(r"^\| \d \| (.*?) \| (.*?) \|$", page, re.M)
        shown = {folder: set(re.findall(r"`(\w+)`", uses))
                 for folders, uses in rows for folder in re.findall(r"`(\w+)`", folders)}
        for path in (ROOT / "lib").glob("*/CMakeLists.txt"):
            folder = path.parent.name
            self.assertEqual(shown.get(folder), set(checked[folder].split()), folder)


class Wording(unittest.TestCase):
    def test_no_line_of_a_page_is_longer_than_120_characters_outside_tables(self):
        for page in PAGES:
            long = [line for line in page.read_text().split("\n")
                    if len(line) > 120 and not line.startswith("|")]
            self.assertEqual(long, [], page.name)


if __name__ == "__main__":
    unittest.main()
