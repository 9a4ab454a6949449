#!/usr/bin/env python3
"""Writes lib/record/tables/syscalls_*.inc: the names of system calls by architecture.

Three sources, the first one that has a number gives its name:
  1. the installed libaudit (what ausearch and auditctl print and accept);
  2. the Linux headers of the architecture, for what libaudit lacks;
  3. RECENT below, for calls newer than both, which all architectures share.
Other spellings that the headers have for a number become aliases: they are accepted, never printed.

Usage: syscalls.py OUTPUT_FOLDER [--headers ARCH=INCLUDE_DIR ...]
The headers of foreign architectures come from Debian's linux-libc-dev-ARCH-cross packages, unpacked
with `apt-get download` and `dpkg -x`; i386 and x32 are in the x86 package.
"""

import argparse
import ctypes
import pathlib
import re
import subprocess
import sys

# Name: libaudit's machine number (lib/libaudit.h, machine_t), macros of the target, unistd folder.
ARCHES = {
    "x86_64": (1, ["__x86_64__"], "x86_64"),
    "i386": (0, ["__i386__"], "x86_64"),
    "x32": (None, ["__x86_64__", "__ILP32__"], "x86_64"),
    "aarch64": (9, ["__aarch64__"], "aarch64"),
    "arm": (8, ["__arm__", "__ARM_EABI__"], "arm"),
    "ppc": (10, ["__powerpc64__", "__LITTLE_ENDIAN__"], "ppc64le"),
    "s390x": (5, ["__s390x__"], "s390x"),
    "s390": (6, ["__s390__"], "s390x"),
    "riscv64": (None, ["__riscv", "__LP64__", "__SIZEOF_POINTER__=8"], "riscv64"),
}

# linux/scripts/syscall.tbl and arch/*/syscall*.tbl of 6.18; listns and rseq_slice_yield of 7.0.
RECENT = {
    451: "cachestat", 452: "fchmodat2", 453: "map_shadow_stack", 454: "futex_wake",
    455: "futex_wait", 456: "futex_requeue", 457: "statmount", 458: "listmount",
    459: "lsm_get_self_attr", 460: "lsm_set_self_attr", 461: "lsm_list_modules", 462: "mseal",
    463: "setxattrat", 464: "getxattrat", 465: "listxattrat", 466: "removexattrat",
    467: "open_tree_attr", 468: "file_getattr", 469: "file_setattr", 470: "listns",
    471: "rseq_slice_yield",
}
RECENT_OF = {
    "x86_64": {335: "uretprobe", 336: "uprobe"},
    "x32": {335: "uretprobe", 336: "uprobe"},
    "s390x": {447: "memfd_secret"},
    "s390": {447: "memfd_secret"},
    "riscv64": {258: "riscv_hwprobe"},
}
X32_BIT = 0x40000000
ARM_PRIVATE = 0xF0000  # __ARM_NR_BASE: a few calls, far above the others
X32_FIRST_OWN = 512  # below, the numbers are those of x86_64, and so is libaudit's spelling
NO_CALLS = {"syscalls", "arch_specific_syscall", "SYSCALL_BASE", "BASE", "OABI_SYSCALL_BASE",
            "SYSCALL_MASK"}  # macros that begin as those of calls do
HIGHEST = 1 << 20  # of the numbers that libaudit is asked for


def from_libaudit(machine):
    library = ctypes.CDLL("libaudit.so.1")
    library.audit_syscall_to_name.restype = ctypes.c_char_p
    names = {}
    for number in range(HIGHEST):
        name = library.audit_syscall_to_name(number, machine)
        if name:
            names[number] = name.decode()
    return names


def preprocess(source, include, macros, *options):
    command = ["gcc", "-E", "-P", "-undef", "-nostdinc", "-I", str(include), "-x", "c", "-"]
    command[2:2] = [*options, *("-D" + macro for macro in macros)]
    return subprocess.run(command, input=source, text=True, check=True, capture_output=True).stdout


def from_headers(include, macros):
    """Number -> sorted names, of every __NR_ macro that asm/unistd.h gives."""
    source = "#include <asm/unistd.h>\n"
    defined = preprocess(source, include, macros, "-dM")
    names = re.findall(r"^#define (?:__NR|__ARM_NR)_(\w+) ", defined, re.M)
    private = set(re.findall(r"^#define __ARM_NR_(\w+) ", defined, re.M))
    for name in sorted(set(names) - NO_CALLS):
        prefix = "__ARM_NR_" if name in private else "__NR_"
        source += f"@{name} {prefix}{name}\n"
    numbers = {}
    for line in preprocess(source, include, macros).splitlines():
        match = re.fullmatch(r"@\s*(\w+) ([\w()+ ]+)", line.strip())
        if not match:
            continue
        value = re.sub(r"\b0x[0-9a-fA-F]+\b", lambda m: str(int(m[0], 16)), match[2])
        if not re.fullmatch(r"[\d()+ ]+", value):
            sys.exit(f"{line}: the value of this macro is no number")
        numbers.setdefault(eval(value), []).append(match[1])
    return {number: sorted(found) for number, found in numbers.items()}


def version_of(package, pattern=r"Version: (.*)"):
    shown = subprocess.run(["dpkg", "-s", package], text=True, capture_output=True).stdout
    match = re.search(pattern, shown)
    return match[1] if match else "unknown version"


def table(arch, headers):
    """The names by number, and the aliases as (name, number)."""
    machine, macros, folder = ARCHES[arch]
    names = from_libaudit(machine) if machine is not None else {}
    usual = from_libaudit(ARCHES["x86_64"][0]) if arch == "x32" else {}
    aliases = []
    if folder in headers:
        for number, spelled in from_headers(headers[folder], macros).items():
            number &= ~X32_BIT
            if arch == "x32" and number < X32_FIRST_OWN:
                spelled = [usual.get(number, spelled[0])]
            first = names.setdefault(number, spelled[0])
            aliases += [(name, number) for name in spelled if name != first]
    for number, name in {**RECENT, **RECENT_OF.get(arch, {})}.items():
        if names.setdefault(number, name) != name:
            aliases.append((name, number))
    known = set(names.values())
    return names, sorted(set(alias for alias in aliases if alias[0] not in known))


def write(path, names, aliases, sources):
    lines = [f"// Generated by tools/tables/syscalls.py from {sources}.",
             "// SORREL_SYSCALL(number, name), ascending; SORREL_SYSCALL_ALIAS(number, other name)."]
    lines += [f"SORREL_SYSCALL({number}, {name})" for number, name in sorted(names.items())]
    lines += [f"SORREL_SYSCALL_ALIAS({number}, {name})" for name, number in aliases]
    path.write_text("\n".join(lines) + "\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("output", type=pathlib.Path)
    arguments.add_argument("--headers", action="append", default=[], metavar="ARCH=DIR[@VERSION]")
    options = arguments.parse_args()
    headers, versions = {}, {}
    for item in options.headers:
        arch, _, folder = item.partition("=")
        headers[arch], _, versions[arch] = folder.partition("@")
    for arch, (machine, _, folder) in ARCHES.items():
        sources = []
        if machine is not None:
            sources.append(f"libaudit {version_of('libaudit1')}")
        if folder in headers:
            sources.append(f"linux-libc-dev {versions[folder]} ({folder})")
        elif machine is None:
            sys.exit(f"{arch}: no source; give --headers {folder}=DIR@VERSION")
        sources.append("linux 6.18")
        names, aliases = table(arch, headers)
        if arch == "arm":
            private = {n: name for n, name in names.items() if n >= ARM_PRIVATE}
            write(options.output / "syscalls_arm_private.inc", private, [], ", ".join(sources))
            names = {n: name for n, name in names.items() if n < ARM_PRIVATE}
        write(options.output / f"syscalls_{arch}.inc", names, aliases, ", ".join(sources))
        print(f"{arch}: {len(names)} names, {len(aliases)} aliases")


if __name__ == "__main__":
    main()
