"""Servers from Debian packages that are fetched and unpacked, never installed."""
import os
import subprocess
import sys


def fetch(work, name, packages):
    """The folder with the unpacked packages. Exit status 77, when they cannot be had."""
    root = work / name
    if (root / "usr").exists():
        return root
    folder = work / f"packages-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    got = subprocess.run(["apt-get", "download", *packages], cwd=folder, capture_output=True, text=True)
    if got.returncode != 0:
        print(f"skipped: {name} cannot be had: {got.stderr.strip().splitlines()[-1:]}")
        sys.exit(77)
    unpacked = work / f"{name}.new"
    for package in sorted(folder.glob("*.deb")):
        subprocess.run(["dpkg", "-x", package, unpacked], check=True)
    unpacked.rename(root)
    return root


def with_missing_dependencies(package):
    """It, and of what it depends on that which is not installed."""
    said = subprocess.run(["apt-cache", "depends", "--important", package], capture_output=True, text=True)
    names = {line.split()[-1] for line in said.stdout.splitlines() if line.strip().startswith("Depends:")}
    def is_missing(name):
        state = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", name], capture_output=True,
                               text=True)
        return state.stdout != "installed"
    return [package, *sorted(name for name in names if not name.startswith("<") and is_missing(name))]


def library(root):
    return next((root / "usr/lib").glob("*-linux-gnu"))


def environment(root):
    """With its libraries; nothing of the system's is hidden."""
    found = library(root)
    return dict(os.environ, LD_LIBRARY_PATH=f"{found}:{root}/lib/{found.name}")
