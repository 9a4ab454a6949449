#pragma once

#include <functional>
#include <string_view>

#include "ps_rows.h"
#include "ps_tree.h"
#include "terminal_text.h"

namespace sorrel::sorrelctl {

// Takes pieces of text, in order.
using TextWriter = std::function<void(std::string_view text)>;

// Writes a header, and a line for each process, in aligned columns.
void print_ps_table(const PsRows& rows, const std::vector<bool>& shown, const Terminal& terminal,
                    const TextWriter& write);

// The same with the processes below their parents. Levels beyond the 40th are drawn as a number.
void print_ps_tree(const PsRows& rows, const PsTree& tree, const Terminal& terminal,
                   const TextWriter& write);

}  // namespace sorrel::sorrelctl
