#include "sorreld/output_bits.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <sstream>

#include "base/fd.h"

namespace sorrel::agent {
namespace {

constexpr unsigned kBits = 32;

Result<std::map<std::string, unsigned>> read_bits(const std::string& path) {
  std::map<std::string, unsigned> bits;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    unsigned bit = 0;
    std::string name;
    if (!(words >> bit >> name) || bit >= kBits) {
      return fail(std::errc::invalid_argument,
                  path +
                      " is damaged; without it the buffer's frames cannot be told apart by "
                      "output. Remove it when all outputs want all events");
    }
    bits[name] = bit;
  }
  return bits;
}

// Whole or not at all.
Status write_bits(const std::string& path, const std::map<std::string, unsigned>& bits) {
  std::string text;
  for (const auto& [name, bit] : bits) text += std::to_string(bit) + ' ' + name + '\n';
  const std::string temporary = path + ".new";
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  const Fd file(::open(temporary.c_str(), kFlags, 0600));
  if (!file) return fail_errno(errno, "cannot write " + temporary);
  const bool is_written =
      ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file.get()) == 0 && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!is_written) return fail_errno(errno, "cannot write " + path);
  return Ok{};
}

}  // namespace

Result<std::vector<std::uint64_t>> assign_output_bits(const std::string& path,
                                                      const std::vector<std::string>& names) {
  const auto before = read_bits(path);
  if (!before) return Unexpected<Error>(before.error());
  std::map<std::string, unsigned> bits;
  std::uint64_t used = 0;
  for (const auto& [name, bit] : *before) {
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    bits[name] = bit;
    used |= std::uint64_t{1} << bit;
  }
  // Those that have just gone are taken last: their frames are still there.
  for (const auto& [name, bit] : *before) used |= std::uint64_t{1} << (bit + kBits);
  for (const std::string& name : names) {
    if (bits.contains(name)) continue;
    unsigned chosen = kBits;
    for (unsigned bit = 0; bit < kBits; ++bit) {
      if ((used >> bit & 1) != 0) continue;
      if (chosen == kBits || (used >> (bit + kBits) & 1) < (used >> (chosen + kBits) & 1)) {
        chosen = bit;
      }
    }
    if (chosen == kBits) return fail(std::errc::argument_list_too_long, "more than 32 outputs");
    bits[name] = chosen;
    used |= std::uint64_t{1} << chosen;
  }
  if (bits != *before) {
    if (const Status written = write_bits(path, bits); !written) {
      return Unexpected<Error>(written.error());
    }
  }
  std::vector<std::uint64_t> masks;
  for (const std::string& name : names) masks.push_back(std::uint64_t{1} << bits[name]);
  return masks;
}

}  // namespace sorrel::agent
