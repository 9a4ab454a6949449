#include "enrich/script.h"

#include <optional>

#include "enrich/field_text.h"

namespace sorrel::enrich {
namespace {

using event::Event;
using event::Record;
using record::Field;
namespace key = record::key;

// What a PATH record says of a file that was executed.
struct PathItem {
  std::uint32_t item = 0;
  const Field* name = nullptr;
  std::string_view device;
  std::string_view inode;
  bool is_normal = false;

  bool is_same_file(const PathItem& other) const noexcept {
    return !inode.empty() && inode == other.inode && device == other.device;
  }
};

// Reads up to what tells of its kind, behind which nothing is asked for; or nothing, when it is
// another item than `item`, which comes first.
PathItem read_item(std::span<const Field> fields, std::uint32_t item) {
  PathItem path;
  for (const Field& field : fields) {
    switch (field.key_id) {
      case key::kItem:
        path.item = decimal_number(field).value_or(UINT32_MAX);
        if (path.item != item) return path;
        break;
      case key::kName:
        path.name = &field;
        break;
      case key::kDev:
        path.device = field.value();
        break;
      case key::kInode:
        path.inode = field.value();
        break;
      case key::kNametype:
        path.is_normal = field.value() == "NORMAL";
        return path;
      default:
        break;
    }
  }
  return path;
}

std::optional<PathItem> find_item(const Event& event, std::uint32_t item) {
  for (const Record& r : event.records()) {
    if (r.type != record::type::kPath) continue;
    const PathItem path = read_item(event.fields(r), item);
    if (path.item == item && path.is_normal && path.name != nullptr) return path;
  }
  return std::nullopt;
}

}  // namespace

bool is_loader(std::string_view path) noexcept {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (!name.starts_with("ld")) return false;
  // "ld.so.1", "ld64.so.1", "ld-2.31.so"; not "ld" or "ld.gold", the linkers.
  const std::size_t so = name.find(".so");
  if (so == name.npos) return false;
  const std::string_view rest = name.substr(so + 3);
  return rest.empty() || rest.front() == '.';
}

std::string_view script_name(Event& event) {
  const std::optional<PathItem> file = find_item(event, 0);
  if (!file) return {};
  // Some security modules (TOMOYO) look the file up once more: such a record is about it too.
  std::uint32_t item = 1;
  std::optional<PathItem> following = find_item(event, item);
  while (following && following->is_same_file(*file)) following = find_item(event, ++item);
  if (!following || is_loader(bytes_of(event, *following->name))) return {};
  return bytes_of(event, *file->name);
}

}  // namespace sorrel::enrich
