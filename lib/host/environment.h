#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sorrel::host {

// Which environment variables are of interest: names, or beginnings of names with a trailing "*".
class EnvironmentSelection {
 public:
  EnvironmentSelection() = default;
  explicit EnvironmentSelection(const std::vector<std::string>& patterns);

  bool matches(std::string_view name) const noexcept;
  bool empty() const noexcept { return patterns_.empty(); }

 private:
  struct Pattern {
    std::string text;
    bool is_prefix = false;
  };
  std::vector<Pattern> patterns_;
};

// The variables that were chosen, with the limits that were met. It keeps its memory when it is
// filled again.
class Environment {
 public:
  static constexpr std::size_t kMaxVariables = 32;
  static constexpr std::size_t kMaxValueBytes = 4096;
  static constexpr std::size_t kMaxBytes = 16 * 1024;

  struct Variable {
    std::string_view name;   // valid until the environment is filled again
    std::string_view value;  // any bytes
    bool cut = false;        // at kMaxValueBytes or at what was left of kMaxBytes
  };

  Environment() = default;
  // Its views are into its own text.
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  // Takes what `selection` has of `bytes`, the bytes of /proc/PID/environ: NAME=VALUE, each ended
  // by a zero byte. A process may write there what it likes: what has no "=" is skipped, and a name
  // may come twice.
  void fill(std::string_view bytes, const EnvironmentSelection& selection);
  void clear() noexcept;

  const std::vector<Variable>& variables() const noexcept { return variables_; }
  // Variables that were chosen and are left out, beyond kMaxVariables or kMaxBytes.
  std::uint32_t dropped() const noexcept { return dropped_; }
  // Variables whose value is cut.
  std::uint32_t cut() const noexcept { return cut_; }

 private:
  void add(std::string_view name, std::string_view value);

  std::string text_;
  std::vector<Variable> variables_;
  std::uint32_t dropped_ = 0;
  std::uint32_t cut_ = 0;
};

}  // namespace sorrel::host
