#include "enrich/paths.h"

#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "enrich/field_text.h"

namespace sorrel::enrich {
namespace {

using event::Event;

// AT_FDCWD is -100, as a register of 64 bits or of 32.
bool is_at_fdcwd(std::uint64_t argument) noexcept {
  return static_cast<std::uint32_t>(argument) == static_cast<std::uint32_t>(-100);
}

// Which arguments of a call are folders that its relative names begin at: bit n for argument n.
// Sources: the man pages of the calls; linux/include/linux/syscalls.h for the newer ones.
unsigned folder_arguments(std::string_view call) noexcept {
  if (call == "symlinkat") return 0b0010;
  if (call == "renameat" || call == "renameat2" || call == "linkat" || call == "move_mount")
    return 0b0101;
  if (call == "fanotify_mark") return 0b1000;
  if (call == "statx" || call == "open_tree" || call == "mount_setattr" || call == "fspick")
    return 0b0001;
  if (call.ends_with("at2") || call.ends_with("at64")) return 0b0001;
  // "stat", "lstat", "fstat" take no folder; "newfstatat" does.
  if (call.ends_with("stat")) return 0;
  return call.ends_with("at") && call != "shmat" ? 0b0001 : 0;
}

bool begins_at_cwd(const Call& call) noexcept {
  const unsigned folders = folder_arguments(call.name);
  for (unsigned i = 0; i < call.arguments.size(); ++i)
    if ((folders >> i & 1) != 0 && !is_at_fdcwd(call.argument(i))) return false;
  return true;
}

// Appends the parts of `path` to what is in `out`, which is empty or begins with a slash.
char* append_parts(std::string_view path, char* const out, char* end) noexcept {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      while (end != out && *--end != '/') {
      }
      continue;
    }
    *end++ = '/';
    std::memcpy(end, part.data(), part.size());
    end += part.size();
  }
  return end;
}

// Whether a slash is followed by another one or a dot: a quick no for nearly all paths.
bool may_need_folding(std::string_view path) noexcept {
  std::size_t at = 0;
#if defined(__SSE2__)
  constexpr std::size_t kBlock = 16;
  const auto block = [&](std::size_t i) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(path.data() + i));
  };
  for (; at + kBlock < path.size(); at += kBlock) {
    const __m128i next = block(at + 1);
    const __m128i is_slash = _mm_cmpeq_epi8(block(at), _mm_set1_epi8('/'));
    const __m128i follows = _mm_or_si128(_mm_cmpeq_epi8(next, _mm_set1_epi8('/')),
                                         _mm_cmpeq_epi8(next, _mm_set1_epi8('.')));
    if (_mm_movemask_epi8(_mm_and_si128(is_slash, follows)) != 0) return true;
  }
#endif
  for (; at + 1 < path.size(); ++at)
    if (path[at] == '/' && (path[at + 1] == '/' || path[at + 1] == '.')) return true;
  return false;
}

}  // namespace

std::size_t absolute_path(std::string_view cwd, std::string_view name, char* out) noexcept {
  char* end = out;
  if (!name.starts_with('/')) end = append_parts(cwd, out, end);
  end = append_parts(name, out, end);
  if (end == out) *end++ = '/';
  return static_cast<std::size_t>(end - out);
}

bool is_plain_absolute(std::string_view path) noexcept {
  if (!path.starts_with('/')) return false;
  if (path.size() == 1) return true;
  if (path.ends_with('/')) return false;
  if (!may_need_folding(path)) return true;
  for (std::size_t at = path.find('/'); at != path.npos; at = path.find('/', at + 1)) {
    const std::string_view part = path.substr(at + 1, path.find('/', at + 1) - at - 1);
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

WorkingDirectory::WorkingDirectory(Event& event, const Call& call) {
  if (!event.has_type(record::type::kCwd) || !begins_at_cwd(call)) return;
  for (const event::Record& r : event.records()) {
    if (r.type != record::type::kCwd) continue;
    for (const record::Field& field : event.fields(r)) {
      if (field.key_id != record::key::kCwd) continue;
      const std::string_view cwd = bytes_of(event, field);
      // "(unreachable)/x" is what getcwd(2) calls a folder outside of the root.
      if (cwd.starts_with('/')) cwd_ = cwd;
      return;
    }
  }
}

std::string_view WorkingDirectory::resolve(Event& event, std::string_view name) const {
  if (name.empty()) return {};
  if (is_plain_absolute(name)) return name;
  if (!name.starts_with('/') && cwd_.empty()) return {};
  char* const out = event.allocate(absolute_path_bound(cwd_, name));
  return {out, absolute_path(cwd_, name, out)};
}

}  // namespace sorrel::enrich
