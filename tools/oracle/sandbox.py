"""Where the peers run: namespaces of their own, in which the user database is the one that ours is
given by --root, no name service or network is there, and /proc has an empty folder for each process of the
recording. So no peer sees this machine's users or processes. LAUREL forgets a process that has no
folder in /proc; of an empty folder it learns nothing.
"""
import os
import subprocess
import tempfile

# $1 the root folder, $2 the list of pids; the rest is the command.
SETUP = r"""
set -e
root=$1 pids=$2
shift 2
printf 'passwd: files\ngroup: files\n' >"$root/nsswitch.conf"
for name in passwd group nsswitch.conf; do
  from=$root/etc/$name
  [ "$name" != nsswitch.conf ] || from=$root/$name
  [ ! -e "/etc/$name" ] || mount --bind "$from" "/etc/$name"
done
for folder in /run/nscd /var/run/nscd /run/systemd; do
  [ ! -d "$folder" ] || mount -t tmpfs none "$folder"
done
[ ! -S /dev/log ] || mount --bind /dev/null /dev/log
mount -t tmpfs -o mode=755 none /proc
(cd /proc && xargs -r mkdir) <"$pids"
exec "$@"
"""


class Failed(Exception):
    """A peer did not do its work."""


class Missing(Exception):
    """Why a peer cannot be run here."""


def command(root, pids_file, arguments):
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]
    if os.geteuid() != 0:
        unshare.append("--map-root-user")
    return unshare + ["sh", "-c", SETUP, "sh", str(root), str(pids_file), *map(str, arguments)]


def check(root):
    """Raises Missing unless namespaces can be had."""
    try:
        run(root, [], ["true"], b"", timeout=20)
    except (Failed, OSError) as error:
        raise Missing(f"no namespace to run it in: {error}") from error


def run(root, pids, arguments, stdin, timeout, cwd="/", environment=None, empty=None):
    """Standard output of a run inside. Raises Failed; `empty` on standard error is no failure."""
    with tempfile.NamedTemporaryFile("w", prefix="oracle-pids.") as file, \
            tempfile.TemporaryFile() as source:
        file.write("".join(f"{pid}\n" for pid in pids))
        file.flush()
        source.write(stdin)
        source.seek(0)
        try:
            result = subprocess.run(command(root, file.name, arguments), stdin=source, capture_output=True, cwd=cwd,
                                    timeout=timeout, env={"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C",
                                                          **(environment or {})}, check=False)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{arguments[0]} took more than {timeout} s") from error
    if result.returncode != 0 and not (empty and empty in result.stderr):
        lines = result.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise Failed(f"{arguments[0]} ended with {result.returncode}: {lines[-1]}")
    return result.stdout
