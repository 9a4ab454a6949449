"""Writes an initramfs (cpio, form newc: linux/Documentation/driver-api/early-userspace/buffer-format.rst)
that a guest's kernel unpacks as its root. No tool and no root is needed."""
import os
import pathlib
import re
import stat
import subprocess


def _entry(number, name, mode, data=b"", device=(0, 0)):
    raw = name.encode() + b"\0"
    head = "070701" + "".join(f"{value:08x}" for value in (
        number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(raw), 0))
    text = head.encode() + raw
    text += b"\0" * (-len(text) % 4)
    return text + data + b"\0" * (-len(data) % 4)


def libraries_of(program):
    """What a dynamic program needs to run: name in the guest -> file here."""
    told = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    return {path.lstrip("/"): os.path.realpath(path) for path in re.findall(r"(/\S+) \(0x", told)}


def write(path, files):
    """`files`: name in the guest -> file here; their folders are made, and /dev/console."""
    folders = {"dev"}
    for name in files:
        folders.update(str(parent) for parent in pathlib.PurePosixPath(name).parents if str(parent) != ".")
    entries = [(name, stat.S_IFDIR | 0o755, b"", (0, 0)) for name in sorted(folders)]
    entries.append(("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)))
    for name, file in files.items():
        data = pathlib.Path(file).read_bytes()
        mode = 0o755 if os.access(file, os.X_OK) else 0o644
        entries.append((name, stat.S_IFREG | mode, data, (0, 0)))
    with open(path, "wb") as out:
        for number, entry in enumerate(entries, 1):
            name, mode, data, device = entry
            out.write(_entry(number, name, mode, data, device))
        out.write(_entry(0, "TRAILER!!!", 0))
