"""The rulesets that tests/guest/cost measures: those that the constants of lib/ruleset/cost.cpp come
from (calibration), and those that they must predict (checks)."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
# What a rule writes is not measured, only what it takes to find out that it does not match. So all
# records are left out where one does match.
QUIET = "-a never,exclude -F msgtype!=0\n"
COUNT = 50


def rows(form, count=COUNT):
    """One rule for each number from 0 on; {n} is the number, {big} one that nobody has."""
    return "".join("-a always,exit " + form.format(n=n, big=400000 + n) + "\n" for n in range(count))


def b64(fields, call="getppid,openat,newfstatat,mkdirat,execve"):
    return f"-F arch=b64 -S {call} {fields}"


CALIBRATION = {
    "none": "",
    "other-1": rows(b64("-F uid={big}", "reboot"), 1),
    "other": rows(b64("-F uid={big}", "reboot")),
    "arch": rows("-F arch=b32 -S all -F uid={big}"),
    "no-arch-uid": rows("-S all -F uid={big}"),
    "uid": rows(b64("-F uid={big}")),
    "gid": rows(b64("-F gid={big}")),
    "auid-uid": rows(b64("-F auid>=1000 -F uid={big}")),
    "auid-set-uid": rows(b64("-F auid>=1000 -F auid!=unset -F uid={big}")),
    "pid": rows(b64("-F pid={big}")),
    "ppid": rows(b64("-F ppid={big}")),
    "a0": rows(b64("-F a0={big}")),
    "exit": rows(b64("-F exit={n}00")),
    "success-uid": rows(b64("-F success=1 -F uid={big}")),
    "exe": rows(b64("-F exe=/files/{n}")),
    "dir": rows(b64("-F dir=/folders/{n}")),
    "dir-perm": rows(b64("-F dir=/folders/{n} -F perm=wa")),
    "perm-dir": rows(b64("-F perm=rwxa -F dir=/folders/{n}")),
    "path": rows(b64("-F path=/files/{n} -F perm=wa")),
    "compare": rows(b64("-C uid!=euid -F uid!={big}")),
    "obj-uid": rows(b64("-F obj_uid={big}")),
    "inode": rows(b64("-F devmajor={big}")),
    "filetype": rows(b64("-F filetype=socket -F uid!={big}")),
    "session": rows(b64("-F sessionid={big}")),
    "family": rows(b64("-F saddr_fam=2 -F uid!={big}")),
    "subject": rows(b64("-F subj_type=none{n}")),
    "object": rows(b64("-F obj_type=none{n}")),
}


def profile(name):
    """The files of a profile as one text, without its lock."""
    names = [line.strip("- ") for line in (ROOT / f"rules/profiles/{name}.yaml").read_text().splitlines()
             if line.lstrip().startswith("- ")]
    return "".join((ROOT / f"rules/audit/{file}.rules").read_text() + "\n" for file in names
                   if file != "99-lock")


CHECKS = {
    "default": QUIET + profile("default"),
    "paranoid": QUIET + profile("paranoid"),
    "folders": "".join(f"-a always,exit -F dir=/folders/{n} -F perm=wa\n" for n in range(50)),
    "files": "".join(f"-w /files/{n} -p wa\n" for n in range(100)),
    "mixed": "".join(
        f"-a always,exit -F arch=b64 -S openat,execve -F exe=/files/{n} -F auid>=1000 -F success=0\n"
        f"-a always,exit -F arch=b64 -S newfstatat,mkdirat -F auid>=1000 -F auid!=unset -F a0={n}77\n"
        f"-a always,exit -F arch=b32 -S openat -F uid={n}\n" for n in range(20)),
}
