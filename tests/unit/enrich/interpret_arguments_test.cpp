#include <cstdio>
#include <string>

#include "catch.h"
#include "interpreted.h"
#include "record/tables/arch.h"
#include "record/tables/syscalls.h"

namespace sorrel::enrich {
namespace {

namespace arch = record::arch;

std::string hex(std::uint64_t number) {
  char digits[20];
  std::snprintf(digits, sizeof digits, "%llx", static_cast<unsigned long long>(number));
  return digits;
}

// "arch=c000003e syscall=257 a0=ffffff9c ..."
std::string syscall_body(std::uint32_t arch, std::string_view call, std::string_view arguments) {
  const std::optional<std::uint32_t> number = record::syscall_number(arch, call);
  REQUIRE(number);
  return "arch=" + hex(arch) + " syscall=" + std::to_string(*number) + " success=yes exit=0 " +
         std::string(arguments);
}

std::string argument(std::uint32_t arch, std::string_view call, std::string_view arguments,
                     std::string_view key) {
  const std::string body = syscall_body(arch, call, arguments);
  return test::interpreted(record::type::kSyscall, body, key, body);
}

struct Row {
  std::string_view call;
  std::string_view arguments;
  std::string_view key;
  std::string_view meaning;
};

std::optional<IdArgument> id_of(std::uint32_t arch, std::string_view call,
                                std::string_view arguments, record::KeyId key) {
  record::Parser parser;
  const test::ParsedBody record(parser, record::type::kSyscall, syscall_body(arch, call, arguments),
                                record::Origin::text);
  const std::vector<record::Field> fields = record.fields();
  for (const record::Field& field : fields)
    if (field.key_id == key) return argument_id(field, CallContext::of(fields));
  return std::nullopt;
}

}  // namespace

// ausearch 3.0.9 says the same, where it says anything.
TEST_CASE("the arguments of a call are named", "[interpret]") {
  const Row row = GENERATE(values<Row>({
      {"open", "a0=7f a1=0 a2=1b6 a3=0", "a1", "O_RDONLY"},
      {"open", "a0=7f a1=80241 a2=1b6 a3=0", "a1", "O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC"},
      {"open", "a0=7f a1=80241 a2=1b6 a3=0", "a2", "0666"},
      {"open", "a0=7f a1=0 a2=1b6 a3=0", "a2", ""},
      {"open", "a0=7f a1=101002 a2=0 a3=0", "a1", "O_RDWR|O_DSYNC|__O_SYNC"},
      {"open", "a0=7f a1=3 a2=0 a3=0", "a1", "O_WRONLY|O_RDWR"},
      {"open", "a0=7f a1=4 a2=0 a3=0", "a1", "O_RDONLY|0x4"},
      {"openat", "a0=ffffff9c a1=7f a2=80000 a3=0", "a0", "AT_FDCWD"},
      {"openat", "a0=ffffffffffffff9c a1=7f a2=80000 a3=0", "a0", "AT_FDCWD"},
      {"openat", "a0=3 a1=7f a2=80000 a3=0", "a0", ""},
      {"openat", "a0=ffffff9c a1=7f a2=80000 a3=0", "a1", ""},
      {"openat", "a0=ffffff9c a1=7f a2=80000 a3=0", "a2", "O_RDONLY|O_CLOEXEC"},
      {"openat", "a0=ffffff9c a1=7f a2=410002 a3=180", "a3", "0600"},
      {"openat2", "a0=ffffff9c a1=7f a2=7f a3=18", "a0", "AT_FDCWD"},
      {"creat", "a0=7f a1=1a4 a2=0 a3=0", "a1", "0644"},
      {"access", "a0=7f a1=0 a2=0 a3=0", "a1", "F_OK"},
      {"access", "a0=7f a1=5 a2=0 a3=0", "a1", "X_OK|R_OK"},
      {"faccessat2", "a0=ffffff9c a1=7f a2=4 a3=200", "a3", "AT_EACCESS"},
      {"chmod", "a0=7f a1=9ed a2=0 a3=0", "a1", "suid,0755"},
      {"fchmodat", "a0=ffffff9c a1=7f a2=1ff a3=0", "a2", "0777"},
      {"mkdir", "a0=7f a1=1ed a2=0 a3=0", "a1", "0755"},
      {"mknod", "a0=7f a1=61b0 a2=800 a3=0", "a1", "block,660"},
      {"mknodat", "a0=3 a1=7f a2=61b0 a3=800", "a2", "block,660"},
      {"umask", "a0=12 a1=0 a2=0 a3=0", "a0", "0022"},
      {"socket", "a0=2 a1=1 a2=6 a3=0", "a0", "inet"},
      {"socket", "a0=2 a1=80801 a2=6 a3=0", "a1", "SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC"},
      {"socket", "a0=2 a1=1 a2=6 a3=0", "a2", "tcp"},
      {"socket", "a0=a a1=3 a2=3a a3=0", "a2", "ipv6-icmp"},
      {"socket", "a0=10 a1=3 a2=9 a3=0", "a2", "NETLINK_AUDIT"},
      {"socket", "a0=1 a1=1 a2=0 a3=0", "a2", ""},
      {"socket", "a0=1ffffff a1=f a2=0 a3=0", "a0", ""},
      {"setsockopt", "a0=3 a1=1 a2=2 a3=7f", "a1", "SOL_SOCKET"},
      {"setsockopt", "a0=3 a1=1 a2=2 a3=7f", "a2", "SO_REUSEADDR"},
      {"setsockopt", "a0=3 a1=0 a2=40 a3=7f", "a2", "IPT_SO_SET_REPLACE"},
      {"getsockopt", "a0=3 a1=0 a2=40 a3=7f", "a2", "IPT_SO_GET_INFO"},
      {"setsockopt", "a0=3 a1=6 a2=1 a3=7f", "a1", "tcp"},
      {"setsockopt", "a0=3 a1=6 a2=1 a3=7f", "a2", "TCP_NODELAY"},
      {"setsockopt", "a0=3 a1=29 a2=1a a3=7f", "a2", "IPV6_V6ONLY"},
      {"setsockopt", "a0=3 a1=107 a2=1 a3=7f", "a2", "PACKET_ADD_MEMBERSHIP"},
      {"setsockopt", "a0=3 a1=10e a2=1 a3=7f", "a2", "NETLINK_ADD_MEMBERSHIP"},
      {"setsockopt", "a0=3 a1=11 a2=64 a3=7f", "a2", "UDP_ENCAP"},
      {"setsockopt", "a0=3 a1=fff a2=1 a3=7f", "a2", ""},
      {"clone", "a0=1200011 a1=0 a2=0 a3=7f", "a0",
       "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD"},
      {"clone", "a0=11 a1=0 a2=0 a3=7f", "a0", "SIGCHLD"},
      {"unshare", "a0=10020000 a1=0 a2=0 a3=0", "a0", "CLONE_NEWNS|CLONE_NEWUSER"},
      {"setns", "a0=3 a1=40000000 a2=0 a3=0", "a1", "CLONE_NEWNET"},
      {"mmap", "a0=0 a1=1000 a2=3 a3=22", "a2", "PROT_READ|PROT_WRITE"},
      {"mmap", "a0=0 a1=1000 a2=0 a3=22", "a2", "PROT_NONE"},
      {"mmap", "a0=0 a1=1000 a2=3 a3=22", "a3", "MAP_PRIVATE|MAP_ANONYMOUS"},
      {"mmap", "a0=0 a1=1000 a2=3 a3=3", "a3", "MAP_SHARED_VALIDATE"},
      {"mmap", "a0=0 a1=1000 a2=3 a3=20", "a3", "MAP_FILE|MAP_ANONYMOUS"},
      {"mmap", "a0=0 a1=1000 a2=3 a3=54040022", "a3",
       "MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|0x54000000"},
      {"mmap", "a0=0 a1=1000 a2=3 a3=5", "a3", ""},
      {"mprotect", "a0=0 a1=1000 a2=7 a3=0", "a2", "PROT_READ|PROT_WRITE|PROT_EXEC"},
      {"ptrace", "a0=10 a1=7b a2=0 a3=0", "a0", "PTRACE_ATTACH"},
      {"ptrace", "a0=4206 a1=7b a2=0 a3=100000", "a3", "PTRACE_O_EXITKILL"},
      {"ptrace", "a0=4 a1=7b a2=0 a3=1", "a3", ""},
      {"prctl", "a0=18 a1=15 a2=0 a3=0", "a0", "PR_CAPBSET_DROP"},
      {"prctl", "a0=18 a1=15 a2=0 a3=0", "a1", "sys_admin"},
      {"prctl", "a0=1 a1=9 a2=0 a3=0", "a1", "SIGKILL"},
      {"prctl", "a0=16 a1=2 a2=7f a3=0", "a1", "SECCOMP_MODE_FILTER"},
      {"prctl", "a0=2f a1=2 a2=c a3=0", "a1", "PR_CAP_AMBIENT_RAISE"},
      {"prctl", "a0=2f a1=2 a2=c a3=0", "a2", "net_admin"},
      {"prctl", "a0=f a1=7f a2=0 a3=0", "a1", ""},
      {"bpf", "a0=5 a1=7f a2=78 a3=0", "a0", "BPF_PROG_LOAD"},
      {"kill", "a0=7b a1=9 a2=0 a3=0", "a1", "SIGKILL"},
      {"kill", "a0=7b a1=0 a2=0 a3=0", "a1", "SIG0"},
      {"kill", "a0=7b a1=28 a2=0 a3=0", "a1", ""},
      {"tgkill", "a0=7b a1=7b a2=6 a3=0", "a2", "SIGABRT"},
      {"rt_sigaction", "a0=2 a1=0 a2=0 a3=8", "a0", "SIGINT"},
      {"mount", "a0=7f a1=7f a2=7f a3=1005", "a3", "MS_RDONLY|MS_NODEV|MS_BIND"},
      {"umount2", "a0=7f a1=2 a2=0 a3=0", "a1", "MNT_DETACH"},
      {"fcntl", "a0=3 a1=4 a2=802 a3=0", "a1", "F_SETFL"},
      {"fcntl", "a0=3 a1=4 a2=802 a3=0", "a2", "O_NONBLOCK"},
      {"fcntl", "a0=3 a1=2 a2=1 a3=0", "a2", "FD_CLOEXEC"},
      {"fcntl", "a0=3 a1=409 a2=f a3=0", "a2",
       "F_SEAL_SEAL|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE"},
      {"fcntl", "a0=3 a1=8 a2=1 a3=0", "a2", ""},
      {"ioctl", "a0=0 a1=5412 a2=7f a3=0", "a1", "TIOCSTI"},
      {"ioctl", "a0=0 a1=400454ca a2=7f a3=0", "a1", "TUNSETIFF"},
      {"personality", "a0=ffffffff a1=0 a2=0 a3=0", "a0", ""},
      {"personality", "a0=40000 a1=0 a2=0 a3=0", "a0", "PER_LINUX|ADDR_NO_RANDOMIZE"},
      {"seccomp", "a0=1 a1=1 a2=7f a3=0", "a0", "SECCOMP_SET_MODE_FILTER"},
      {"seccomp", "a0=1 a1=1 a2=7f a3=0", "a1", "SECCOMP_FILTER_FLAG_TSYNC"},
      {"seccomp", "a0=2 a1=1 a2=7f a3=0", "a1", ""},
      {"epoll_ctl", "a0=3 a1=1 a2=4 a3=7f", "a1", "EPOLL_CTL_ADD"},
      {"lseek", "a0=3 a1=0 a2=2 a3=0", "a2", "SEEK_END"},
      {"getrlimit", "a0=7 a1=7f a2=0 a3=0", "a0", "RLIMIT_NOFILE"},
      {"sched_setscheduler", "a0=0 a1=40000001 a2=7f a3=0", "a1", "SCHED_FIFO|SCHED_RESET_ON_FORK"},
      {"shmget", "a0=0 a1=1000 a2=3b6 a3=0", "a2", "IPC_CREAT|0666"},
      {"shmctl", "a0=0 a1=100 a2=0 a3=0", "a1", "IPC_RMID"},
      {"sendto", "a0=3 a1=7f a2=5 a3=4000", "a3", "MSG_NOSIGNAL"},
      {"recvmsg", "a0=3 a1=7f a2=40000000 a3=0", "a2", "MSG_CMSG_CLOEXEC"},
      {"recvmsg", "a0=3 a1=7f a2=0 a3=0", "a2", ""},
      {"clock_settime", "a0=0 a1=7f a2=0 a3=0", "a0", "CLOCK_REALTIME"},
      {"keyctl", "a0=2 a1=fffffffd a2=0 a3=0", "a0", "KEYCTL_UPDATE"},
      {"keyctl", "a0=2 a1=fffffffd a2=0 a3=0", "a1", "KEY_SPEC_SESSION_KEYRING"},
      {"keyctl", "a0=16 a1=ffffffff a2=0 a3=0", "a1", ""},
      {"fsconfig", "a0=3 a1=6 a2=0 a3=0", "a1", "FSCONFIG_CMD_CREATE"},
      {"io_uring_register", "a0=3 a1=2 a2=7f a3=1", "a1", "IORING_REGISTER_FILES"},
      {"landlock_add_rule", "a0=3 a1=1 a2=7f a3=0", "a1", "LANDLOCK_RULE_PATH_BENEATH"},
      {"memfd_create", "a0=7f a1=3 a2=0 a3=0", "a1", "MFD_CLOEXEC|MFD_ALLOW_SEALING"},
      {"finit_module", "a0=3 a1=7f a2=4 a3=0", "a2", "MODULE_INIT_COMPRESSED_FILE"},
      {"delete_module", "a0=7f a1=800 a2=0 a3=0", "a1", "O_NONBLOCK"},
      {"quotactl", "a0=80000200 a1=7f a2=0 a3=0", "a0", "Q_QUOTAON|USRQUOTA"},
      {"reboot", "a0=fee1dead a1=28121969 a2=1234567 a3=0", "a2", "LINUX_REBOOT_CMD_RESTART"},
      {"futex", "a0=7f a1=80 a2=2 a3=0", "a1", "FUTEX_WAIT|FUTEX_PRIVATE_FLAG"},
      {"kexec_load", "a0=0 a1=0 a2=0 a3=3e0001", "a3", "KEXEC_ON_CRASH"},
      {"unlinkat", "a0=ffffff9c a1=7f a2=200 a3=0", "a2", "AT_REMOVEDIR"},
      {"exit_group", "a0=1 a1=0 a2=0 a3=0", "a0", "EXIT_FAILURE"},
      {"exit_group", "a0=2 a1=0 a2=0 a3=0", "a0", ""},
      {"execve", "a0=0 a1=1 a2=2 a3=3", "a1", ""},
      // bad rows
      {"open", "a0=7f a1= a2=0 a3=0", "a1", ""},
      {"open", "a0=7f a1=zz a2=0 a3=0", "a1", ""},
      {"open", "a0=7f a1=12345678901234567 a2=0 a3=0", "a1", ""},
      {"open", "a0=7f a1=-1 a2=0 a3=0", "a1", ""},
      {"kill", "a0=7b a1=0x9 a2=0 a3=0", "a1", ""},
      {"open", "a0=7f a2=1b6 a3=0", "a2", ""},
      {"prctl", "a1=15 a2=0 a3=0", "a1", ""},
  }));
  INFO(row.call << ' ' << row.arguments << ' ' << row.key);
  CHECK(argument(arch::kX86_64, row.call, row.arguments, row.key) == row.meaning);
}

TEST_CASE("flags whose bits differ by architecture follow the record's", "[interpret]") {
  constexpr std::string_view kArguments = "a0=ffffff9c a1=7f a2=14000 a3=0";
  CHECK(argument(arch::kX86_64, "openat", kArguments, "a2") == "O_RDONLY|O_DIRECT|O_DIRECTORY");
  CHECK(argument(arch::kAarch64, "openat", kArguments, "a2") == "O_RDONLY|O_DIRECTORY|O_DIRECT");
  CHECK(argument(arch::kPpc64le, "openat", kArguments, "a2") == "O_RDONLY|O_DIRECTORY|O_LARGEFILE");
  constexpr std::string_view kOption = "a0=3 a1=1 a2=10 a3=7f";
  CHECK(argument(arch::kX86_64, "setsockopt", kOption, "a2") == "SO_PASSCRED");
  CHECK(argument(arch::kPpc64le, "setsockopt", kOption, "a2") == "SO_RCVLOWAT");
  constexpr std::string_view kMapping = "a0=0 a1=1000 a2=1 a3=42";
  CHECK(argument(arch::kX86_64, "mmap", kMapping, "a3") == "MAP_PRIVATE|MAP_32BIT");
  CHECK(argument(arch::kPpc64le, "mmap", kMapping, "a3") == "MAP_PRIVATE|MAP_NORESERVE");
}

TEST_CASE("what socketcall multiplexes has the plan of the call that is meant", "[interpret]") {
  record::Parser parser;
  const test::ParsedBody outer(parser, record::type::kSyscall,
                               syscall_body(arch::kI386, "socketcall", "a0=1 a1=bf a2=0 a3=0"),
                               record::Origin::text);
  const test::ParsedBody inner(parser, 1304, "nargs=3 a0=10 a1=80003 a2=9", record::Origin::text);
  const std::vector<record::Field> call_fields = outer.fields();
  const std::vector<record::Field> fields = inner.fields();
  const CallContext call = CallContext::of(call_fields).of_socket_call(fields);
  InterpretationText room;
  REQUIRE(fields.size() == 4);
  CHECK(interpret(1304, fields[1], call, room) == "netlink");
  CHECK(interpret(1304, fields[2], call, room) == "SOCK_RAW|SOCK_CLOEXEC");
  CHECK(interpret(1304, fields[3], call, room) == "NETLINK_AUDIT");
  CHECK(argument(arch::kI386, "socketcall", "a0=3 a1=bf a2=0 a3=0", "a0") == "connect");
}

TEST_CASE("arguments that are ids are given as numbers", "[interpret]") {
  namespace key = record::key;
  const auto user = id_of(arch::kX86_64, "setuid", "a0=3e8 a1=0 a2=0 a3=0", key::kA0);
  REQUIRE(user);
  CHECK(user->id == 1000);
  CHECK_FALSE(user->is_group);
  const auto group = id_of(arch::kX86_64, "chown", "a0=7f a1=0 a2=ffffffff a3=0", key::kA2);
  REQUIRE(group);
  CHECK(group->id == 4294967295);
  CHECK(group->is_group);
  // -1 of a 64-bit register.
  CHECK(id_of(arch::kX86_64, "fchownat", "a0=3 a1=7f a2=ffffffffffffffff a3=5", key::kA2)->id ==
        4294967295);
  // 16-bit ids of old calls.
  CHECK(id_of(arch::kI386, "setuid", "a0=1ffff a1=0 a2=0 a3=0", key::kA0)->id == 4294967295);
  CHECK(id_of(arch::kI386, "setuid", "a0=103e8 a1=0 a2=0 a3=0", key::kA0)->id == 1000);
  CHECK(id_of(arch::kI386, "setuid32", "a0=103e8 a1=0 a2=0 a3=0", key::kA0)->id == 0x103e8);
  CHECK_FALSE(id_of(arch::kX86_64, "setuid", "a0=x a1=0 a2=0 a3=0", key::kA0));
  CHECK_FALSE(id_of(arch::kX86_64, "setuid", "a0=0 a1=0 a2=0 a3=0", key::kA1));
  CHECK_FALSE(id_of(arch::kX86_64, "open", "a0=0 a1=0 a2=0 a3=0", key::kA1));
  CHECK(argument(arch::kX86_64, "setuid", "a0=0 a1=0 a2=0 a3=0", "a0").empty());
}

TEST_CASE("a broken SYSCALL record is no context", "[interpret]") {
  for (const std::string_view body :
       {"", "arch=c000003e a0=ffffff9c a2=0", "syscall=257 arch=c000003e a0=ffffff9c",
        "arch=zz syscall=257 a0=ffffff9c", "arch=1c000003e syscall=257 a0=ffffff9c",
        "arch=c000003e syscall=x a0=ffffff9c", "arch=c000003e syscall=4294967553 a0=ffffff9c"}) {
    INFO(body);
    const std::string copy = std::string(body) + " a0=ffffff9c";
    CHECK(test::interpreted(record::type::kSyscall, copy, "a0", body).empty());
  }
}

}  // namespace sorrel::enrich
