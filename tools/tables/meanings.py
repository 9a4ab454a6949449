#!/usr/bin/env python3
"""Writes lib/enrich/tables/{numbers,flags,open_flags,protocols}.inc: what the numbers in fields and
system call arguments are called.

Names and values come from the kernel's exported headers, evaluated by the compiler. Where the
kernel does not export a name (MSG_*, SOL_*, SOCK_*, MNT_*), they come from the C library's headers;
protocols come from /etc/protocols (netbase). EXTRA holds the few that no header has, each with the
kernel file that defines it.

Usage: meanings.py OUTPUT_FOLDER [--linux DIR@VERSION] [--asm ARCH=DIR@VERSION ...]
--linux: the result of `make headers_install` of a kernel newer than the installed linux-libc-dev.
--asm: the headers of aarch64 and ppc64le (linux-libc-dev-ARCH-cross), for their open and mmap flags.
"""

import argparse
import pathlib
import re
import subprocess
import sys

from names import version_of

SYSTEM = ["/usr/include/x86_64-linux-gnu", "/usr/include"]


class Headers:
    """Evaluates macros and enumerators of the headers in folders, the system's coming last."""

    def __init__(self, folders):
        self.folders = [*folders, *SYSTEM]
        own = subprocess.run(["gcc", "-print-file-name=include"], text=True, check=True,
                             capture_output=True).stdout.strip()  # stddef.h
        self.options = ["-nostdinc"]  # or gcc would not look into the system's folders first
        self.options += [word for folder in [*self.folders, own] for word in ("-I", folder)]

    def preprocess(self, source, *options):
        command = ["gcc", "-E", "-P", "-x", "c", *self.options, *options, "-"]
        return subprocess.run(command, input=source, text=True, check=True,
                              capture_output=True).stdout

    def names(self, includes, pattern):
        """The names that match, in the order of the headers."""
        defined = self.preprocess(includes, "-dD")
        found = []
        for match in re.finditer(r"^#define (\w+) |\benum\b[^;{}]*\{([^}]*)\}", defined, re.M):
            body = re.sub(r"^#.*$", "", match[2] or "", flags=re.M)
            for name in [match[1]] if match[1] else re.findall(r"(?:^|,)\s*(\w+)", body):
                if re.fullmatch(pattern, name) and name not in found:
                    found.append(name)
        return found

    def values(self, includes, names):
        """Name -> value; what is no constant number is left out."""
        names = list(names)
        while True:
            lines = [f"unsigned long long v_{n} = (unsigned long long)({n});" for n in names]
            head = includes.count("\n") + 1
            command = ["gcc", "-S", "-o", "-", "-w", "-fmax-errors=0", "-x", "c", *self.options, "-"]
            run = subprocess.run(command, input=includes + "\n" + "\n".join(lines) + "\n", text=True,
                                 capture_output=True)
            if run.returncode == 0:
                break
            bad = {int(n) - head - 1 for n in re.findall(r"^<stdin>:(\d+):\d+: ", run.stderr, re.M)}
            if not bad or min(bad) < 0:
                sys.exit(run.stderr)
            names = [name for i, name in enumerate(names) if i not in bad]
        values = {name: 0 for name in names}
        for name, value in re.findall(r"^v_(\w+):\n\s+\.quad\s+(-?\w+)", run.stdout, re.M):
            number = int(value, 0) & 0xFFFFFFFFFFFFFFFF
            # 1 << 31 and -1 are int: their upper half is only the sign.
            values[name] = number & 0xFFFFFFFF if number >> 31 == 0x1FFFFFFFF else number
        return {name: values[name] for name in names}


def lower(prefix):
    return lambda name: name.removeprefix(prefix).lower()


def dashed(prefix):
    return lambda name: name.removeprefix(prefix).lower().replace("_", "-")


# Table: (headers, pattern of the names, pattern of those left out, spelling).
# A name without a directory in its header is the C library's.
NUMBERS = {
    "Signal": (
        "asm/signal.h", r"SIG[A-Z0-9]+", r"SIGRT.*|SIGSTKSZ|SIGIOT|SIGPOLL|SIGUNUSED|SIGEV.*",
        None),
    "EpollOperation": ("linux/eventpoll.h", r"EPOLL_CTL_\w+", "", None),
    "Clock": ("linux/time.h", r"CLOCK_[A-Z_]+", r"CLOCK_AUX.*", None),
    "ResourceLimit": ("linux/resource.h", r"RLIMIT_\w+", "", None),
    "Scheduler": ("linux/sched.h", r"SCHED_[A-Z]+", "SCHED_NORMAL", None),
    "SeekOrigin": ("linux/fs.h", r"SEEK_\w+", "SEEK_MAX", None),
    "FileCommand": ("linux/fcntl.h", r"F_[A-Z_0-9]+",
                    r"F_(RD|WR|UN|EX|SH)LCK|F_SEAL_.*|F_OWNER_(?!UIDS).*|F_LINUX_SPECIFIC_BASE", None),
    "ProcessOption": ("linux/prctl.h", r"PR_[A-Z_0-9]+", "PR_CFI_BRANCH_LANDING_PADS", None),
    "Trace": ("linux/ptrace.h asm/ptrace-abi.h", r"PTRACE_[A-Z_0-9]+",
              r"PTRACE_(EVENT|O|SYSCALL_INFO|EVENTMSG)_\w+|PTRACE_PEEKSIGINFO_SHARED|PTRACE_OLDSETOPTIONS",
              lambda name: name.replace("USR", "USER")),
    "BpfCommand": ("linux/bpf.h", None, r"BPF_PROG_RUN", None),
    "IoctlRequest": (
        "asm/ioctls.h linux/kd.h linux/vt.h linux/sockios.h linux/fs.h linux/if_tun.h linux/loop.h"
        " linux/cdrom.h linux/random.h linux/nsfs.h linux/userfaultfd.h linux/perf_event.h linux/dm-ioctl.h"
        " linux/fscrypt.h linux/seccomp.h linux/uinput.h linux/input.h linux/watchdog.h linux/pidfd.h"
        " linux/blkpg.h linux/hdreg.h linux/rtc.h linux/spi/spidev.h linux/vhost.h linux/kvm.h linux/vfio.h",
        r"TC[A-Z]\w+|TIOC[A-Z]\w+|FIO\w+|KD[A-Z]\w+|[GP]IO_\w+|VT_[A-Z]+|SIOC\w+|FI(CLONE|DEDUPE|BMAP|GETBSZ|FREEZE|THAW|TRIM)\w*|"
        r"FS_IOC_\w+|BLK[A-Z]+\w*|TUN[A-Z]\w+|LOOP_[A-Z_]+|CDROM[A-Z_]\w+|RND[A-Z]\w+|NS_[A-Z_]+|UFFDIO_[A-Z]+|"
        r"PERF_EVENT_IOC_\w+|DM_[A-Z_]+|SECCOMP_IOCTL_\w+|UI_[A-Z_]+|EVIOC[A-Z]+|WDIOC_\w+|PIDFD_GET_\w+|"
        r"HDIO_\w+|RTC_\w+|VHOST_\w+|KVM_(CREATE|GET|SET|RUN|CHECK|ENABLE)\w*|VFIO_\w+", r"DM_\w+_(FLAG|CMD)|\w+_FLAGS?|VHOST_PAGE_SIZE|RTC_MAX_FREQ|VFIO_REGION_\w+|CDROMAUDIOBUFSIZ|VHOST_F_\w+", None),
    "SeccompOperation": ("linux/seccomp.h", r"SECCOMP_(SET_MODE|GET)_\w+", "", None),
    "SeccompAction": ("linux/seccomp.h", r"SECCOMP_RET_\w+", r".*_(FULL|ACTION|DATA|THREAD)",
                      lambda name: {"USER_NOTIF": "user-notify"}.get(
                          name.removeprefix("SECCOMP_RET_"), dashed("SECCOMP_RET_")(name))),
    "FsConfig": ("linux/mount.h", r"FSCONFIG_\w+", "", None),
    "UringRegister": ("linux/io_uring.h", r"IORING_(UN)?REGISTER_\w+",
                      r".*_LAST|.*_USE_REGISTERED_RING|IORING_REGISTER_(FILES_SKIP|SRC_\w+|DST_\w+|CQWAIT_\w+)", None),
    "UringOperation": ("linux/io_uring.h", r"IORING_OP_\w+", "IORING_OP_LAST", lower("IORING_OP_")),
    "KeyCommand": ("linux/keyctl.h", r"KEYCTL_[A-Z_]+",
                   r"KEYCTL_(CAPS\d|SUPPORTS|MOVE_EXCL)\w*|KEYCTL_CAPS_\w+", None),
    "Reboot": ("linux/reboot.h", r"LINUX_REBOOT_CMD_\w+", "", None),
    "QuotaCommand": ("linux/quota.h linux/dqblk_xfs.h", r"Q_X?[A-Z]+", r"", None),
    "QuotaType": ("linux/quota.h", r"(USR|GRP|PRJ)QUOTA", "", None),
    "Ipc": ("linux/ipc.h", r"SEM[A-Z]+|MSG[A-Z]+|SHM[A-Z]+", "", lower("")),
    "MessageControl": (
        "linux/msg.h", r"IPC_(RMID|SET|STAT|INFO)|MSG_(STAT|INFO|STAT_ANY)", "", None),
    "SemaphoreControl": (
        "linux/sem.h",
        r"IPC_(RMID|SET|STAT|INFO)|GET(PID|VAL|ALL|NCNT|ZCNT)|SET(VAL|ALL)|SEM_(STAT|INFO|STAT_ANY)",
        "", None),
    "SharedControl": (
        "linux/shm.h", r"IPC_(RMID|SET|STAT|INFO)|SHM_(LOCK|UNLOCK|STAT|INFO|STAT_ANY)", "", None),
    "SocketCall": ("linux/net.h", r"SYS_\w+", "", lower("SYS_")),
    "SocketType": ("sys/socket.h", r"SOCK_[A-Z]+", "SOCK_(CLOEXEC|NONBLOCK|NOSIZE)", None),
    "SocketLevel": ("sys/socket.h linux/netlink.h", r"SOL_\w+", "", None),
    "SocketOption": (
        "asm/socket.h", r"SO_[A-Z_]+",
        r"SO_(GET_FILTER|DETACH_BPF|RCVTIMEO_NEW|SNDTIMEO_NEW)" r"|SO_.*_(SYSCALLS|HDR)",
                     lambda name: re.sub("_OLD$", "", name)),
    "IpOption": ("linux/in.h linux/netfilter_ipv4/ip_tables.h", r"(IP|MCAST|IPT_SO)_[A-Z_0-9]+",
                 r"IP_(PMTUDISC|DEFAULT|MAX|DF|MF|OFFSET|RECVRETOPTS|CE).*|MCAST_(IN|EX)CLUDE|IPT_SO_GET_(MAX|INFO|ENTRIES)|IPT_SO_SET_MAX", None),
    "Ip6Option": (
        "linux/in6.h linux/netfilter_ipv6/ip6_tables.h", r"(IPV6|MCAST|IP6T_SO)_[A-Z_0-9]+",
                  r"IPV6_(FL|PRIORITY|TLV|PMTUDISC|PREFER|OPTIONS)_\w+|IPV6_FLOWINFO_(FLOWLABEL|PRIORITY)|MCAST_(IN|EX)CLUDE|IPV6_OPT_\w+"
                  r"|IPV6_(ADD|DROP)_MEMBERSHIP_\w+|IP6T_SO_GET_(MAX|INFO|ENTRIES)|IP6T_SO_SET_MAX|IPV6_SRCRT_\w+", None),
    "TcpOption": ("linux/tcp.h", r"TCP_[A-Z0-9_]+",
                  r"TCP_(FLAG|MSS|S_DATA|NLA|CA|ESTABLISHED|SYN_|FIN_|CLOSE|TIME_WAIT|LAST|LISTEN|CLOSING|NEW|NO_QUEUE|RECV_QUEUE|SEND_QUEUE|QUEUES_NR"
                  r"|REPAIR_(ON|OFF|NO)|RECEIVE|MD5SIG_(MAX|FLAG)|AO_(MAX|KEYF)|DATA_OFFSET|RESERVED|FASTOPEN_CLIENT|RTO_M|CM_|FASTOPEN_S|CE|ACCECN).*", None),
    "UdpOption": ("linux/udp.h", r"UDP_[A-Z0-9_]+", r"UDP_ENCAP_.*", None),
    "PacketOption": ("linux/if_packet.h", r"PACKET_[A-Z_0-9]+",
                     r"PACKET_(HOST|BROADCAST|MULTICAST|OTHERHOST|OUTGOING|LOOPBACK|USER|KERNEL|FASTROUTE|MR_\w+|FANOUT_(?!DATA)\w+)", None),
    "NetlinkOption": (
        "linux/netlink.h",
        r"NETLINK_(ADD|DROP|PKTINFO|BROADCAST|NO_ENOBUFS|RX|TX|LISTEN|LIST|CAP|EXT|GET)\w*", "",
        None),
    "NetlinkProtocol": ("linux/netlink.h", r"NETLINK_[A-Z_0-9]+",
                        r"NETLINK_((ADD|DROP|PKTINFO|BROADCAST|NO_ENOBUFS|RX|TX|LISTEN|LIST|CAP|EXT|GET)\w*|INET_DIAG|UNCONNECTED|CONNECTED)", None),
    "NetfilterProtocol": ("linux/netfilter.h", r"NFPROTO_\w+", "NFPROTO_NUMPROTO",
                          lambda name: {"NFPROTO_UNSPEC": "unspecified"}.get(name, lower("NFPROTO_")(name))),
    "Hook": (
        "linux/netfilter.h linux/netfilter_bridge.h", r"NF_(INET|BR)_[A-Z_]+",
        r"NF_\w+_NUMHOOKS|NF_INET_INGRESS|NF_BR_PRI_\w+",
             lambda name: re.sub("^NF_(INET|BR)_", "", name.replace("PRE_", "PRE").replace("POST_", "POST")
                                 .replace("LOCAL_IN", "INPUT").replace("LOCAL_OUT", "OUTPUT"))),
    "NetfilterAction": (
        "linux/netfilter/xt_AUDIT.h", r"XT_AUDIT_TYPE_\w+", r".*__.*",
        lambda name: name.removeprefix("XT_AUDIT_TYPE_")),
    "FanotifyResponse": ("linux/fanotify.h", r"FAN_(ALLOW|DENY)", "", lower("FAN_")),
    "RuleList": ("linux/audit.h", r"AUDIT_FILTER_\w+", r"AUDIT_FILTER_(PREPEND|WATCH|ENTRY)",
                 lambda name: {"FS": "filesystem", "URING_EXIT": "io_uring"}.get(
                     name.removeprefix("AUDIT_FILTER_"), lower("AUDIT_FILTER_")(name))),
    "Advice": ("linux/mman.h", r"MADV_\w+", r"", None),
    "ArchOption": ("asm/prctl.h", r"ARCH_[A-Z_0-9]+", r"ARCH_SHSTK_.*", None),
    "Membarrier": (
        "linux/membarrier.h", r"MEMBARRIER_CMD_\w+", r"MEMBARRIER_CMD_(SHARED|FLAG_.*)", None),
    "Comparison": ("linux/kcmp.h", r"KCMP_[A-Z]+", "KCMP_TYPES", None),
    "FutexOperation": ("linux/futex.h", r"FUTEX_[A-Z_]+",
                       r"FUTEX_(PRIVATE_FLAG|CLOCK_REALTIME|CMD_MASK|WAITERS|OWNER_DIED|TID_MASK|BITSET_MATCH_ANY|OP_\w+|\w+_PRIVATE|WAITV_MAX|NUMA|MPOL|NO_NODE|ROBUST_UNLOCK)", None),
    "LandlockRule": ("linux/landlock.h", r"LANDLOCK_RULE_\w+", "", None),
    "IdType": ("linux/wait.h", r"P_[A-Z]+", "", None),
    "Priority": ("linux/resource.h", r"PRIO_(PROCESS|PGRP|USER)", "", None),
    "Usage": ("linux/resource.h", r"RUSAGE_[A-Z]+", "RUSAGE_(BOTH|CHILDREN)", None),
    "Timer": ("linux/time.h", r"ITIMER_\w+", "", None),
    "MaskChange": ("asm/signal.h", r"SIG_(UN)?(BLOCK|SETMASK)", "", None),
    "KeyRing": ("linux/keyctl.h", r"KEY_SPEC_\w+", "", None),
    "AmbientOperation": ("linux/prctl.h", r"PR_CAP_AMBIENT_\w+", "", None),
}

# The kernel's names that no exported header has, or that ausearch spells otherwise.
EXTRA = {
    "Signal": {0: "SIG0"},  # kill(pid, 0)
    "Scheduler": {0: "SCHED_OTHER"},  # POSIX for SCHED_NORMAL
    "FileCommand": {12: "F_GETLK64", 13: "F_SETLK64", 14: "F_SETLKW64"},  # 32-bit fcntl64
    "IoctlRequest": {0x541B: "TIOCINQ", 0x5311: "CDROM_GET_UPC"},  # of two spellings
    "Usage": {0xFFFFFFFF: "RUSAGE_CHILDREN"},
    "SocketLevel": {1: "SOL_SOCKET", 256: "SOL_IPX", 257: "SOL_AX25", 258: "SOL_ATALK", 259: "SOL_NETROM",
                    260: "SOL_ROSE", 287: "SOL_VSOCK"},  # linux/include/linux/socket.h
    "ExitStatus": {0: "EXIT_SUCCESS", 1: "EXIT_FAILURE"},  # C
    "Shutdown": {0: "SHUT_RD", 1: "SHUT_WR", 2: "SHUT_RDWR"},  # linux/include/linux/net.h
    # linux/include/linux/syslog.h
    "SyslogAction": {0: "SYSLOG_ACTION_CLOSE", 1: "SYSLOG_ACTION_OPEN", 2: "SYSLOG_ACTION_READ",
                     3: "SYSLOG_ACTION_READ_ALL", 4: "SYSLOG_ACTION_READ_CLEAR", 5: "SYSLOG_ACTION_CLEAR",
                     6: "SYSLOG_ACTION_CONSOLE_OFF", 7: "SYSLOG_ACTION_CONSOLE_ON",
                     8: "SYSLOG_ACTION_CONSOLE_LEVEL", 9: "SYSLOG_ACTION_SIZE_UNREAD",
                     10: "SYSLOG_ACTION_SIZE_BUFFER"},
    "Trust": {0: "no", 1: "yes", 2: "unknown"},  # linux/kernel/auditsc.c, __audit_fanotify()
    "FanotifyInfo": {0: "none", 1: "rule_info"},  # FAN_RESPONSE_INFO_*
    "MulticastGroup": {0: "audit-none", 1: "audit-netlink-multicast"},  # AUDIT_NLGRP_*
    "MacProtocol": {0x0800: "IP", 0x0806: "ARP", 0x86DD: "IPV6"},  # ETH_P_*
    # ICMP_* of linux/icmp.h, in the words of RFC 792 and RFC 950
    "IcmpType": {0: "echo-reply", 3: "destination-unreachable", 4: "source-quench", 5: "redirect",
                 8: "echo", 11: "time-exceeded", 12: "parameter-problem", 13: "timestamp-request",
                 14: "timestamp-reply", 15: "info-request", 16: "info-reply",
                 17: "address-mask-request", 18: "address-mask-reply"},
}

FLAGS = {
    "Protection": ("linux/mman.h", r"PROT_\w+", "PROT_NONE|PROT_(SAO|BTI|MTE)", None),
    "Mapping": (
        "linux/mman.h", r"MAP_[A-Z_0-9]+",
        r"MAP_(FILE|TYPE|SHARED_VALIDATE|DROPPABLE|ABOVE4G|HUGE_.*)", None),
    "Message": ("sys/socket.h", r"MSG_[A-Z_]+", r"MSG_TRYHARD", None),
    "Mount": ("linux/mount.h", r"MS_[A-Z_0-9]+", r"MS_(RMT_MASK|MGC_\w+|VERBOSE)", None),
    "Unmount": (None, "", "", None),
    "Clone": (
        "linux/sched.h", r"CLONE_\w+",
        r"CLONE_(CLEAR_SIGHAND|INTO_CGROUP|ARGS_\w+|NEWTIME|AUTOREAP|NNP|PIDFD_AUTOKILL|EMPTY_MNTNS)",
        None),
    "Namespace": ("linux/sched.h", r"CLONE_(NEW\w+|FS|FILES|SYSVSEM|VM|SIGHAND|THREAD)", "", None),
    "Access": ("unistd.h", r"[RWX]_OK", "", None),
    "Resolve": ("linux/openat2.h", r"RESOLVE_\w+", "", None),
    "SocketType": ("sys/socket.h", r"SOCK_(CLOEXEC|NONBLOCK)", "", None),
    "Shared": (None, "", "", None),
    "At": (
        "linux/fcntl.h", r"AT_[A-Z_]+",
        r"AT_(FDCWD|REMOVEDIR|EACCESS|STATX_\w+|RENAME_\w+|HANDLE_\w+|EXECVE_\w+|RECURSIVE)",
        None),
    "AtAccess": ("linux/fcntl.h", r"AT_(EACCESS|SYMLINK_NOFOLLOW|EMPTY_PATH)", "", None),
    "AtUnlink": ("linux/fcntl.h", r"AT_REMOVEDIR", "", None),
    "AtStat": (
        "linux/fcntl.h",
        r"AT_(SYMLINK_NOFOLLOW|EMPTY_PATH|NO_AUTOMOUNT|STATX_FORCE_SYNC|STATX_DONT_SYNC)", "",
        None),
    "AtTree": (
        "linux/fcntl.h", r"AT_(SYMLINK_NOFOLLOW|EMPTY_PATH|NO_AUTOMOUNT|RECURSIVE)", "", None),
    "OpenTree": (
        "linux/mount.h linux/fcntl.h",
        r"OPEN_TREE_\w+|AT_(SYMLINK_NOFOLLOW|EMPTY_PATH|NO_AUTOMOUNT|RECURSIVE)",
        "OPEN_TREE_(CLOEXEC|NAMESPACE)", None),
    "StatMask": (
        "linux/stat.h", r"STATX_[A-Z_]+", r"STATX_(ATTR_\w+|BASIC_STATS|ALL|_RESERVED)|STATX__.*",
        None),
    "FsOpen": ("linux/mount.h", r"FSOPEN_\w+", "", None),
    "FsMount": ("linux/mount.h", r"FSMOUNT_\w+", "", None),
    "FsPick": ("linux/mount.h", r"FSPICK_\w+", "", None),
    "MountAttribute": (
        "linux/mount.h", r"MOUNT_ATTR_\w+", r"MOUNT_ATTR_(_ATIME|SIZE_.*|_.*|RELATIME)", None),
    "MemoryFile": ("linux/memfd.h", r"MFD_\w+", r"MFD_HUGE_.*", None),
    "ModuleInit": ("linux/module.h", r"MODULE_INIT_\w+", "", None),
    "LandlockRuleset": ("linux/landlock.h", r"LANDLOCK_CREATE_RULESET_\w+", "", None),
    "LandlockRestrict": ("linux/landlock.h", r"LANDLOCK_RESTRICT_SELF_\w+", "", None),
    "FanotifyInit": (
        "linux/fanotify.h",
        r"FAN_(CLOEXEC|NONBLOCK|CLASS_CONTENT|CLASS_PRE_CONTENT|UNLIMITED_\w+|ENABLE_AUDIT|REPORT_\w+)",
        r"FAN_REPORT_(DFID_NAME|DFID_NAME_TARGET)", None),
    "FanotifyMark": ("linux/fanotify.h", r"FAN_MARK_\w+", r"FAN_MARK_(INODE|IGNORE_SURV)", None),
    "InotifyInit": ("linux/inotify.h", r"IN_(CLOEXEC|NONBLOCK)", "", None),
    "InotifyMask": (
        "linux/inotify.h", r"IN_[A-Z_]+", r"IN_(CLOSE|MOVE|ALL_EVENTS|CLOEXEC|NONBLOCK)", None),
    "Sync": ("linux/mman.h", r"MS_(ASYNC|SYNC|INVALIDATE)", "", None),
    "Remap": ("linux/mman.h", r"MREMAP_\w+", "", None),
    "LockAll": ("linux/mman.h", r"MCL_\w+", "", None),
    "Lock2": ("linux/mman.h", r"MLOCK_ONFAULT", "", None),
    "Random": ("linux/random.h", r"GRND_\w+", "", None),
    "CloseRange": ("linux/close_range.h", r"CLOSE_RANGE_\w+", "", None),
    "FileLock": ("linux/fcntl.h", r"LOCK_[A-Z]+", "LOCK_(MAND|READ|WRITE|RW)", None),
    "Kexec": (
        "linux/kexec.h", r"KEXEC_[A-Z_]+", r"KEXEC_(ARCH_.*|FILE_.*|SEGMENT_MAX|TYPE_\w+)", None),
    "KexecFile": ("linux/kexec.h", r"KEXEC_FILE_\w+", "", None),
    "SeccompFilter": ("linux/seccomp.h", r"SECCOMP_FILTER_FLAG_\w+", "", None),
    "EventFd": ("linux/eventfd.h", r"EFD_\w+", "", None),
    "EpollCreate": ("linux/eventpoll.h", r"EPOLL_CLOEXEC", "", None),
    "PipeOpen": ("linux/fcntl.h", r"O_(CLOEXEC|NONBLOCK|DIRECT|EXCL)", "", None),
    "TimerFd": ("linux/timerfd.h", r"TFD_(CLOEXEC|NONBLOCK)", "", None),
    "TimerSet": ("linux/time.h", r"TIMER_ABSTIME", "", None),
    "UserFault": (
        "linux/userfaultfd.h linux/fcntl.h", r"UFFD_USER_MODE_ONLY|O_(CLOEXEC|NONBLOCK)", "",
        None),
    "SignalFd": ("linux/signalfd.h", r"SFD_(CLOEXEC|NONBLOCK)", "", None),
    "FileSeal": ("linux/fcntl.h", r"F_SEAL_\w+", "", None),
    "FileNotify": ("linux/fcntl.h", r"DN_[A-Z]+", "", None),
    "UringEnter": ("linux/io_uring.h", r"IORING_ENTER_\w+", "", None),
    "Wait": (
        "linux/wait.h", r"W(NOHANG|UNTRACED|STOPPED|EXITED|CONTINUED|NOWAIT)", "WUNTRACED", None),
    "TraceOption": ("linux/ptrace.h", r"PTRACE_O_\w+", "PTRACE_O_MASK", None),
    "PerfFlags": ("linux/perf_event.h", r"PERF_FLAG_\w+", "", None),
    "PidFdOpen": ("linux/pidfd.h", r"PIDFD_(NONBLOCK|THREAD)", "", None),
    "PidFdSignal": ("linux/pidfd.h", r"PIDFD_SIGNAL_\w+", "", None),
    "Personality": ("linux/personality.h", r"[A-Z_]+[A-Z0-9_]*", r"PER_\w+|_.*", None),
    "Swap": (None, "", "", None),
}
FLAGS_EXTRA = {
    # linux/include/linux/fs.h; the last two are no longer used
    "Unmount": {0: "MNT_FORCE", 1: "MNT_DETACH", 2: "MNT_EXPIRE", 3: "UMOUNT_NOFOLLOW", 31: "UMOUNT_UNUSED"},
    # linux/include/linux/socket.h
    "Message": {17: "MSG_SENDPAGE_NOTLAST", 19: "MSG_NO_SHARED_FRAGS", 20: "MSG_SENDPAGE_DECRYPTED",
                25: "MSG_SOCK_DEVMEM", 27: "MSG_SPLICE_PAGES", 31: "MSG_CMSG_COMPAT"},
    "Mount": {27: "MS_NOREMOTELOCK"},
    "Clone": {12: "CLONE_PIDFD", 25: "CLONE_NEWCGROUP"},
    "Namespace": {7: "CLONE_NEWTIME"},
    # IPC_CREAT, IPC_EXCL, IPC_NOWAIT of linux/ipc.h, SHM_* of linux/shm.h
    "Shared": {9: "IPC_CREAT", 10: "IPC_EXCL", 11: "SHM_HUGETLB", 12: "SHM_NORESERVE"},
    "OpenTree": {19: "OPEN_TREE_CLOEXEC"},
    # linux/include/linux/swap.h
    "Swap": {15: "SWAP_FLAG_PREFER", 16: "SWAP_FLAG_DISCARD", 17: "SWAP_FLAG_DISCARD_ONCE", 18: "SWAP_FLAG_DISCARD_PAGES"},
    "Mapping": {26: "MAP_UNINITIALIZED"},
}
# Without the access mode, which is no flag. O_SYNC and O_TMPFILE are two bits each, one of them
# __O_SYNC or __O_TMPFILE; O_ASYNC is the C library's name of FASYNC.
OPEN = r"(__)?O_[A-Z]+"
OPEN_OUT = r"O_(ACCMODE|RDONLY|WRONLY|RDWR|SYNC|TMPFILE|NDELAY)|FASYNC"


def evaluate(headers, libc, spec):
    files, pattern, out, spell = spec
    if not files:
        return []
    includes = "".join(f"#include <{name}>\n" for name in files.split())
    source = libc if is_libc(files) else headers
    if pattern is None:  # the commands of bpf(): their names have no common prefix of their own
        text = source.preprocess(includes)
        body = re.search(r"enum bpf_cmd \{(.*?)__MAX_BPF_CMD", text, re.S)[1]
        names = re.findall(r"(\w+)(?: = \w+)?,", body)
    else:
        names = source.names(includes, pattern)
    names = [name for name in names if not (out and re.fullmatch(out, name))]
    if files == "linux/prctl.h" and pattern.startswith("PR_[A-Z"):
        names = [name for name in names if name in options_of_prctl(source)]
    values = source.values(includes, names)
    if "asm/ioctls.h" in files.split():  # of the few below, most are flags and not requests
        values = {name: value for name, value in values.items() if value >= 0x1000}
    return [(value, spell(name) if spell else name) for name, value in values.items()]


def is_libc(files):
    return any(name.startswith(("sys/", "unistd")) for name in files.split())


def options_of_prctl(source):
    """The header indents the values of an option's arguments behind the #."""
    for folder in source.folders:
        path = pathlib.Path(folder) / "linux/prctl.h"
        if path.exists():
            return set(re.findall(r"^#define (PR_\w+)", path.read_text(), re.M))
    return set()


def table(entries, extra):
    found = dict(extra)
    for value, name in entries:
        if value < 1 << 32:
            found.setdefault(value, name)
    return sorted(found.items())


def bits_of(entries, extra):
    """Flags by the number of their bit; what is no single bit is left out."""
    bits = [(value.bit_length() - 1, name) for value, name in entries
            if value and value & (value - 1) == 0 and value < 1 << 32]
    return table(bits, extra)


def begin(name):
    return f"SORREL_TABLE({name})"


def write(path, sources, what, tables, hexadecimal):
    lines = [f"// Generated by tools/tables/meanings.py from {sources}.", f"// {what}"]
    for name, entries in tables.items():
        if not entries:
            sys.exit(f"{name}: no names")
        lines.append(begin(name))
        lines += [f'SORREL_NAME({value:#x}, "{text}")' if hexadecimal else f'SORREL_NAME({value}, "{text}")'
                  for value, text in entries]
        lines.append("SORREL_TABLE_END")
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.name}: {sum(map(len, tables.values()))} names in {len(tables)} tables")


def protocols():
    entries = []
    for line in pathlib.Path("/etc/protocols").read_text().splitlines():
        words = line.partition("#")[0].split()
        if len(words) >= 2:
            entries.append((int(words[1]), words[0]))
    return table(entries, {})


def personalities(headers):
    names = headers.names("#include <linux/personality.h>\n", r"PER_\w+")
    values = headers.values("#include <linux/personality.h>\n", [n for n in names if n != "PER_MASK"])
    return table([(value & 0xFF, name) for name, value in sorted(values.items(), key=lambda v: v[1])], {})


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("output", type=pathlib.Path)
    arguments.add_argument("--linux", metavar="DIR@VERSION")
    arguments.add_argument("--asm", action="append", default=[], metavar="ARCH=DIR@VERSION")
    options = arguments.parse_args()
    folder, _, version = (options.linux or "").partition("@")
    sources = [version_of("linux-libc-dev"), version_of("libc6-dev")]
    if folder:
        sources.insert(0, f"linux {version}")
    headers = Headers([SYSTEM[0], folder] if folder else [])  # asm/ is that of linux-libc-dev
    libc = Headers([])

    numbers = {name: table(evaluate(headers, libc, spec), EXTRA.get(name, {})) for name, spec in NUMBERS.items()}
    for name, extra in EXTRA.items():
        if name not in NUMBERS:
            numbers[name] = table([], extra)
    numbers["Personality"] = personalities(headers)
    write(options.output / "numbers.inc", ", ".join(sources),
          "Tables of names by number: SORREL_NAME(number, name), ascending.", numbers, True)

    flags = {name: bits_of(evaluate(headers, libc, spec), FLAGS_EXTRA.get(name, {}))
             for name, spec in FLAGS.items()}
    opens = {"Open": headers}
    for item in options.asm:
        arch, _, place = item.partition("=")
        place, _, version = place.partition("@")
        sources.append(f"linux-libc-dev-{arch}-cross {version}")
        foreign = Headers([place])
        opens["Open" + {"aarch64": "Arm", "ppc64le": "Ppc"}[arch]] = foreign
        if arch == "ppc64le":
            flags["MappingPpc"] = bits_of(evaluate(foreign, libc, FLAGS["Mapping"]), {})
    for name, source in opens.items():
        flags[name] = bits_of(evaluate(source, libc, ("asm/fcntl.h", OPEN, OPEN_OUT, None)), {13: "O_ASYNC"})
    write(options.output / "flags.inc", ", ".join(sources),
          "Tables of flags by the number of their bit: SORREL_NAME(bit, name), ascending.", flags, False)
    write(options.output / "protocols.inc", version_of("netbase"),
          "Names of /etc/protocols by number.", {"Protocol": protocols()}, False)


if __name__ == "__main__":
    main()
