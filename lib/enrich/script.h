#pragma once

#include <string_view>

#include "event/event.h"

namespace sorrel::enrich {

// The file name of the script that an exec ran, as its PATH records have it; empty when what was
// run is no script. The records alone tell: the kernel writes one PATH record for each file that it
// opened to start the program, in this order: the file that was named, its interpreter when it is a
// script (#!) or another binary format with one, and the dynamic loader of what runs in the end.
// So the first is a script exactly when an interpreter follows that is no loader. Nothing is read
// from the host, so it is also known of a process that ended at once. Valid while the event lives.
// Sources: linux/fs/exec.c, bprm_execve(); fs/binfmt_script.c; fs/binfmt_elf.c.
std::string_view script_name(event::Event& event);

// True for the name of a dynamic loader: ld-linux-x86-64.so.2, ld-musl-x86_64.so.1, ld64.so.2 ...
bool is_loader(std::string_view path) noexcept;

}  // namespace sorrel::enrich
