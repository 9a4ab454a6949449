"""What 32-bit calls make each rule for b32 fire: the calls that the rule names, with the arguments that
it asks for, on a file that it is about."""
import dataclasses
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "triggers"))
import rules_text  # noqa: E402

FILE = "/root/trigger"
HERE = "-100"  # AT_FDCWD
WRITE, CREATE, APPEND, NO_ATIME = 0o1, 0o100, 0o2000, 0o1000000

# Arguments by call: P is the file, Q another beside it, X a program. What is not here takes zeros,
# and is refused, which rules see as well.
ARGUMENTS = {
    "open": "P FLAGS 0644", "openat": f"{HERE} P FLAGS 0644", "openat2": f"{HERE} P buffer 24",
    "open_by_handle_at": f"{HERE} buffer 0", "creat": "P 0644",
    "truncate": "P 0", "truncate64": "P 0 0", "ftruncate": "-1 0", "ftruncate64": "-1 0 0",
    "unlink": "P", "rmdir": "P", "rename": "P Q", "link": "P Q", "symlink": "=/dev/null P",
    "unlinkat": f"{HERE} P 0", "renameat": f"{HERE} P {HERE} Q", "renameat2": f"{HERE} P {HERE} Q 0",
    "linkat": f"{HERE} P {HERE} Q 0", "symlinkat": f"=/dev/null {HERE} P",
    "chmod": "P 0600", "fchmod": "-1 0600", "fchmodat": f"{HERE} P 0600", "452": f"{HERE} P 0600 0",
    "chown": "P 0 0", "chown32": "P 0 0", "lchown": "P 0 0", "lchown32": "P 0 0", "fchownat": f"{HERE} P 0 0 0",
    "setxattr": "P =user.x =1 1 0", "lsetxattr": "P =user.x =1 1 0", "removexattr": "P =user.x",
    "lremovexattr": "P =user.x", "463": f"{HERE} P 0 =user.x buffer 24", "466": f"{HERE} P 0 =user.x",
    "utime": "P 0", "utimes": "P 0", "futimesat": f"{HERE} P 0", "utimensat": f"{HERE} P 0 0",
    "utimensat_time64": f"{HERE} P 0 0", "execve": "X buffer buffer", "execveat": f"{HERE} X buffer buffer 0",
    "connect": "socket inet 16", "bind": "socket inet 16", "accept4": "-1 0 0 0",
    "clone": "0x11 0 0 0 0", "clone3": "buffer 0", "ptrace": "0 child buffer 0",
    "mount": "= =/none = 0 0", "pivot_root": "=/none =/none", "chroot": "=/", "umount2": "=/none 0",
}
# What cannot be made to fail as the rule asks for.
WITHOUT = {
    "-EACCES": {"open_by_handle_at", "ftruncate", "ftruncate64", "openat2"},
    "-EPERM": {"openat2", "truncate", "truncate64", "ftruncate", "ftruncate64", "creat"},
}


@dataclasses.dataclass
class Step:
    rule: rules_text.Rule
    login: str = "-"      # auid of the process
    user: str = "0"
    effective: str = ""   # user, when it is another
    program: str = "/guest_call"
    calls: list = dataclasses.field(default_factory=list)
    commands: list = dataclasses.field(default_factory=list)
    files: dict = dataclasses.field(default_factory=dict)  # path -> "file", "program", "call"


def conditions(rule):
    """name -> [(operator, value)]"""
    found = {}
    words = rule.text.split()
    for option, value in zip(words[0::2], words[1::2]):
        if option != "-F":
            continue
        for operator in ("!=", ">=", "<=", "&=", "=", ">", "<", "&"):
            name, sign, rest = value.partition(operator)
            if sign and name.isidentifier() and not name.endswith(("&", "<", ">", "!")):
                found.setdefault(name, []).append((operator, rest))
                break
    return found


def target_of(rule, fields):
    if "dir" in fields:
        return fields["dir"][0][1] + "/trigger"
    return fields["path"][0][1] if "path" in fields else FILE


def calls_of(rule, fields):
    if rule.calls:
        missing = WITHOUT.get(fields.get("exit", [("", "")])[0][1], set())
        return [call for call in rule.calls if call not in missing]
    permissions = fields["perm"][0][1]
    return ["open"] if set(permissions) & {"w", "r"} else ["chmod"] if "a" in permissions else ["execve"]


def flags_of(rule, fields):
    for name in ("a1", "a2"):
        for operator, value in fields.get(name, []):
            if operator == "&" and rule.calls and any(call.startswith("open") for call in rule.calls):
                return str(int(value, 0) | WRITE | CREATE)
    if fields.get("exit", [("", "")])[0][1] == "-EPERM":
        return str(NO_ATIME)
    permissions = fields.get("perm", [("", "")])[0][1]
    return "0" if "w" not in permissions and permissions else str(WRITE | CREATE | APPEND)


def argument_words(call, rule, fields, target, program):
    words = ARGUMENTS.get(call, "0 0 0 0").split()
    if call == "connect" and "path" in fields:
        words = ["unix", "unix:" + target, "110"]
    words = [{"P": "=" + target, "Q": "=" + target + ".new", "X": "=" + program,
              "FLAGS": flags_of(rule, fields)}.get(word, word) for word in words]
    for index in range(4):
        for operator, value in fields.get(f"a{index}", []):
            if operator in ("=", "&", "&=") and not (call.startswith("open") and index in (1, 2)):
                while len(words) <= index:
                    words.append("0")
                words[index] = value
    return words


def step_for(rule):
    fields = conditions(rule)
    step = Step(rule)
    target = target_of(rule, fields)
    is_refused = "exit" in fields
    if "auid" in fields and fields["auid"][0][0] == ">=":
        step.login = "1000"
    if is_refused:
        step.user = "1000"
        target = "/etc/passwd" if fields["exit"][0][1] == "-EPERM" else FILE
    for operator, value in fields.get("uid", []):
        step.user = {"www-data": "33"}.get(value, "105") if operator in ("=", ">", "<") else step.user
    if "-C" in rule.text:
        step.user, step.effective = "1000", "0"
    if "exe" in fields and fields["exe"][0][0] == "=":
        step.program = fields["exe"][0][1]
        step.files[step.program] = "call"
    step.calls = calls_of(rule, fields)
    executes = {"execve", "execveat"} & set(step.calls)
    program = target if executes and target != FILE else "/usr/bin/true32"
    if executes:
        step.files[program] = "program"
    elif not target.startswith("/proc/"):
        step.files.setdefault(target, "file")
    for call in step.calls:
        step.commands.append([call, *argument_words(call, rule, fields, target, program)])
    return step


def file_for(step, call):
    """What is there before the call: a link is only made where nothing is."""
    file = next((path for path, kind in step.files.items() if kind == "file"), "-")
    return "!" + file if call.startswith("symlink") else file


def all_steps():
    return [step_for(rule) for rule in rules_text.all_rules() if rule.is_for_32_bit()]
