#include "enrich/script.h"

#include "enrich/field_text.h"

namespace sorrel::enrich {
namespace {

using event::Event;
using event::Record;
using record::Field;

bool is_number(const Field* field, std::uint32_t wanted) noexcept {
  if (field == nullptr) return false;
  if (field->value_size == 1 && wanted < 10) [[likely]]
    return static_cast<std::uint32_t>(*field->value_data - '0') == wanted;
  return decimal_number(*field) == wanted;
}

std::string_view value_of(const Field* field) noexcept {
  return field == nullptr ? std::string_view{} : field->value();
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

bool ScriptFinder::is_loader_name(std::string_view path) {
  constexpr std::size_t kMaxKept = 255;
  if (path == loader_ && !path.empty()) [[likely]]
    return true;
  if (!is_loader(path)) return false;
  if (path.size() <= kMaxKept) loader_ = path;
  return true;
}

ScriptFinder::PathItem ScriptFinder::find_item(const Event& event, std::uint32_t item) {
  for (const Record& r : event.records()) {
    if (r.type != record::type::kPath) continue;
    const std::span<const Field> fields = event.fields(r);
    if (!is_number(item_.find(fields), item)) continue;
    const Field* const name = name_.find(fields);
    const Field* const nametype = nametype_.find(fields);
    if (name == nullptr || nametype == nullptr || nametype->value() != "NORMAL") continue;
    return {fields, name};
  }
  return {};
}

bool ScriptFinder::is_same_file(const PathItem& one, const PathItem& other) {
  const std::string_view inode = value_of(inode_.find(one.fields));
  return !inode.empty() && inode == value_of(inode_.find(other.fields)) &&
         value_of(device_.find(one.fields)) == value_of(device_.find(other.fields));
}

std::string_view ScriptFinder::find(Event& event) {
  const PathItem file = find_item(event, 0);
  if (file.name == nullptr) return {};
  // Some security modules (TOMOYO) look the file up once more: such a record is about it too.
  std::uint32_t item = 1;
  PathItem following = find_item(event, item);
  while (following.name != nullptr && is_same_file(following, file))
    following = find_item(event, ++item);
  if (following.name == nullptr || is_loader_name(bytes_of(event, *following.name))) return {};
  return bytes_of(event, *file.name);
}

}  // namespace sorrel::enrich
