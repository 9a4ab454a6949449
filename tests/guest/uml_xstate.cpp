// Lets user-mode Linux run on a CPU whose register state is larger than its buffer (AMX: 11 KB).
// UML 6.1 keeps 2696 bytes of a guest process's xstate and hands them back with PTRACE_SETREGSET; a
// host kernel takes the whole state or nothing and answers EFAULT, which panics the guest when it
// starts init. Preloaded into linux.uml, this puts UML's bytes over the process's present state, so
// SSE, AVX and AVX-512 registers travel as they should. What lies behind them (AMX tiles) is not
// saved by UML: a guest program must not use it.
// Source: linux/arch/x86/kernel/fpu/regset.c, xstateregs_set(); arch/um/os-Linux/registers.c.
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>
#include <cstring>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

namespace {

// Larger than any state a CPU of today has; the kernel says how much of it is used.
constexpr std::size_t kMaxState = 64 * 1024;

long kernel_ptrace(long request, pid_t pid, void* address, void* data) {
  return syscall(SYS_ptrace, request, pid, address, data);
}

// PTRACE_SETREGSET with the whole state: the present one, under the bytes of `part`.
long set_state(pid_t pid, void* address, const iovec& part) {
  alignas(64) static thread_local unsigned char state[kMaxState];
  iovec whole = {state, sizeof state};
  if (kernel_ptrace(PTRACE_GETREGSET, pid, address, &whole) != 0) return -1;
  if (part.iov_len >= whole.iov_len) {
    errno = EFAULT;
    return -1;
  }
  std::memcpy(state, part.iov_base, part.iov_len);
  return kernel_ptrace(PTRACE_SETREGSET, pid, address, &whole);
}

}  // namespace

// What glibc's ptrace() does, with its wrapper's rule for the PEEK requests.
extern "C" __attribute__((visibility("default"))) long ptrace(enum __ptrace_request request, ...) {
  va_list arguments;
  va_start(arguments, request);
  const pid_t pid = va_arg(arguments, pid_t);
  void* address = va_arg(arguments, void*);
  void* data = va_arg(arguments, void*);
  va_end(arguments);

  if (request >= PTRACE_PEEKTEXT && request <= PTRACE_PEEKUSER) {
    long word = 0;
    const long result = kernel_ptrace(request, pid, address, &word);
    if (result != 0) return result;
    errno = 0;
    return word;
  }
  const long result = kernel_ptrace(request, pid, address, data);
  const bool state_refused = result != 0 && errno == EFAULT && request == PTRACE_SETREGSET &&
                             reinterpret_cast<long>(address) == NT_X86_XSTATE && data != nullptr;
  return state_refused ? set_state(pid, address, *static_cast<const iovec*>(data)) : result;
}
