#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "buffer/storage.h"

namespace sorrel::buffer {

// How far an output has got in a lane, kept in a file of two slots that are written by turns: a
// write that a power cut tears leaves the other one.
class CursorFile {
 public:
  static constexpr std::size_t kSlotBytes = 512;

  // Opens or makes `folder`/`name`. `acked` is what it holds; nothing when it is new, or when both
  // slots are damaged: then `is_damaged` is true, and the output begins where the log does, which
  // sends events again and loses none. Errors: it cannot be opened or read.
  struct Opened;
  static Result<Opened> open(Storage& storage, const std::string& folder, const std::string& name);

  // Durable when this returns without an error; after an error the file holds this or what it held
  // before. `acked`: all frames up to it are answered.
  Status save(std::uint64_t acked);
  // The same, cheaper, for a process that dies and not for its machine: the slot that is safe on
  // the disk stays as it is, the other one comes to the kernel's memory.
  Status note(std::uint64_t acked);

  // One slot's bytes. Nothing when they are no slot, or a damaged one.
  struct Slot {
    std::uint64_t generation = 0;
    std::uint64_t acked = 0;
  };
  static std::string put_slot(const Slot& slot);
  static std::optional<Slot> parse_slot(std::string_view bytes);

 private:
  CursorFile(Storage& storage, StorageFile file, std::string path, std::uint64_t generation)
      : storage_(&storage),
        file_(std::move(file)),
        path_(std::move(path)),
        generation_(generation) {}

  Status write(std::uint64_t acked);

  Storage* storage_;
  StorageFile file_;
  std::string path_;
  std::uint64_t generation_;  // of the slot that was saved last; its parity is the slot
};

struct CursorFile::Opened {
  CursorFile file;
  std::optional<std::uint64_t> acked;
  bool is_damaged = false;
  // It was saved more than once, so that one place at least is safe on the disk; the first may have
  // come no further than the kernel's memory.
  bool is_known_safe = false;
};

}  // namespace sorrel::buffer
