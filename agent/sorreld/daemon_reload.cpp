// What of Daemon changes while it runs: the configuration, the users.
#include <string>
#include <utility>

#include "base/log.h"
#include "config/load.h"
#include "sorreld/daemon.h"
#include "sorreld/reload.h"
#include "sorreld/service_manager.h"

namespace sorrel::agent {
namespace {

constexpr std::uint32_t kUsersCheckMs = 2'000;

}  // namespace

// New users get their names without a reload.
std::uint32_t Daemon::refresh_users() {
  if (!options_.enrich.user_names) return kUsersCheckMs;
  std::string version = users_version("");
  if (version == users_version_) return kUsersCheckMs;
  users_version_ = std::move(version);
  auto annotator = new_annotator(options_);
  if (!annotator) {
    log(Level::warning, "the user database cannot be read; names are those of before",
        {{"error", annotator.error().to_string()}});
    return kUsersCheckMs;
  }
  // The old one lives until the pipeline has let go of it.
  const std::shared_ptr<Annotator> old = std::exchange(annotator_, *std::move(annotator));
  const bool taken = post([old, now = annotator_, files = outputs_, outputs = all_outputs(outputs_),
                           made = pipeline_options(options_)](Pipeline& pipeline) {
    pipeline.reconfigure(made, now.get(), outputs);
  });
  if (taken) return kUsersCheckMs;
  annotator_ = old;
  users_version_.clear();  // again later
  return kUsersCheckMs;
}

void Daemon::reload(const ReceivedSignal& signal) {
  if (is_finishing_) return;  // the loop still runs while outputs deliver
  if (shipping_ && !shipping_->is_settled()) {
    // Only one of them waits: it reads what the file has by then.
    if (!std::exchange(waiting_reload_, signal)) {
      log(Level::info, "outputs are still changing; the configuration is read again after that");
    }
    return;
  }
  const std::uint64_t now_us = clock_.monotonic_ns() / 1'000;
  notify_service_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now_us));
  const auto wanted = config::load_file(settings_.config_path);
  const Status applied =
      wanted ? apply(*wanted, signal) : Status(Unexpected<Error>(wanted.error()));
  if (applied) {
    log(Level::info, "configuration read again", {{"file", settings_.config_path}});
  } else {
    log(Level::error, "the new configuration cannot be used; the old one stays",
        {{"error", applied.error().to_string()}});
    post([body = daemon_config(sender_of(signal), false)](Pipeline& pipeline) {
      pipeline.emit_own(record::type::kDaemonConfig, body);
      pipeline.reopen_sinks();
    });
  }
  notify_service_manager("READY=1");
}

void Daemon::reload_waiting() {
  if (const auto signal = std::exchange(waiting_reload_, std::nullopt)) reload(*signal);
}

Status Daemon::apply(const config::Options& wanted, const ReceivedSignal& signal) {
  ReloadPlan plan = plan_reload(options_, wanted, shipping_ != nullptr);
  auto outputs = open_outputs(plan.options.outputs, outputs_, account_, storage_, clock_);
  if (!outputs) return Unexpected<Error>(std::move(outputs).error());
  users_version_ = users_version("");
  auto annotator = new_annotator(plan.options);
  if (!annotator) return Unexpected<Error>(std::move(annotator).error());
  const std::string node =
      plan.options.node != options_.node ? resolve_node(plan.options.node) : node_;
  const bool had_shipping = shipping_ != nullptr;
  if (const Status ready = prepare_shipping(plan.options, node); !ready) return ready;
  // The old ones live until the pipeline has let go of them.
  const OpenOutputs old_outputs = std::exchange(outputs_, *std::move(outputs));
  const std::shared_ptr<Annotator> old_annotator = std::exchange(annotator_, *std::move(annotator));
  const config::Options old_options = std::exchange(options_, std::move(plan.options));
  const std::string old_node = std::exchange(node_, node);
  const bool taken =
      post([this, old_outputs, old_annotator, now = outputs_, outputs = all_outputs(outputs_),
            names = annotator_, made = pipeline_options(options_),
            changed = had_shipping ? shipping_.get() : nullptr,
            body = daemon_config(sender_of(signal), true)](Pipeline& pipeline) {
        // This event is the last of the old configuration: what comes behind it is the new one's.
        pipeline.put_out_all();
        pipeline.emit_own(record::type::kDaemonConfig, body);
        pipeline.reconfigure(made, names.get(), outputs);
        pipeline.reopen_sinks();
        rotations_.watch(now);
        if (changed == nullptr) return;
        reactor_.post([changed, ends = changed->buffer().ends()] { changed->commit(ends); });
      });
  if (!taken) {
    outputs_ = old_outputs;
    annotator_ = old_annotator;
    options_ = old_options;
    node_ = old_node;
    if (had_shipping) {
      shipping_->undo();
    } else {
      shipping_.reset();
    }
    return fail(std::errc::resource_unavailable_try_again,
                "an output does not take anything at the moment; send SIGHUP again");
  }
  if (!had_shipping && shipping_) shipping_->start();
  for (const std::string& name : plan.needs_restart) {
    log(Level::warning, "this option takes effect with the next start only", {{"option", name}});
  }
  set_log_level(options_.log_level);
  if (input_.kernel) input_.kernel->reconfigure(kernel_options(options_));
  if (rules_) rules_->load(options_.rules, options_.netlink.settings);
  return Ok{};
}

// The first output to a collector brings the buffer with it, made with what rights there still are.
Status Daemon::prepare_shipping(const config::Options& options, const std::string& node) {
  if (shipping_) return shipping_->prepare(options, node);
  auto opened = open_shipping(options, std::nullopt, node);
  if (opened) {
    shipping_ = *std::move(opened);
    return Ok{};
  }
  Error error = std::move(opened).error();
  error.message += " (the first output to a collector; a restart does this as root)";
  return Unexpected<Error>(std::move(error));
}

// The kernel keeps the LSM's context of who signals the registered daemon; /proc may be too late.
Actor Daemon::sender_of(const ReceivedSignal& signal) {
  Actor sender = describe_process("/proc", signal.pid, signal.uid);
  if (!input_.kernel || input_.kernel->state() != netlink::RegistrationState::registered) {
    return sender;
  }
  const auto info = input_.kernel->signal_info();
  if (info && info->pid == signal.pid && !info->context.empty()) sender.subject = info->context;
  return sender;
}

}  // namespace sorrel::agent
