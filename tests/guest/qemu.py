"""Boots a Debian kernel in QEMU (no KVM is needed) with an initramfs of a few programs."""
import pathlib
import shutil
import subprocess
import sys

import initramfs

HERE = pathlib.Path(__file__).resolve().parent


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def need(*programs):
    if shutil.which("qemu-system-x86_64") is None:
        skip("qemu-system-x86_64 is not installed (package qemu-system-x86)")
    for program in programs:
        if not program.exists():
            skip(f"{program} is not built")


def kernel_image():
    found = subprocess.run([HERE / "fetch", "linux-image-cloud-amd64"], stdout=subprocess.PIPE, text=True)
    if found.returncode != 0:
        skip("no Debian kernel can be had")
    return next(pathlib.Path(found.stdout.strip()).glob("boot/vmlinuz-*"))


def command(folder, init, files, append="", machine=(), memory=512):
    """What starts a machine with the dynamic program `init` as its only process; `files`: name in the guest ->
    file here. Its console is standard output."""
    image = folder / "initramfs"
    initramfs.write(image, {"init": init, **initramfs.libraries_of(init), **files})
    return ["qemu-system-x86_64", "-M", "q35", *machine, "-m", str(memory), "-nodefaults", "-no-user-config",
            "-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", kernel_image(), "-initrd", image,
            "-append", f"console=ttyS0 audit=1 panic=-1 mitigations=off rdinit=/init {append}"]


def boot(folder, init, files, append="", machine=(), memory=512, timeout=600):
    """Runs it to its end. Returns the lines of its console."""
    run = subprocess.run(command(folder, init, files, append, machine, memory), capture_output=True, text=True,
                         errors="replace", timeout=timeout)
    return run.stdout.splitlines()
