#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "enrich/field_finder.h"
#include "event/event.h"
#include "record/field_class.h"

namespace sorrel::enrich {

// Finds the script that an exec ran. The records alone tell: the kernel writes one PATH record for
// each file that it opened to start the program, in this order: the file that was named, its
// interpreter when it is a script (#!) or another binary format with one, and the dynamic loader of
// what runs in the end. So the first is a script exactly when an interpreter follows that is no
// loader. Nothing is read from the host, so it is also known of a process that ended at once.
// Sources: linux/fs/exec.c, bprm_execve(); fs/binfmt_script.c; fs/binfmt_elf.c.
class ScriptFinder {
 public:
  // The file name of the script, as its PATH record has it; empty when what was run is no script.
  // Valid while the event lives.
  std::string_view find(event::Event& event);

 private:
  // What a PATH record says of a file that was executed.
  struct PathItem {
    std::span<const record::Field> fields;
    const record::Field* name = nullptr;  // null: there is no such record
  };
  PathItem find_item(const event::Event& event, std::uint32_t item);
  bool is_same_file(const PathItem& one, const PathItem& other);
  bool is_loader_name(std::string_view path);

  FieldFinder item_{record::key::kItem};
  FieldFinder name_{record::key::kName};
  FieldFinder nametype_{record::key::kNametype};
  FieldFinder inode_{record::key::kInode};
  FieldFinder device_{record::key::kDev};
  std::string loader_;  // the last one: a host has one or two
};

// True for the name of a dynamic loader: ld-linux-x86-64.so.2, ld-musl-x86_64.so.1, ld64.so.2 ...
bool is_loader(std::string_view path) noexcept;

}  // namespace sorrel::enrich
