#include "ruleset/netlink_rule_kernel.h"

#include <cerrno>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "netlink/kernel_features.h"
#include "netlink/message.h"
#include "netlink/netlink_socket.h"
#include "ruleset/wire.h"

namespace sorrel::ruleset {
namespace {

// Answers of a list wait in the kernel until there is room. With room for some thousand rules it
// need not wait, and we need not be woken for each few of them.
constexpr std::uint32_t kReceiveBufferBytes = 4U << 20;
constexpr std::size_t kBatch = 64;

Status change(netlink::ControlSocket& socket, const Rule& rule, bool is_add) {
  const std::uint16_t type = is_add ? netlink::message::kAddRule : netlink::message::kDelRule;
  Status done = socket.request(type, encode_rule(rule));
  if (done) return done;
  const std::error_code code = done.error().code;
  const bool is_of_kernel = code.category() == std::generic_category() &&
                            code != std::errc::timed_out && code != std::errc::message_size;
  if (!is_of_kernel) return done;
  return fail(code, explain_rule_error(code.value(), is_add));
}

netlink::Setting netlink_setting(Setting setting) noexcept {
  switch (setting) {
    case Setting::backlog_limit:
      return netlink::Setting::backlog_limit;
    case Setting::backlog_wait_time:
      return netlink::Setting::backlog_wait_time;
    case Setting::rate_limit:
      return netlink::Setting::rate_limit;
    case Setting::failure:
      return netlink::Setting::failure;
    case Setting::loginuid_immutable:  // a feature, see set()
    case Setting::enabled:
      break;
  }
  return netlink::Setting::enabled;
}

}  // namespace

SettingValues setting_values(const netlink::KernelSettings& settings) noexcept {
  SettingValues values;
  values[Setting::backlog_limit] = settings.backlog_limit;
  values[Setting::backlog_wait_time] = settings.backlog_wait_time;
  values[Setting::rate_limit] = settings.rate_limit;
  values[Setting::failure] = settings.failure;
  values[Setting::enabled] = settings.enabled;
  return values;
}

std::string explain_rule_error(int error_number, bool is_add) {
  const std::string what = is_add ? "the kernel refused the rule: " : "the kernel kept the rule: ";
  switch (error_number) {
    case EEXIST:
      return what + "an identical one is loaded";
    case ENOENT:
      return is_add
                 ? what + "the folder of its path, or the dir it names, does not exist"
                 : "the kernel has no such rule: it went by itself, or another program removed it";
    case ENOTDIR:
      return what + "a part of its path is no folder";
    case EINVAL:
      return what +
             "this kernel does not know one of its fields, or not with this operator, value or "
             "list (subj_ and obj_ fields need SELinux)";
    case EPERM:
    case EACCES:
      return what +
             "rules are locked until the next boot (enabled 2), or this process lacks "
             "CAP_AUDIT_CONTROL or is not in the host's pid namespace";
    case ECONNREFUSED:
      return what +
             "audit is not in this kernel, was turned off at boot (audit=0), or this process is in "
             "a "
             "user namespace of its own";
    case ENOSPC:
      return what +
             "no inotify watch is left for its path; raise fs.inotify.max_user_watches and "
             "max_user_instances";
    case ENOMEM:
      return what + "no memory is left";
    case E2BIG:
      return what + "it is too long";
    case ELOOP:
      return what + "its path has too many symbolic links";
    case ENAMETOOLONG:
      return what + "its path, or its key, is too long";
    case EOPNOTSUPP:
      return what + "this kernel was built without what it asks for";
    default:
      return what + "errno " + std::to_string(error_number);
  }
}

Result<std::unique_ptr<NetlinkRuleKernel>> NetlinkRuleKernel::open(const Clock& clock) {
  auto socket =
      netlink::NetlinkSocket::open({.receive_buffer_bytes = kReceiveBufferBytes, .batch = kBatch});
  if (!socket) return Unexpected<Error>(std::move(socket).error());
  auto control = std::make_unique<netlink::ControlSocket>(*std::move(socket), clock);
  return std::unique_ptr<NetlinkRuleKernel>(new NetlinkRuleKernel(std::move(control)));
}

Result<KernelState> NetlinkRuleKernel::state() {
  constexpr std::uint32_t kLocked = 2;
  const auto status = socket_.status();
  if (!status) return Unexpected<Error>(status.error());
  KernelState state;
  state.is_enabled = status->enabled != 0;
  state.is_locked = status->enabled == kLocked;
  state.settings[Setting::enabled] = status->enabled;
  state.settings[Setting::failure] = status->failure;
  state.settings[Setting::rate_limit] = status->rate_limit;
  state.settings[Setting::backlog_limit] = status->backlog_limit;
  if (status->has_backlog_wait_time) {
    state.settings[Setting::backlog_wait_time] = status->backlog_wait_time;
  }
  // Linux 3.13; an older kernel does not answer with what can be read.
  if (const auto features = netlink::kernel_features(socket_)) {
    state.settings[Setting::loginuid_immutable] = features->loginuid_immutable ? 1 : 0;
  }
  return state;
}

Result<std::vector<Rule>> NetlinkRuleKernel::list() {
  std::vector<Rule> rules;
  std::optional<Error> broken;
  const Status listed =
      socket_.list(netlink::message::kListRules, [&](std::span<const std::byte> payload) {
        auto rule = decode_rule(payload);
        if (!rule) {
          broken = std::move(rule).error();
        } else if (rules.size() == kMaxRules) {
          broken = Error{std::make_error_code(std::errc::value_too_large),
                         "the kernel has more than " + std::to_string(kMaxRules) + " rules"};
        } else {
          rules.push_back(*std::move(rule));
        }
        // To the end in any case, so that no answer is left for the next request.
        return true;
      });
  if (!listed) return Unexpected<Error>(listed.error());
  if (broken) return Unexpected<Error>(*std::move(broken));
  return rules;
}

Status NetlinkRuleKernel::add(const Rule& rule) {
  return change(socket_, rule, true);
}

Status NetlinkRuleKernel::remove(const Rule& rule) {
  // With the flag of the front the kernel finds no rule.
  Rule held = rule;
  held.prepend = false;
  return change(socket_, held, false);
}

Status NetlinkRuleKernel::set(Setting setting, std::uint32_t value) {
  if (setting == Setting::loginuid_immutable) return netlink::lock_loginuid(socket_);
  return socket_.set(netlink_setting(setting), value);
}

Status NetlinkRuleKernel::act(const OneTimeActions& actions) {
  for (const auto& [mount, subtree] : actions.equivalents) {
    if (const Status done = netlink::make_equivalent(socket_, mount, subtree); !done) return done;
  }
  if (actions.trim) {
    if (const Status done = socket_.request(netlink::message::kTrim, {}); !done) return done;
  }
  if (actions.reset_lost) {
    if (const Status done = socket_.set(netlink::Setting::lost, 0); !done) return done;
  }
  if (!actions.reset_wait_time_actual) return Ok{};
  return socket_.set(netlink::Setting::backlog_wait_time_actual, 0);
}

}  // namespace sorrel::ruleset
