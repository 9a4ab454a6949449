"""What sorrelctl makes of the recordings and of tests/docs/examples.log, for the checks of the docs."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "tests/docs/examples.log"
# Every key that an option adds: both forms of the arguments, fixed fields of the host.
CONFIG = """\
node: {fixed: web-1}
json: {argv: [array, string], host: {role: web}}
outputs: [{name: none, type: file, path: /nowhere/audit.json}]
"""
# What takes something away: long command lines are cut, secrets go.
LESS = f"""\
json: {{argv: [array, string], argv_limit: 32 B}}
enrich: {{secrets: {{redact: yes, patterns: [{ROOT}/rules/secrets.yaml]}}}}
outputs: [{{name: none, type: file, path: /nowhere/audit.json}}]
"""


def program_of_command_line():
    """The next word of the command line, a program that was built."""
    if len(sys.argv) < 2 or not pathlib.Path(sys.argv[1]).exists():
        sys.exit(f"{sys.argv[0]}: name the programs to run")
    return sys.argv.pop(1)


def inputs():
    recordings = sorted((ROOT / "tests/golden/recordings").rglob("*.xz"))
    assert recordings, "there is no recording in tests/golden/recordings"
    return [*recordings, EXAMPLES]


def decode(sorrelctl, path, *options):
    command = [sorrelctl, "decode", *options, str(path)]
    result = subprocess.run(command, capture_output=True, check=True)
    return result.stdout.decode("utf-8", "surrogateescape")


def decode_json(sorrelctl, path):
    """The lines with default options, with CONFIG and with LESS; names are those of tests/fakeroot."""
    root = ("--root", str(ROOT / "tests/fakeroot"))
    lines = [decode(sorrelctl, path, *root)]
    for text in (CONFIG, LESS):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
            config.write(text)
            config.flush()
            lines.append(decode(sorrelctl, path, *root, "--config", config.name))
    return lines


def words_of_input(sorrelctl, path):
    """Every key and every type name that the records have themselves."""
    words = set()
    for line in decode(sorrelctl, path, "--format", "raw").split("\n"):
        words.update(re.findall(r"type=(\S+) msg=audit", line))
        # Split first: a search for "word=" takes quadratic time in a long argument.
        tokens = re.split(r"[\s\"'{}\x1d]+", line)
        words.update(token.partition("=")[0] for token in tokens if "=" in token)
    return words


def keys(value):
    """All keys of a JSON value, of the objects inside too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def keys_of_ours(lines, words):
    """Keys of the JSON lines that are in no record. uid_2 counts as the uid it repeats."""
    ours = set()
    for line in filter(None, lines.split("\n")):
        for key in keys(json.loads(line)):
            if key not in words and re.sub(r"[_ ]\d+$", "", key) not in words:
                ours.add(key)
    return ours
