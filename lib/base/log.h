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

// Writes `message key=value ...` to standard error, one line; under systemd with the journal's
// priority prefix. The message is constant, what varies goes into fields, so that messages can be
// counted and searched. Each call site may log 10 lines within 10 seconds; what it holds back is
// counted and said with its next line. Safe from any thread.
void log(Level level, std::string_view message, std::initializer_list<LogField> fields = {},
         std::source_location site = std::source_location::current());

// Messages below `level` are not written. The default is info.
void set_log_level(Level level) noexcept;

}  // namespace sorrel
