#pragma once

#include <cstdint>
#include <initializer_list>
#include <source_location>
#include <string>
#include <string_view>

namespace sorrel {

// kHint is advice that resolves a problem (what to install, which option to set).
enum class Level : std::uint8_t { debug, info, hint, warning, error };

struct LogField {
  std::string_view key;
  std::string value;
};

#if defined(__cpp_lib_source_location)
using SourceLocation = std::source_location;
#else
// The part of std::source_location that log() uses: clang 14, which the fuzz targets are built
// with, lacks what libstdc++ makes the whole of.
class SourceLocation {
 public:
  static constexpr SourceLocation current(const char* file = __builtin_FILE(),
                                          std::uint_least32_t line = __builtin_LINE()) noexcept {
    SourceLocation here;
    here.file_ = file;
    here.line_ = line;
    return here;
  }
  constexpr const char* file_name() const noexcept { return file_; }
  constexpr std::uint_least32_t line() const noexcept { return line_; }

 private:
  const char* file_ = "";
  std::uint_least32_t line_ = 0;
};
#endif

// Writes `message key=value ...` to standard error, one line; under systemd with the journal's
// priority prefix. The message is constant, what varies goes into fields, so that messages can be
// counted and searched. Each call site may log 10 lines within 10 seconds; what it holds back is
// counted and said with its next line. Safe from any thread.
void log(Level level, std::string_view message, std::initializer_list<LogField> fields = {},
         SourceLocation site = SourceLocation::current());

// Messages below `level` are not written. The default is info.
void set_log_level(Level level) noexcept;

}  // namespace sorrel
