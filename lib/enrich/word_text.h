#pragma once

#include <cstdint>
#include <string_view>

#include "enrich/interpretation_text.h"
#include "enrich/meaning_tables.h"

// Numbers that are put together from more than one table, in ausearch's spelling. Each text is
// empty when the number has no name, lives for ever or is in `room`.
namespace sorrel::enrich {

// PowerPC has other numbers than all others in some places.
bool is_ppc(std::uint32_t arch) noexcept;

// The flags of one table: "MNT_FORCE|MNT_DETACH".
std::string_view flags_text(FlagTable table, std::uint32_t value,
                            InterpretationText& room) noexcept;

std::string_view mode_text(std::uint32_t mode, InterpretationText& room) noexcept;
std::string_view node_mode_text(std::uint32_t mode, InterpretationText& room) noexcept;

// O_RDONLY|O_CLOEXEC of an architecture, and the same without the access mode.
std::string_view open_flags_text(std::uint32_t arch, std::uint32_t flags,
                                 InterpretationText& room) noexcept;
std::string_view status_flags_text(std::uint32_t arch, std::uint32_t value,
                                   InterpretationText& room) noexcept;

// MAP_PRIVATE|MAP_ANONYMOUS of an architecture.
std::string_view mapping_text(std::uint32_t arch, std::uint64_t flags,
                              InterpretationText& room) noexcept;

std::string_view protection_text(std::uint64_t value, InterpretationText& room) noexcept;
std::string_view clone_text(std::uint32_t value, InterpretationText& room) noexcept;
std::string_view socket_type_text(std::uint32_t value, InterpretationText& room) noexcept;
std::string_view personality_text(std::uint32_t personality, InterpretationText& room) noexcept;
std::string_view scheduler_text(std::uint32_t value, InterpretationText& room) noexcept;
std::string_view shared_flags_text(std::uint32_t value, InterpretationText& room) noexcept;
std::string_view quota_text(std::uint32_t value, InterpretationText& room) noexcept;
std::string_view futex_text(std::uint32_t value, InterpretationText& room) noexcept;

}  // namespace sorrel::enrich
