"""Keeps the truth of a lineage recording, in the guest and without audit.

  keeper.py SOCKET TRUTH_FILE

A program of the scenario (guest_lineage) connects, sends one word and waits for the answer; while it
waits, the keeper reads from /proc who it is and who all its ancestors are, up to pid 1, and appends
that as one line of JSON. So nobody needs a right to look at anybody, pids are those of the guest's
first pid namespace (SO_PEERCRED translates them), and nothing can change during the look.

Words: `image`, a program has just begun; `born`, a fork has just returned in the child.
Bytes are written as the characters U+0000..U+00FF.
"""
import hashlib
import json
import os
import socket
import struct
import sys
import time

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def read(pid, name):
    with open(f"/proc/{pid}/{name}", "rb") as file:
        return file.read()


def text(data):
    return data.decode("latin-1")


def executable(pid):
    """As the process itself sees it: audit, too, names it from the process's own root folder."""
    path = os.readlink(f"/proc/{pid}/exe".encode())
    root = os.readlink(f"/proc/{pid}/root".encode())
    if root != b"/" and path.startswith(root + b"/"):
        path = path[len(root):]
    return path


def label_of(argv):
    """label=NAME where a scenario puts it: the first argument, the $0 of `sh -c`, or the first
    argument of a script. Elsewhere (behind sudo, say) it is another program's."""
    name = argv[0].rsplit(b"/", 1)[-1] if argv else b""
    places = [1]
    if argv[1:2] == [b"-c"]:
        places.append(3)
    if name.lstrip(b"-") in (b"sh", b"dash", b"bash", b"python3", b"perl"):
        places.append(2)
    for place in places:
        if argv[place:place + 1] and argv[place].startswith(b"label="):
            return argv[place][6:]
    return None


def look(pid, boot_ms):
    stat = read(pid, "stat")
    fields = stat[stat.rindex(b")") + 2:].split()
    argv = read(pid, "cmdline").split(b"\0")[:-1]
    label = label_of(argv)
    cwd = os.readlink(f"/proc/{pid}/cwd".encode())
    return {
        "pid": pid, "ppid": int(fields[1]), "start_ticks": int(fields[19]),
        "start_ms": round(boot_ms + int(fields[19]) * TICK_MS),
        "comm": text(read(pid, "comm").removesuffix(b"\n")), "exe": text(executable(pid)),
        "argv0": text(argv[0]) if argv else "", "label": label and text(label),
        "argc": len(argv), "argv_sha256": hashlib.sha256(b"\0".join(argv)).hexdigest()[:16],
        # `script-...` is by convention the label of what a "#!" line starts.
        "script": text(os.path.normpath(os.path.join(cwd, argv[1])))
                  if (label or b"").startswith(b"script-") else None,
        "ses": int(read(pid, "sessionid")), "auid": int(read(pid, "loginuid")),
    }


def ancestry(pid):
    now_ms = time.time() * 1000
    boot_ms = now_ms - time.clock_gettime(time.CLOCK_BOOTTIME) * 1000
    chain = []
    while pid > 0:
        chain.append(look(pid, boot_ms))
        pid = chain[-1]["ppid"]
    return now_ms, chain


def main():
    path, truth = sys.argv[1:]
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.chmod(path, 0o777)
    listener.listen(64)
    with open(truth, "w", encoding="ascii") as out:
        while True:
            client, _ = listener.accept()
            word = client.recv(64)
            pid, _, _ = struct.unpack("iII", client.getsockopt(
                socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("iII")))
            now_ms, chain = ancestry(pid)
            out.write(json.dumps({"word": text(word), "time_ms": round(now_ms), "chain": chain}) + "\n")
            out.flush()
            client.sendall(b"x")
            client.close()


if __name__ == "__main__":
    main()
