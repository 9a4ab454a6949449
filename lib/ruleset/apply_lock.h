#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace sorrel::ruleset {

// One change of the kernel's rules at a time: two that go on together would undo each other's
// steps. An advisory lock (flock) on a file, given back by the kernel when its holder dies.
class ApplyLock {
 public:
  static constexpr const char* kPath = "/run/sorrel/rules.lock";
  static constexpr std::uint32_t kWaitMs = 60'000;

  // Creates the file and its folder; the file belongs to the folder's owner, and nobody else can
  // open it. Errors: it cannot be created.
  static Result<ApplyLock> open(const std::string& path = kPath);

  // Given back when it is destroyed.
  class Held {
   public:
    explicit Held(int fd) noexcept : fd_(fd) {}
    Held(Held&& other) noexcept;
    Held& operator=(Held&&) = delete;
    ~Held();

   private:
    int fd_;
  };

  // Waits for whoever has it. Errors: resource_unavailable_try_again after `wait_ms`, naming the
  // file; interrupted when `is_cancelled` says so.
  Result<Held> hold(const std::function<bool()>& is_cancelled = {},
                    std::uint32_t wait_ms = kWaitMs) const;

 private:
  ApplyLock(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  Fd fd_;
};

}  // namespace sorrel::ruleset
