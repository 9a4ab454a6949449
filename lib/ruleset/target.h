#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/user_db.h"
#include "record/tables/arch.h"
#include "ruleset/fields.h"

namespace sorrel::ruleset {

enum class PathKind : std::uint8_t { missing, folder, other };

// What lies at a path of the host that rules are compiled for.
class PathProbe {
 public:
  virtual ~PathProbe() = default;
  virtual PathKind kind(const std::string& path) const = 0;
  // The path with every symbolic link followed; empty when nothing is there.
  virtual std::string real_path(const std::string& path) const {
    return kind(path) == PathKind::missing ? std::string() : path;
  }
};

// The host that rules are compiled for.
struct Target {
  std::uint32_t arch = record::arch::kX86_64;  // of its kernel
  KernelVersion kernel{6, 18};
  std::uint32_t features = 0x7f;  // AUDIT_FEATURE_BITMAP_*, of the kernel's status
  // Whether perm= without -S is expanded to the kernel's classes on 32-bit architectures too: there
  // libaudit's table lacks chown32, truncate64 and their like.
  bool expand_to_kernel_classes = false;
  const host::UserDb* users = nullptr;  // null: only numbers and root are known
  const PathProbe* paths = nullptr;     // null: every path is missing
};

}  // namespace sorrel::ruleset
