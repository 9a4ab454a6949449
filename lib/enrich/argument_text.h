#pragma once

#include <cstdint>
#include <string_view>

#include "enrich/call_context.h"
#include "enrich/interpretation_text.h"

namespace sorrel::enrich {

// What `value`, the argument a<i> of `call`, means: see interpret().
std::string_view argument_text(const CallContext& call, unsigned i, std::uint64_t value,
                               InterpretationText& room) noexcept;

}  // namespace sorrel::enrich
