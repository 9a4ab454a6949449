#pragma once

#include <cstdint>
#include <string_view>

#include "enrich/interpret.h"

namespace sorrel::enrich {

// What `value`, the argument a<i> of `call`, means: see interpret().
std::string_view argument_text(const CallContext& call, unsigned i, std::uint64_t value,
                               InterpretationText& room) noexcept;

// O_RDONLY|O_CLOEXEC of an architecture.
std::string_view open_flags_text(std::uint32_t arch, std::uint32_t flags,
                                 InterpretationText& room) noexcept;

// MAP_PRIVATE|MAP_ANONYMOUS of an architecture.
std::string_view mapping_text(std::uint32_t arch, std::uint64_t flags,
                              InterpretationText& room) noexcept;

// PER_LINUX|ADDR_NO_RANDOMIZE.
std::string_view personality_text(std::uint32_t personality, InterpretationText& room) noexcept;

}  // namespace sorrel::enrich
