"""LAUREL, the peer of `sorrelctl decode`: found, or built by cargo, and configured to do no more
than we do: with --no-enrich parse, group, write JSON; otherwise what it does by default.
"""
import os
import pathlib
import shutil
import subprocess

from measure import Command

VERSION = "0.8.2"
# Everything that looks at the host, or translates, is off: what omitting a key means is "on" for
# some. state.file "" keeps it from writing its state at the end. Its output is standard output, as
# ours is; it writes its log there, too (a few lines, which do not begin with a brace).
CONFIG = """\
[auditlog]
file = "-"
size = 0
[state]
file = ""
[transform]
execve-argv = ["array"]
[translate]
universal = false
user-db = false
drop-raw = false
[enrich]
execve-env = []
container = false
systemd = false
pid = false
spawned-by = false
script = false
uid-groups = false
"""
# What it does by default (processes, groups, scripts, what /proc tells), with its translation on.
TRANSLATING = """\
[auditlog]
file = "-"
size = 0
[state]
file = ""
[translate]
universal = true
user-db = true
drop-raw = false
"""


class Missing(Exception):
    """Why there is no LAUREL to compare with."""


def version_of(program):
    try:
        run = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return run.stdout.split(" ")[0].strip() or f"exit status {run.returncode}"


def install(cache):
    cargo = shutil.which("cargo")
    if cargo is None:
        raise Missing("not in PATH or $LAUREL, and there is no cargo to build it with")
    print(f"building LAUREL {VERSION} by cargo, once, into {cache}", flush=True)
    run = subprocess.run([cargo, "install", "laurel", "--version", VERSION, "--locked", "--quiet",
                          "--root", cache, "--target-dir", cache / "target"],
                         stdin=subprocess.DEVNULL, capture_output=True, text=True)
    shutil.rmtree(cache / "target", ignore_errors=True)
    if run.returncode != 0:
        lines = run.stderr.strip().splitlines() or ["no message"]
        # The last lines only say where the pieces are; the cause stands in the first error.
        cause = next((i for i, line in enumerate(lines) if line.startswith("error")), -1)
        raise Missing(f"cargo could not build it: {' '.join(lines[cause:][:6])}")


def find(cache, build=True):
    """The path of LAUREL of VERSION, built if need be and allowed. Raises Missing."""
    installed = cache / "bin" / "laurel"
    given = os.environ.get("LAUREL")
    for program in [given] if given else [shutil.which("laurel"), installed]:
        if program and version_of(program) == VERSION:
            return pathlib.Path(program).resolve()
    if given:
        raise Missing(f"$LAUREL is not version {VERSION}: {version_of(given)}")
    if not build:
        raise Missing(f"not in PATH or $LAUREL, and not built into {cache} yet")
    install(cache)
    if version_of(installed) != VERSION:
        raise Missing(f"cargo's build says: {version_of(installed)}")
    return installed.resolve()


def arguments(program, folder, config=CONFIG):
    """Its command line; `folder` gets its configuration."""
    path = folder / "laurel.toml"
    path.write_text(config)
    path.chmod(0o600)
    return [str(program), "-c", str(path.resolve())]


def command(program, folder, input_path, config=CONFIG):
    """Its run over `input_path`, from `folder`."""
    return Command(arguments(program, folder, config), stdin=input_path, cwd=folder)
