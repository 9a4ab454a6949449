#include "ruleset/match.h"

#include <algorithm>
#include <string_view>

#include "record/tables/syscalls.h"
#include "ruleset/comparison.h"
#include "ruleset/fields.h"
#include "ruleset/match_permission.h"

namespace sorrel::ruleset {
namespace {

constexpr std::uint32_t kUnset = 0xffffffff;
constexpr std::uint32_t kObjectUid = 109;
constexpr std::uint32_t kObjectGid = 110;
constexpr std::uint32_t kFileType = 108;
constexpr std::uint32_t kDeviceMajor = 100;
constexpr std::uint32_t kDeviceMinor = 101;
constexpr std::uint32_t kFamily = 113;
constexpr std::uint32_t kFirstSubject = 13;
constexpr std::uint32_t kFirstObject = 19;
constexpr std::uint32_t kLastObject = 23;
constexpr std::uint32_t kFileTypeMask = 0170000;

Truth truth(bool value) noexcept {
  return value ? Truth::yes : Truth::no;
}

template <class T>
Truth compare(const std::optional<T>& value, Op op, T wanted) noexcept {
  return value ? truth(holds(op, *value, wanted)) : Truth::unknown;
}

// The part of user:role:type:sensitivity[-clearance], counted from 0; the last takes the rest.
std::string_view label_part(std::string_view label, std::uint32_t part) {
  constexpr std::uint32_t kLevels = 3;
  for (std::uint32_t i = 0; i < std::min(part, kLevels); ++i) {
    const std::size_t colon = label.find(':');
    if (colon == std::string_view::npos) return {};
    label.remove_prefix(colon + 1);
  }
  if (part < kLevels) return label.substr(0, label.find(':'));
  const std::size_t dash = label.find('-');
  if (part == kLevels) return label.substr(0, dash);
  return dash == std::string_view::npos ? label : label.substr(dash + 1);
}

bool is_below(std::string_view name, std::string_view folder) {
  if (!name.starts_with(folder)) return false;
  return name.size() == folder.size() || folder.ends_with('/') || name[folder.size()] == '/';
}

class Matcher {
 public:
  Matcher(const Rule& rule, const EventFacts& event) : rule_(rule), event_(event) {}

  Truth match() const {
    const List list = event_.is_uring ? List::io_uring : List::exit;
    if (rule_.list != list || !names_call()) return Truth::no;
    Truth all = Truth::yes;
    for (const Field& field : rule_.fields) {
      const Truth one = field_matches(field);
      if (one == Truth::no) return Truth::no;
      if (one == Truth::unknown) all = Truth::unknown;
    }
    return all;
  }

 private:
  bool names_call() const {
    if (!event_.call || *event_.call >= Rule::kMaskWords * 32) return false;
    return (rule_.mask[*event_.call / 32] >> (*event_.call % 32) & 1U) != 0;
  }

  Truth field_matches(const Field& field) const {
    switch (field.id) {
      case field::kKey:
        return Truth::yes;
      case field::kArch:
        return event_.is_uring ? Truth::yes : compare(event_.arch, field.op, field.value);
      case field::kExit:
        return compare(event_.exit, field.op, std::int64_t{static_cast<std::int32_t>(field.value)});
      case field::kSuccess:
        return compare(event_.success, field.op, field.value != 0);
      case field::kPerm:
        return permission_matches(field);
      case field::kExe:
        if (!event_.exe) return Truth::unknown;
        return truth((*event_.exe == field.text) == (field.op == Op::equal));
      case field::kPath:
        return any_path([&](const PathFacts& path) { return truth(path.name == field.text); });
      case field::kDir:
        return any_path(
            [&](const PathFacts& path) { return truth(is_below(path.name, field.text)); });
      case field::kFieldCompare:
        return pair_matches(field);
      case field::kLoginuidSet:
        return number_is_set(field);
      case kFamily:
        return compare(event_.family, field.op, field.value);
      default:
        break;
    }
    if (field.id >= field::kA0 && field.id <= field::kA3) return argument_matches(field);
    if (const Truth file = file_matches(field); file != Truth::unknown || is_of_file(field.id)) {
      return file;
    }
    if (field.id >= kFirstSubject && field.id < kFirstObject) {
      if (!event_.label) return Truth::unknown;
      return text_matches(label_part(*event_.label, field.id - kFirstSubject), field);
    }
    const auto number = event_.numbers.find(field.id);
    if (number == event_.numbers.end()) return Truth::unknown;
    return truth(holds(field.op, number->second, field.value));
  }

  static bool is_of_file(std::uint32_t id) noexcept {
    return id == kObjectUid || id == kObjectGid || id == kFileType || id == kDeviceMajor ||
           id == kDeviceMinor || id == field::kInode || (id >= kFirstObject && id <= kLastObject);
  }

  // One of the files is enough. Without any there is nothing that could match.
  template <class Test>
  Truth any_path(const Test& test) const {
    Truth best = Truth::no;
    for (const PathFacts& path : event_.paths) best = std::max(best, test(path));
    return best;
  }

  Truth file_matches(const Field& field) const {
    if (!is_of_file(field.id)) return Truth::unknown;
    return any_path([&](const PathFacts& path) {
      switch (field.id) {
        case kObjectUid:
          return compare(path.owner, field.op, field.value);
        case kObjectGid:
          return compare(path.group, field.op, field.value);
        case kDeviceMajor:
          return compare(path.major, field.op, field.value);
        case kDeviceMinor:
          return compare(path.minor, field.op, field.value);
        case field::kInode:
          return compare(path.inode, field.op, std::uint64_t{field.value});
        case kFileType:
          return path.mode ? truth(holds(field.op, *path.mode & kFileTypeMask, field.value))
                           : Truth::unknown;
        default:
          return path.label.empty()
                     ? Truth::unknown
                     : text_matches(label_part(path.label, field.id - kFirstObject), field);
      }
    });
  }

  static Truth text_matches(std::string_view text, const Field& field) {
    return truth(holds(field.op, text.compare(field.text), 0));
  }

  // The kernel compares the lower half.
  Truth argument_matches(const Field& field) const {
    const auto& argument = event_.arguments[field.id - field::kA0];
    if (!argument) return Truth::unknown;
    return truth(holds(field.op, static_cast<std::uint32_t>(*argument), field.value));
  }

  Truth number_is_set(const Field& field) const {
    const auto auid = event_.numbers.find(field::kAuid);
    if (auid == event_.numbers.end()) return Truth::unknown;
    const std::uint32_t is_set = auid->second != kUnset ? 1 : 0;
    return truth(holds(field.op, is_set, field.value));
  }

  Truth pair_matches(const Field& field) const {
    const auto pair = comparison_fields(field.value);
    if (!pair) return Truth::unknown;
    const FieldInfo* const left = find_field(pair->left);
    const FieldInfo* const right = find_field(pair->right);
    if (left == nullptr || right == nullptr) return Truth::unknown;
    const auto compare_with = [&](std::optional<std::uint32_t> a, std::optional<std::uint32_t> b) {
      return a && b ? truth(holds(field.op, *a, *b)) : Truth::unknown;
    };
    const bool is_object = is_of_file(left->id) || is_of_file(right->id);
    if (!is_object) return compare_with(number(left->id), number(right->id));
    const std::uint32_t other = is_of_file(left->id) ? right->id : left->id;
    const bool is_group = left->id == kObjectGid || right->id == kObjectGid;
    return any_path([&](const PathFacts& path) {
      return compare_with(number(other), is_group ? path.group : path.owner);
    });
  }

  std::optional<std::uint32_t> number(std::uint32_t id) const {
    const auto found = event_.numbers.find(id);
    return found == event_.numbers.end() ? std::nullopt : std::optional(found->second);
  }

  Truth permission_matches(const Field& field) const {
    if (!event_.arch || !event_.call) return Truth::unknown;
    const CallPermission could =
        call_permission(record::syscall_name(*event_.arch, *event_.call), event_.arguments);
    if ((could.sure & field.value) != 0) return truth(field.op == Op::equal);
    if ((could.possible & field.value) != 0) return Truth::unknown;
    return truth(field.op != Op::equal);
  }

  const Rule& rule_;
  const EventFacts& event_;
};

// A field of the list exclude; what is not of the record's type and process is not known.
bool excludes(const Rule& rule, std::uint32_t type, const EventFacts& event) {
  if (rule.list != List::exclude) return false;
  return std::ranges::all_of(rule.fields, [&](const Field& field) {
    if (field.id == field::kKey) return true;
    if (field.id == field::kMsgType) return holds(field.op, type, field.value);
    const auto number = event.numbers.find(field.id);
    return number != event.numbers.end() && holds(field.op, number->second, field.value);
  });
}

}  // namespace

Truth matches(const Rule& rule, const EventFacts& event) {
  return Matcher(rule, event).match();
}

Judgement judge(std::span<const Rule> rules, const EventFacts& event) {
  Judgement result;
  for (const std::uint32_t type : event.types) {
    const auto removes = [&](const Rule& rule) { return excludes(rule, type, event); };
    if (std::ranges::any_of(rules, removes)) result.left_out.push_back(type);
  }
  if (!event.call) {
    result.kind = Judgement::Kind::no_rule;
    return result;
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Truth found = matches(rules[i], event);
    if (found == Truth::unknown) result.unknown.push_back(i);
    if (found != Truth::yes) continue;
    const bool never = rules[i].action == Action::never;
    result.kind = never ? Judgement::Kind::silenced : Judgement::Kind::caught;
    result.rule = i;
    return result;
  }
  if (!result.unknown.empty()) result.kind = Judgement::Kind::maybe;
  return result;
}

}  // namespace sorrel::ruleset
