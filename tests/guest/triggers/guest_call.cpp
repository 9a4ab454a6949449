// Makes system calls as they stand on the command line: the smallest harmless form of a technique.
// Copied under the name of another program, it is that program for a rule that compares files.
//
//   guest_call [--32] CALL [ARGUMENT...] [, CALL ...]
//
// With --32 the calls are those of i386, as a 32-bit program makes them (int 0x80).
// CALL is a name, or a number. An ARGUMENT is a number (decimal or 0x...), or
//   =TEXT     a pointer to TEXT            buffer       a pointer to 4 KiB of zeros
//   socket    a new TCP socket             inet         127.0.0.1, port 9, as a socket address
//   unix      a new UNIX socket            unix:PATH    a UNIX socket address
//   child     a process that waits         file:PATH    a descriptor, opened for reading and
//   writing
// What a call returns is of no interest: rules see refused calls too. Exit status 0.
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "record/tables/arch.h"
#include "record/tables/syscalls.h"

namespace {

alignas(16) char buffer[4096];
sockaddr_in inet_address = {};
sockaddr_un unix_address = {};

[[noreturn]] void fail(std::string_view what, std::string_view word) {
  std::fprintf(stderr, "guest_call: %.*s: '%.*s'\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(word.size()), word.data());
  std::exit(2);
}

long pointer(const void* address) {
  return static_cast<long>(std::bit_cast<std::uintptr_t>(address));
}

bool is_32_bit = false;

// Where a 32-bit call can point to: this program is linked to a low address, its stack is not.
const char* low_copy(const char* text) {
  static char arena[1 << 16];
  static std::size_t used = 0;
  const std::size_t size = std::strlen(text) + 1;
  if (used + size > sizeof arena) std::exit(2);
  char* const copy = arena + used;
  std::memcpy(copy, text, size);
  used += size;
  return copy;
}

// A process to be traced or read; it ends with this one.
long waiting_child() {
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) pause();
  }
  return child;
}

long argument(const char* word) {
  const std::string_view text = word;
  if (text[0] == '=') return pointer(low_copy(word + 1));
  if (text == "buffer") return pointer(buffer);
  if (text == "socket") return socket(AF_INET, SOCK_STREAM, 0);
  if (text == "unix") return socket(AF_UNIX, SOCK_STREAM, 0);
  if (text == "child") return waiting_child();
  if (text.starts_with("file:")) return open(word + 5, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (text == "inet") {
    inet_address.sin_family = AF_INET;
    inet_address.sin_port = htons(9);
    inet_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return pointer(&inet_address);
  }
  if (text.starts_with("unix:")) {
    unix_address.sun_family = AF_UNIX;
    std::strncpy(unix_address.sun_path, word + 5, sizeof unix_address.sun_path - 1);
    return pointer(&unix_address);
  }
  char* end = nullptr;
  const auto number = static_cast<long>(std::strtoull(word, &end, 0));
  if (end == word || *end != '\0') fail("no such argument", text);
  return number;
}

long call_number(const char* word) {
#if defined(__aarch64__)
  constexpr std::uint32_t kMachine = sorrel::record::arch::kAarch64;
#else
  constexpr std::uint32_t kMachine = sorrel::record::arch::kX86_64;
#endif
  const std::uint32_t machine = is_32_bit ? sorrel::record::arch::kI386 : kMachine;
  if (const auto number = sorrel::record::syscall_number(machine, word)) return *number;
  char* end = nullptr;
  const long given = std::strtol(word, &end, 10);
  if (end == word || *end != '\0') fail("no such system call", word);
  return given;
}

#if defined(__x86_64__)
// Source: linux/arch/x86/entry/entry_64_compat.S, entry_INT80_compat.
void call_32(long number, const long* values) {
  asm volatile(
      "push %%rbp\n\t"
      "mov %[last], %%ebp\n\t"
      "int $0x80\n\t"
      "pop %%rbp"
      : "+a"(number)
      : "b"(values[0]), "c"(values[1]), "d"(values[2]), "S"(values[3]),
        "D"(values[4]), [last] "r"(static_cast<int>(values[5]))
      : "memory", "cc", "r8", "r9", "r10", "r11");
}
#else
void call_32(long, const long*) {
  fail("no 32-bit calls on this machine", "--32");
}
#endif

void call(long number, const long* values) {
  if (is_32_bit) return call_32(number, values);
  syscall(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}

}  // namespace

int main(int argc, char** argv) {
  is_32_bit = argc > 1 && std::string_view(argv[1]) == "--32";
  for (int i = is_32_bit ? 2 : 1; i < argc; ++i) {
    const long number = call_number(argv[i]);
    long values[6] = {};
    for (int n = 0; ++i < argc && std::string_view(argv[i]) != ",";) {
      if (n == 6) fail("more than six arguments", argv[i]);
      values[n++] = argument(argv[i]);
    }
    // A process that the call makes (clone, fork) has nothing to do here.
    const pid_t self = getpid();
    call(number, values);
    if (getpid() != self) _exit(0);
  }
  return 0;
}
