#include "enrich/enricher.h"

#include <algorithm>
#include <cstring>

#include "enrich/field_text.h"
#include "enrich/paths.h"

namespace sorrel::enrich {
namespace {

using event::AnnotationList;
using event::Event;
using event::Record;
using record::Field;
using record::KeyId;
using record::KeyRole;
namespace key = record::key;
namespace type = record::type;

bool is_enriched_by_auditd(std::span<const Field> fields) {
  return !fields.empty() && fields.back().enriched;
}

// Records whose pids are told with the call, or that have none.
bool names_no_process(record::RecordType t) {
  return t == type::kSyscall || t == type::kExecve || t == type::kProctitle || t == type::kUringop;
}

// Records of which no field is annotated: one with many arguments would be looked through for
// nothing.
bool has_no_tasks(record::RecordType t) {
  return t == type::kExecve || t == type::kCwd || t == type::kProctitle || t == type::kSockaddr ||
         t == type::kEoe;
}

// Records whose values, but for arguments, mean the same whatever the call is.
bool has_fixed_meanings(record::RecordType t) {
  return t == type::kSyscall || t == type::kPath;
}

bool is_argument(KeyId id) {
  return id >= key::kA0 && id <= key::kA3;
}

// Whether id= of a message is a group's: what the tools that make and change groups send. All
// others mean a user.
bool has_group_id(record::RecordType t) {
  constexpr record::RecordType kAddGroup = 1116;
  constexpr record::RecordType kDelGroup = 1117;
  constexpr record::RecordType kGroupManagement = 1132;
  return t == kAddGroup || t == kDelGroup || t == kGroupManagement;
}

std::string in_capitals(std::string_view name) {
  std::string capitals(name);
  for (char& c : capitals)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return capitals;
}

}  // namespace

Enricher::Enricher(const Options& options, const Parts& parts)
    : options_(options),
      names_(parts.users, parts.more_names),
      processes_(parts.processes),
      secrets_(parts.secrets),
      tasks_{},
      keys_(record::kKeyCount + 1),
      upper_(record::kKeyCount + 1) {
  const bool names_users =
      options.user_names && (parts.users != nullptr || parts.more_names != nullptr);
  for (KeyId id = 1; id <= record::kKeyCount; ++id) {
    const record::KeyInfo& info = record::key_info(id);
    Tasks& tasks = tasks_[id];
    if (names_users && info.role == KeyRole::user) tasks |= kUser;
    if (names_users && info.role == KeyRole::group) tasks |= kGroup;
    if (options.pid && info.role == KeyRole::process) tasks |= kProcess;
    if (options.arguments && may_interpret(id)) tasks |= is_argument(id) ? kArgument : kMeaning;
    if (options.names && id == key::kArch) tasks |= kCall;
    if (names_users && id == key::kMsg) tasks |= kMessage;
    if (tasks == 0 && id != key::kId) continue;
    upper_[id] = in_capitals(info.name);
    keys_[id].upper = upper_[id];
    if ((tasks & kMeaning) != 0) keys_[id].domain = kFirstMeaning + id;
    if ((tasks & kUser) != 0) keys_[id].domain = kUsers;
    if ((tasks & kGroup) != 0) keys_[id].domain = kGroups;
  }
}

Processes::Lesson Enricher::learn(Event& event) {
  calls_.read(event, call_);
  learned_ = &event;
  return processes_ == nullptr ? Processes::Lesson{} : processes_->learn(event, call_);
}

std::size_t Enricher::annotate(Event& event, const HostAnswer& answer, bool keeps) {
  // First: what is taken out must not be seen by anything that follows.
  const std::size_t redactions = secrets_ == nullptr ? 0 : secrets_->apply(event).size();
  if (keeps || learned_ != &event) calls_.read(event, call_);
  learned_ = nullptr;
  const Call& call = call_;
  CallContext context;
  if (options_.arguments && call.is_known())
    context = CallContext(call.arch, call.number, event.fields(event.records()[call.record]));
  for (std::uint32_t i = 0; i < event.records().size(); ++i) {
    const Record& r = event.records()[i];
    const bool has_environment =
        r.type == type::kExecve && r.first_of_type && answer.environment != nullptr;
    if (has_no_tasks(r.type) && !has_environment && redactions == 0) continue;
    AnnotationList& out = event.annotate(i);
    if (!has_no_tasks(r.type)) annotate_record(event, i, call, context, keeps, out);
    if (i == call.record) annotate_call(event, call, answer, keeps, out);
    if (r.type == type::kPath && options_.paths) add_path(event, i, call, out);
    if (has_environment) add_environment(event, *answer.environment, keeps, out);
    if (redactions != 0) secrets_->annotate(i, out);
  }
  if (options_.container_info && processes_ != nullptr) processes_->annotate_event(event, keeps);
  return redactions;
}

void Enricher::annotate_record(Event& event, std::uint32_t index, const Call& call,
                               const CallContext& context, bool keeps, AnnotationList& out) {
  const Record& r = event.records()[index];
  const std::span<const Field> fields = event.fields(r);
  // What auditd's ENRICHED format has put there already is not added again.
  const bool is_named = is_enriched_by_auditd(fields);
  Tasks wanted = kUser | kGroup | kProcess | kMeaning;
  if (is_named) wanted &= static_cast<Tasks>(~(kUser | kGroup));
  if (names_no_process(r.type)) wanted &= static_cast<Tasks>(~kProcess);
  if (context.has_meanings()) wanted |= kArgument;
  bool has_message = false;
  if (index == call.record) {
    if (options_.names && !is_named) Names::add_call(call, out);
  } else if (r.type != type::kPath) {
    // Most other records have nothing to be named, so one quick look at all fields comes first.
    Tasks all = 0;
    for (const Field& field : fields) all |= tasks_[field.key_id];
    if ((all & kCall) != 0 && !is_named) Names::add_call(fields, out);
    has_message = (all & kMessage) != 0 && !is_named;
    if ((all & wanted) == 0 && !has_message) return;
  }
  const bool is_fixed = has_fixed_meanings(r.type);
  for (const Field& field : fields) {
    if ((tasks_[field.key_id] & wanted) == 0) continue;
    if (field.inside || field.enriched || field.repeated != 0) [[unlikely]]
      continue;
    if (!add_known(event, keys_[field.key_id], field, is_fixed, out))
      annotate_field(event, r, field, context, keeps, out);
  }
  if (has_message) annotate_message(event, r, fields, out);
}

// The ids inside a message of a program. Their names stand in the record, outside of msg, as
// auditd's ENRICHED format has them, and so does the record's own id of that key, which has
// precedence.
void Enricher::annotate_message(Event& event, const Record& record, std::span<const Field> fields,
                                AnnotationList& out) {
  for (const Field& field : fields) {
    if (!field.inside || field.enriched || field.repeated != 0) continue;
    const bool is_id = field.key_id == key::kId;
    const Tasks tasks = tasks_[field.key_id];
    if (!is_id && (tasks & (kUser | kGroup)) == 0) continue;
    const auto is_own = [&](const Field& other) {
      return !other.inside && !other.enriched && other.key_id == field.key_id;
    };
    if (std::any_of(fields.begin(), fields.end(), is_own)) continue;
    const bool is_group = is_id ? has_group_id(record.type) : (tasks & kGroup) != 0;
    names_.add_user(event, upper_[field.key_id], field, is_group, out);
  }
}

// What is remembered of the field's value. False: nothing, so it needs a look of its own.
inline bool Enricher::add_known(Event& event, const KeyUse& key, const Field& field,
                                bool has_fixed_meanings, AnnotationList& out) {
  if (key.domain == kNoDomain || (key.domain >= kFirstMeaning && !has_fixed_meanings)) return false;
  if (field.value_size - 1 >= ShortText::kMaxSize) return false;
  const ShortText value = ShortText::of(field.value_data, field.value_size);
  const ValueMemo::Entry& memo = memo_.at(key.domain, value);
  if (!memo.is_of(key.domain, value)) return false;
  if (memo.text.empty()) return true;
  std::string_view text = memo.text;
  if (memo.is_own) {
    char* const copy = event.allocate(sizeof memo.own);
    std::memcpy(copy, memo.own, sizeof memo.own);
    text = {copy, text.size()};
  }
  out.text(key.upper, text, memo.is_plain);
  return true;
}

// `text` lives for ever, or it is to be kept in the memo.
void Enricher::remember(const Field& field, std::string_view text, bool is_own) {
  if (field.value_size - 1 >= ShortText::kMaxSize) return;
  if (is_own && text.size() > ValueMemo::kMaxOwnText) return;
  const ShortText value = ShortText::of(field.value_data, field.value_size);
  const ValueMemo::Domain domain = keys_[field.key_id].domain;
  ValueMemo::Entry& memo = memo_.at(domain, value);
  memo.value = value;
  memo.domain = domain;
  memo.is_plain = event::is_plain(text);
  memo.is_own = is_own;
  if (is_own) text.copy(memo.own, text.size());
  memo.text = is_own ? std::string_view(memo.own, text.size()) : text;
}

void Enricher::annotate_field(Event& event, const Record& record, const Field& field,
                              const CallContext& context, bool keeps, AnnotationList& out) {
  const Tasks tasks = tasks_[field.key_id];
  if ((tasks & (kUser | kGroup)) != 0) {
    add_user(event, field, (tasks & kGroup) != 0, out);
  } else if ((tasks & kProcess) != 0) {
    if (processes_ != nullptr)
      processes_->annotate_field(event, keys_[field.key_id].upper, field, keeps, out);
  } else {
    add_meaning(event, record, field, context, out);
  }
}

void Enricher::add_user(Event& event, const Field& field, bool is_group, AnnotationList& out) {
  const Names::Name name = names_.name(event, field, is_group);
  if (name.text.empty()) return;
  out.text(keys_[field.key_id].upper, name.text);
  if (name.is_lasting) remember(field, name.text, name.in_event);
}

void Enricher::add_meaning(Event& event, const Record& record, const Field& field,
                           const CallContext& context, AnnotationList& out) {
  const std::string_view key = keys_[field.key_id].upper;
  const std::string_view meaning = interpret(record.type, field, context, room_);
  const bool lives_for_ever =
      meaning.data() < room_.text || meaning.data() >= room_.text + kInterpretationSize;
  if (has_fixed_meanings(record.type) && !is_argument(field.key_id) && lives_for_ever)
    remember(field, meaning, false);
  if (!meaning.empty()) return out.text(key, lives_for_ever ? meaning : event.copy(meaning));
  if (record.type != type::kSyscall || !options_.user_names) return;
  if (const std::optional<IdArgument> id = argument_id(field, context); id)
    names_.add_user(event, key, id->id, id->is_group, out);
}

void Enricher::annotate_call(Event& event, const Call& call, const HostAnswer& answer, bool keeps,
                             AnnotationList& out) {
  if (options_.groups && call.uid != Call::kUnset) names_.add_groups(event, call.uid, out);
  if (!answer.exe_hash.empty()) out.plain("EXE_HASH", event.copy(answer.exe_hash));
  if (options_.script && event.has_type(type::kExecve)) add_script(event, call, out);
  if (processes_ != nullptr) processes_->annotate_call(event, call, keeps, out);
  if (!answer.missing.empty()) out.plain("PROC", answer.missing);
}

void Enricher::add_script(Event& event, const Call& call, AnnotationList& out) {
  if (!call.success) return;
  const std::string_view name = scripts_.find(event);
  if (name.empty()) return;
  const std::string_view path = WorkingDirectory(event, call).resolve(event, name);
  out.text("SCRIPT", path.empty() ? name : path);
}

void Enricher::add_path(Event& event, std::uint32_t index, const Call& call, AnnotationList& out) {
  const Field* const field = path_name_.find(event.fields(event.records()[index]));
  if (field == nullptr) return;
  // Nearly all names are absolute and plain, and then nothing is added.
  const std::string_view name = bytes_of(event, *field);
  if (name.empty() || is_plain_absolute(name)) return;
  const std::string_view path = WorkingDirectory(event, call).resolve(event, name);
  if (!path.empty()) out.text("NAME", path);
}

void Enricher::add_environment(Event& event, const host::Environment& environment, bool keeps,
                               AnnotationList& out) {
  const auto text = [&](std::string_view t) { return keeps ? event.copy(t) : t; };
  out.open_object("ENV");
  const auto& variables = environment.variables();
  for (auto variable = variables.begin(); variable != variables.end(); ++variable) {
    // The program itself gets the first of those with one name: getenv(3).
    const auto has_name = [&](const auto& other) { return other.name == variable->name; };
    if (std::any_of(variables.begin(), variable, has_name)) continue;
    out.name(text(variable->name));
    out.text({}, text(variable->value));
  }
  out.close();
  if (environment.cut() != 0 || environment.dropped() != 0) out.yes("ENV_CUT");
}

}  // namespace sorrel::enrich
