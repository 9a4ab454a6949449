#include "sink/secret_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.h"

namespace sorrel::sink {
namespace {

constexpr std::size_t kMaxSecretBytes = 16u << 10;

bool is_plain(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
}

}  // namespace

Result<std::string> read_secret(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno(errno, "cannot read the secret in " + path);
  std::string text(kMaxSecretBytes, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, "cannot read the secret in " + path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty() || size == kMaxSecretBytes || !std::all_of(text.begin(), text.end(), is_plain)) {
    return fail(std::errc::invalid_argument,
                path + " must hold one line with a secret, and nothing else");
  }
  return text;
}

}  // namespace sorrel::sink
