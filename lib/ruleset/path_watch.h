#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "ruleset/rule_path.h"

namespace sorrel::ruleset {

// Waits for paths that are missing. Belongs to one thread.
class PathWatch {
 public:
  virtual ~PathWatch() = default;

  // From now on these; none ends it.
  virtual void wait_for(const std::vector<std::string>& paths) = 0;
  // Readable when appeared() should be called; -1: by poll_ms() only.
  virtual int fd() const noexcept = 0;
  // When appeared() should be called even though fd() said nothing; 0: never.
  virtual std::uint32_t poll_ms() const noexcept = 0;
  // True when at least one of the paths is there.
  virtual bool appeared() = 0;
};

// By inotify on the nearest folder of each path that exists. File systems that tell nothing
// (network), mounts, and more paths than kMaxWatches are found by looking every kPollMs.
class InotifyPathWatch final : public PathWatch {
 public:
  static constexpr std::size_t kMaxWatches = 256;
  static constexpr std::uint32_t kPollMs = 30'000;

  // Without inotify (no descriptor left) it polls only.
  explicit InotifyPathWatch(const HostPaths& paths);

  void wait_for(const std::vector<std::string>& paths) override;
  int fd() const noexcept override { return inotify_.get(); }
  std::uint32_t poll_ms() const noexcept override { return paths_.empty() ? 0 : kPollMs; }
  bool appeared() override;

 private:
  void watch_folders();

  const HostPaths& probe_;
  Fd inotify_;
  std::vector<int> watches_;
  std::vector<std::string> paths_;
};

}  // namespace sorrel::ruleset
