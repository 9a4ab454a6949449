"""How make_bench_input.py makes one round of a recording differ from the next: what differs between
two hosts, or two minutes of one host (process and inode numbers, users, terminals, addresses,
programs, names and arguments of other lengths, results), is drawn anew; what the kernel and the
system fix (keys, modes, system calls, libraries) stays. Inside a round one old value always
becomes the same new one, so that a PATH still has the name that the arguments have.

A field's value is text as the kernel writes it: "quoted", or upper-case hex when it holds a blank,
a quote or a control byte (linux/kernel/audit.c, audit_log_untrustedstring()).
"""
import re

PID_LIMIT = 4_194_304  # highest process number plus one on 64-bit Linux
PROCTITLE_LIMIT = 128  # linux/kernel/audit.c, MAX_PROCTITLE_AUDIT_LEN
COMM_LIMIT = 15        # linux/sched.h, TASK_COMM_LEN, without its NUL

PROGRAMS = """ar as awk base64 basename bash cat chgrp chmod chown cmake cmp comm cp cron curl cut date dd
df diff dirname docker-init dpkg-query du env expand expr find findmnt flock fold gcc getent git
git-remote-https gpg-agent grep groups gunzip gzip head hostname id install ionice iptables-restore
journalctl kill ld ldconfig ln locale logger logrotate ls lsblk make md5sum mkdir mktemp mount mv nft nice
nproc openssl perl pgrep ping pip3 postgres ps python3 python3.11 readlink rm rsync run-parts runc sed
seq sha256sum sleep sort ssh sshd stat sudo systemctl systemd-tmpfiles tail tar tee test touch tr true
udevadm umount uname unattended-upgrade uniq update-alternatives vim wc wget which whoami x86_64-linux-gnu-g++-12
xargs xz zcat""".encode().split()
SYLLABLES = """a al an ap ar ba be bo ca ce co da de di do e en er fa fi fo ga go ha he i in is jo ka ke la
le li lo ma me mi mo na ne ni no o on or pa pe po qu ra re ri ro sa se si so ta te ti to un ur va ve
vi wa we xi ya ze zo""".encode().split()
# Parts of paths, and names, that are the same on every host.
FIXED = set(b""". .. bin boot dev etc home lib lib64 local opt proc root run sbin share src sys tmp usr var
passwd shadow group null urandom localhost ld-linux-x86-64.so.2 x86_64-linux-gnu""".split())
FORCES_HEX = re.compile(rb'[\x00-\x20"\x7f-\xff]')
HEX = re.compile(rb"(?:[0-9A-F]{2})+")
UNSET = b"4294967295"


def untrusted(text):
    return text.hex().upper().encode() if FORCES_HEX.search(text) else b'"' + text + b'"'


def plain(value):
    """The bytes of a value that is text, or None."""
    if value[:1] == b'"' and value[-1:] == b'"':
        return value[1:-1]
    return bytes.fromhex(value.decode()) if HEX.fullmatch(value) else None


class Round:
    """The new values of one round. `programs`: the names of the recording's own programs."""

    def __init__(self, random, programs):
        self.random = random
        self.programs = programs
        self.cache = {}
        user = random.choice((b"0", b"0", b"33", b"114", b"1000", b"1001", b"65534"))
        session = random.choice((None, None, b"%d" % random.randrange(1, 60_000)))
        self.ids = {b"0": user}
        self.login = {UNSET: UNSET if session is None else random.choice((b"0", b"1000", b"10457"))}
        self.session = {UNSET: session or UNSET}
        self.terminal = {b"(none)": random.choice((b"(none)", b"(none)", b"pts%d" % random.randrange(14)))}
        self.device = {}

    def same(self, kind, old, make):
        """make() the first time that `old` comes up in this round; the same again later."""
        key = (kind, old)
        if key not in self.cache:
            self.cache[key] = make()
        return self.cache[key]

    def process(self, value):
        if not value.isdigit() or len(value) < 2:
            return value
        return self.same("process", value, lambda: b"%d" % self.random.randrange(300, self.random.choice(
            (32_768, 32_768, PID_LIMIT))))

    def inode(self, value):
        return self.same("inode", value, lambda: b"%d" % self.random.randrange(
            2, 10 ** self.random.randrange(3, 9)))

    def block_device(self, value):
        return self.same("device", value, lambda: self.random.choice((b"fd:01", b"08:02", b"103:02", b"00:2f")))

    def address(self, value):
        if len(value) < 7:
            return value
        return b"%x" % (int(value, 16) ^ self.random.getrandbits(4 * len(value) - 5))

    def result(self, value):
        if not value.isdigit() or value == b"0":
            return value
        if len(value) > 2:
            return self.process(value)
        return b"%d" % self.random.choice((3, 4, 5, 7, 11, 23, self.random.randrange(3, 1024)))

    def word(self):
        random = self.random
        text = b"".join(random.choices(SYLLABLES, k=random.choice((1, 2, 2, 3, 3, 4, 5, 8))))
        if random.random() < 0.2:
            text += random.choice((b"-", b"_", b".")) + b"%d" % random.randrange(10 ** random.randrange(1, 7))
        if random.random() < 0.02:
            text += random.choice((b" ", "\u00e9".encode(), b" (1)")) + random.choice(SYLLABLES)
        return text

    def part(self, old):
        """A path's component, or a word of an argument."""
        if old in FIXED or not old:
            return old
        if old in self.programs:
            return self.same("program", old, lambda: self.random.choice(PROGRAMS))
        if old.isdigit():
            return self.same("number", old, lambda: b"%d" % self.random.randrange(10 ** self.random.randrange(1, 6)))
        if old[:1] == b"-" and len(old) < 3:
            return old
        stem, dot, suffix = old.rpartition(b".")
        if not dot or not stem:
            stem, suffix = old, b""
        return self.same("part", old, self.word) + dot + suffix

    def path(self, old):
        return self.same("path", old, lambda: b"/".join(map(self.part, old.split(b"/"))))

    def text(self, value):
        old = plain(value)
        return value if old is None else untrusted(self.path(old))

    def command(self, value):
        old = plain(value)
        return value if old is None else untrusted(self.path(old)[:COMM_LIMIT])

    def title(self, value):
        old = plain(value)
        if old is None:
            return value
        return untrusted(b"\0".join(map(self.path, old.split(b"\0")))[:PROCTITLE_LIMIT])


def of_table(name):
    return lambda new, value: getattr(new, name).get(value, value)


# What becomes of each key's value; other keys keep theirs.
CHANGES = {
    **dict.fromkeys((b"pid", b"ppid", b"opid", b"spid"), Round.process),
    **dict.fromkeys((b"uid", b"gid", b"euid", b"egid", b"suid", b"sgid", b"fsuid", b"fsgid"), of_table("ids")),
    b"auid": of_table("login"), b"ses": of_table("session"), b"tty": of_table("terminal"),
    b"inode": Round.inode, b"dev": Round.block_device, b"exit": Round.result,
    b"name": Round.text, b"cwd": Round.text, b"exe": Round.text, b"comm": Round.command,
    b"proctitle": Round.title,
}
ARGUMENT = re.compile(rb"a\d+")


def change_of(kind, key):
    if ARGUMENT.fullmatch(key):
        return {b"SYSCALL": Round.address, b"EXECVE": Round.text}.get(kind)
    return CHANGES.get(key)
