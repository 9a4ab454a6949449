#include "sorreld/shipping.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/log.h"
#include "buffer/inspect.h"
#include "sorreld/output_bits.h"
#include "sorreld/outputs.h"

namespace sorrel::agent {
namespace {

constexpr std::uint32_t kRefreshMs = 5'000;
// Of the end: outputs may take what is left, and wait for its answers.
constexpr std::uint32_t kDeliverMs = 5'000;
constexpr std::uint32_t kFinishMs = 5'000;

Status give_to(const std::string& path, const Account& account) {
  const auto give = [&](const std::string& name) {
    return ::lchown(name.c_str(), account.uid, account.gid) == 0;
  };
  bool is_given = give(path);
  std::error_code error;
  for (auto entry = std::filesystem::recursive_directory_iterator(path, error);
       !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    is_given = is_given && give(entry->path().string());
  }
  if (is_given && !error) return Ok{};
  return fail_errno(errno, "cannot give " + path + " to the user " + account.name);
}

config::OutputOptions with_host(config::OutputOptions options, const std::string& node) {
  for (std::string* const host : {&options.syslog.format.host, &options.relp.format.host,
                                  &options.kafka.host, &options.udp.format.host}) {
    if (host->empty()) *host = node;
  }
  return options;
}

}  // namespace

Result<std::unique_ptr<Shipping>> Shipping::open(const config::Options& options,
                                                 const std::optional<Account>& account,
                                                 Reactor& reactor, const Clock& clock,
                                                 const std::string& node, EncodeGap encode_gap) {
  std::unique_ptr<Shipping> made(new Shipping(reactor, clock));
  std::vector<std::string> names;
  for (const config::OutputOptions& output : options.outputs) {
    if (!output.is_shipped()) continue;
    made->options_.push_back(with_host(output, node));
    names.push_back(output.name);
  }
  if (names.empty()) return std::unique_ptr<Shipping>();
  buffer::Options settings = options.buffer;
  if (settings.path.empty()) settings.path = options.state_dir + "/buffer";
  if (const int error = made->storage_.make_folder(settings.path); error < 0) {
    return fail_errno(-error, "cannot use the buffer's folder " + settings.path);
  }
  auto lock = buffer::lock_buffer(settings.path);
  if (!lock) return Unexpected<Error>(std::move(lock).error());
  made->lock_ = *std::move(lock);
  const auto bits = assign_output_bits(settings.path + "/outputs", names);
  if (!bits) return Unexpected<Error>(bits.error());
  std::vector<buffer::OutputInfo> infos;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const config::OutputOptions& output = made->options_[i];
    auto wish = wish_of(output, (*bits)[i]);
    if (!wish) return Unexpected<Error>(std::move(wish).error());
    made->wishes_.push_back(*std::move(wish));
    infos.push_back({.name = output.name,
                     .bit = (*bits)[i],
                     .is_required = output.is_required,
                     .from_oldest = output.from_oldest});
  }
  auto buffer = buffer::Buffer::open(made->storage_, clock, settings, infos);
  if (!buffer) return Unexpected<Error>(std::move(buffer).error());
  made->buffer_ = *std::move(buffer);
  made->sink_ = std::make_unique<BufferSink>(*made->buffer_);
  const std::string letters = settings.path + "/refused";
  if (const int error = made->storage_.make_folder(letters); error < 0) {
    return fail_errno(-error, "cannot use the folder " + letters);
  }
  if (account) {
    if (const Status given = give_to(settings.path, *account); !given) {
      return Unexpected<Error>(given.error());
    }
  }
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const config::OutputOptions& output = made->options_[i];
    const auto encode = [encode_gap, name = output.name, format = output.format](
                            const buffer::Gap& gap) { return encode_gap(name, format, gap); };
    auto opened =
        ShippedOutput::create(output, {.buffer = made->buffer_.get(),
                                       .output = i,
                                       .executor = reactor.executor(),
                                       .disk = made->disk_.get_executor(),
                                       .clock = &clock,
                                       .dead_letters = letters + '/' + output.name + ".json",
                                       .encode_gap = encode});
    if (!opened) {
      return fail(opened.error().code, "output " + output.name + ": " + opened.error().message);
    }
    made->outputs_.push_back(*std::move(opened));
  }
  return made;
}

Shipping::~Shipping() {
  *is_alive_ = false;
  disk_.join();
}

void Shipping::add_outputs(std::vector<Output>& outputs) const {
  for (const buffer::Format format : {buffer::Format::json, buffer::Format::raw}) {
    Output output{.format = format, .sink = sink_.get(), .wishes = {}};
    for (std::size_t i = 0; i < options_.size(); ++i) {
      if (options_[i].format == format) output.wishes.push_back(wishes_[i]);
    }
    if (!output.wishes.empty()) outputs.push_back(std::move(output));
  }
}

void Shipping::start() {
  buffer_->on_frames([this] {
    if (is_told_.exchange(true)) return;
    reactor_.post([this, alive = is_alive_] {
      if (*alive) tell_feeds();
    });
  });
  buffer_->start();
  for (const auto& output : outputs_) output->start();
  reactor_.repeat("outputs", [this, alive = is_alive_] {
    if (!*alive) return Reactor::kNever;
    for (const auto& output : outputs_) output->refresh();
    return kRefreshMs;
  });
}

void Shipping::tell_feeds() {
  is_told_.store(false);
  for (const auto& output : outputs_) output->feed().notify();
}

void Shipping::stop() {
  const auto all = [this](bool (*is)(ShippedOutput&)) {
    return std::all_of(outputs_.begin(), outputs_.end(),
                       [is](const auto& each) { return is(*each); });
  };
  const auto has_ended = [&] { return all([](ShippedOutput& each) { return each.has_ended(); }); };
  reactor_.run_until(
      [&] { return all([](ShippedOutput& each) { return each.feed().has_given_all(); }); },
      kDeliverMs);
  for (const auto& output : outputs_) output->finish();
  reactor_.run_until(has_ended, kFinishMs);
  for (const auto& output : outputs_) {
    if (!output->has_ended()) output->abort();
  }
  if (!reactor_.run_until(has_ended, kFinishMs)) {
    log(Level::warning, "an output does not end; what it has not delivered stays in the buffer");
  }
  std::uint64_t left = 0;
  for (const auto& output : outputs_) left += output->feed().lag();
  if (left != 0) {
    log(Level::hint, "events wait in the buffer for the next start",
        {{"events", std::to_string(left)}});
  }
  buffer_->close();
}

std::vector<ShippedStatus> Shipping::outputs() const {
  std::vector<ShippedStatus> all;
  for (const auto& output : outputs_) all.push_back(output->status());
  return all;
}

}  // namespace sorrel::agent
