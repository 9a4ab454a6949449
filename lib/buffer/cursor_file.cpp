#include "buffer/cursor_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "buffer/crc32c.h"
#include "buffer/little_endian.h"

namespace sorrel::buffer {
namespace {

constexpr char kMagic[9] = "SORRELCU";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kGenerationAt = 16;
constexpr std::size_t kAckedAt = 24;
constexpr std::size_t kCrcAt = CursorFile::kSlotBytes - 4;

}  // namespace

std::string CursorFile::put_slot(const Slot& slot) {
  std::string bytes(kSlotBytes, '\0');
  std::memcpy(bytes.data(), kMagic, 8);
  put_little(bytes.data() + kVersionAt, kVersion);
  put_little(bytes.data() + kGenerationAt, slot.generation);
  put_little(bytes.data() + kAckedAt, slot.acked);
  put_little(bytes.data() + kCrcAt, crc32c({bytes.data(), kCrcAt}));
  return bytes;
}

std::optional<CursorFile::Slot> CursorFile::parse_slot(std::string_view bytes) {
  if (bytes.size() < kSlotBytes || std::memcmp(bytes.data(), kMagic, 8) != 0) return std::nullopt;
  if (get_little<std::uint32_t>(bytes.data() + kCrcAt) != crc32c(bytes.substr(0, kCrcAt))) {
    return std::nullopt;
  }
  if (get_little<std::uint32_t>(bytes.data() + kVersionAt) != kVersion) return std::nullopt;
  return Slot{.generation = get_little<std::uint64_t>(bytes.data() + kGenerationAt),
              .acked = get_little<std::uint64_t>(bytes.data() + kAckedAt)};
}

Result<CursorFile::Opened> CursorFile::open(Storage& storage, const std::string& folder,
                                            const std::string& name) {
  std::string path = folder + '/' + name;
  bool is_new = false;
  int fd = storage.open(path, Storage::Access::write);
  if (fd == -ENOENT) {
    is_new = true;
    fd = storage.open(path, Storage::Access::create);
  }
  if (fd < 0) return fail_errno(-fd, "cannot open the cursor " + path);
  StorageFile file(storage, fd);
  if (is_new) {
    if (const int synced = storage.sync_folder(folder); synced < 0) {
      return fail_errno(-synced, "cannot make the cursor " + path + " durable");
    }
    return Opened{CursorFile(storage, std::move(file), std::move(path), 0), std::nullopt, false,
                  false};
  }
  std::string bytes(2 * kSlotBytes, '\0');
  const std::int64_t size = read_all(storage, fd, bytes, 0);
  if (size < 0) return fail_errno(static_cast<int>(-size), "cannot read the cursor " + path);
  bytes.resize(static_cast<std::size_t>(size));
  std::optional<Slot> newest;
  for (std::size_t at = 0; at + kSlotBytes <= bytes.size(); at += kSlotBytes) {
    const std::optional<Slot> slot = parse_slot(std::string_view(bytes).substr(at));
    if (slot && (!newest || slot->generation > newest->generation)) newest = slot;
  }
  const bool is_known_safe = newest && newest->generation > 1;
  if (!is_known_safe) {
    // Nor is its name: whoever made it may have failed behind that.
    if (const int synced = storage.sync_folder(folder); synced < 0) {
      return fail_errno(-synced, "cannot make the cursor " + path + " durable");
    }
  }
  CursorFile cursor(storage, std::move(file), std::move(path), newest ? newest->generation : 0);
  const std::optional<std::uint64_t> acked = newest ? std::optional(newest->acked) : std::nullopt;
  return Opened{std::move(cursor), acked, !newest && size != 0, is_known_safe};
}

// Into the slot that is not the last good one: also after an error, and after note().
Status CursorFile::write(std::uint64_t acked) {
  const Slot slot{.generation = generation_ + 1, .acked = acked};
  const std::uint64_t offset = slot.generation % 2 * kSlotBytes;
  if (const int written = write_all(*storage_, file_.get(), put_slot(slot), offset); written < 0) {
    return fail_errno(-written, "cannot write the cursor " + path_);
  }
  return Ok{};
}

Status CursorFile::note(std::uint64_t acked) {
  return write(acked);
}

Status CursorFile::save(std::uint64_t acked) {
  if (Status written = write(acked); !written) return written;
  if (const int synced = storage_->sync_data(file_.get()); synced < 0) {
    return fail_errno(-synced, "cannot make the cursor " + path_ + " durable");
  }
  ++generation_;
  return Ok{};
}

}  // namespace sorrel::buffer
