#include "auditctl.h"

#include <cstring>
#include <memory>

#include <libaudit.h>

#include "ruleset/finding.h"
#include "ruleset/lexer.h"
#include "ruleset/options.h"

// The state of libaudit's parser, which it exports and no header declares.
extern "C" {
extern int _audit_permadded;
extern int _audit_archadded;
extern int _audit_syscalladded;
extern int _audit_exeadded;
extern int _audit_filterfsadded;
extern unsigned int _audit_elf;
}

namespace sorrel::ruleset {
namespace {

void reset_libaudit() {
  _audit_permadded = 0;
  _audit_archadded = 0;
  _audit_syscalladded = 0;
  _audit_exeadded = 0;
  _audit_filterfsadded = 0;
  _audit_elf = 0;
}

class Auditctl {
 public:
  Auditctl() { reset_libaudit(); }
  ~Auditctl() { audit_rule_free_data(rule_); }
  Auditctl(const Auditctl&) = delete;
  Auditctl& operator=(const Auditctl&) = delete;

  AuditctlAnswer compile(std::string_view text) {
    Findings findings;
    Line line;
    if (!Lexer(0, text, findings).next(line)) return {{}, -1};
    for (const Option& option : read_options(line, findings)) {
      error_ = read(option);
      if (error_ != 0) return {{}, error_};
    }
    if (findings.errors() != 0 || !has_list_) return {{}, -1};
    if (!keys_.empty()) {
      std::string pair = "key=" + keys_;
      error_ = audit_rule_fieldpair_data(&rule_, pair.data(), flags_);
      if (error_ != 0) return {{}, error_};
    }
    // auditctl.c: without -S, all calls, but for the list task.
    if (_audit_syscalladded != 1 && flags_ != AUDIT_FILTER_TASK) {
      for (unsigned i = 0; i < AUDIT_BITMASK_SIZE; ++i) rule_->mask[i] = ~0U;
    }
    // The rest is done by audit_add_rule_data().
    rule_->flags = static_cast<__u32>(flags_);
    rule_->action = static_cast<__u32>(action_);
    const std::size_t size = sizeof(*rule_) + rule_->buflen;
    const auto* const begin = reinterpret_cast<const std::byte*>(rule_);
    return {{begin, begin + size}, 0};
  }

 private:
  int read(const Option& option) {
    std::string value = option.value.text;
    switch (option.id) {
      case OptionId::append:
      case OptionId::prepend:
      case OptionId::remove:
        return read_list(value, option.id == OptionId::prepend);
      case OptionId::calls:
        return read_calls(value);
      case OptionId::field:
        if (value.starts_with("key=")) return add_key(value.substr(4));
        return audit_rule_fieldpair_data(&rule_, value.data(), flags_ & AUDIT_FILTER_MASK);
      case OptionId::comparison:
        return audit_rule_interfield_comp_data(&rule_, value.data(), flags_);
      case OptionId::watch:
        return read_watch(value);
      case OptionId::permission:
        return read_permission(value);
      case OptionId::key:
        return add_key(value);
      default:
        return -1;
    }
  }

  int read_list(const std::string& value, bool prepends) {
    const std::size_t comma = value.find(',');
    if (comma == std::string::npos) return -1;
    std::string list = value.substr(0, comma);
    std::string action = value.substr(comma + 1);
    if (audit_name_to_flag(list.c_str()) < 0) std::swap(list, action);
    flags_ = audit_name_to_flag(list.c_str());
    action_ = audit_name_to_action(action.c_str());
    if (flags_ < 0 || action_ < 0) return -1;
    if (prepends) flags_ |= AUDIT_FILTER_PREPEND;
    has_list_ = true;
    return 0;
  }

  int read_calls(const std::string& value) {
    const int list = flags_ & AUDIT_FILTER_MASK;
    if (list != AUDIT_FILTER_EXIT) return -1;
    for (std::size_t start = 0; start <= value.size();) {
      const std::size_t end = std::min(value.find(',', start), value.size());
      const std::string name = value.substr(start, end - start);
      const int error = audit_rule_syscallbyname_data(rule_, name.c_str());
      if (error != 0) return error;
      _audit_syscalladded = 1;
      start = end + 1;
    }
    return 0;
  }

  int read_watch(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    flags_ = AUDIT_FILTER_EXIT;
    action_ = AUDIT_ALWAYS;
    has_list_ = true;
    const bool is_folder = path.ends_with(".d");  // as the probe of the tests says
    return audit_add_watch_dir(is_folder ? AUDIT_DIR : AUDIT_WATCH, &rule_, path.c_str());
  }

  int read_permission(const std::string& value) {
    int bits = 0;
    for (const char letter : value) {
      if (letter == 'r') bits |= AUDIT_PERM_READ;
      if (letter == 'w') bits |= AUDIT_PERM_WRITE;
      if (letter == 'x') bits |= AUDIT_PERM_EXEC;
      if (letter == 'a') bits |= AUDIT_PERM_ATTR;
    }
    return audit_update_watch_perms(rule_, bits);
  }

  int add_key(const std::string& key) {
    if (!keys_.empty()) keys_ += '\x01';
    keys_ += key;
    return 0;
  }

  audit_rule_data* rule_ = audit_rule_create_data();
  int flags_ = -1;
  int action_ = -1;
  int error_ = 0;
  bool has_list_ = false;
  std::string keys_;
};

}  // namespace

AuditctlAnswer auditctl_compile(std::string_view line) {
  return Auditctl().compile(line);
}

bool auditctl_knows_features() {
  return (audit_get_features() & AUDIT_FEATURE_BITMAP_FILTER_FS) != 0;
}

}  // namespace sorrel::ruleset
