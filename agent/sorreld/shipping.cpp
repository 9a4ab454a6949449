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

}  // namespace

std::vector<config::OutputOptions> shipped_outputs(const config::Options& options,
                                                   const std::string& node) {
  std::vector<config::OutputOptions> outputs;
  for (const config::OutputOptions& output : options.outputs) {
    if (!output.is_shipped()) continue;
    config::OutputOptions& made = outputs.emplace_back(output);
    for (std::string* const host : {&made.syslog.format.host, &made.relp.format.host,
                                    &made.kafka.host, &made.udp.format.host}) {
      if (host->empty()) *host = node;
    }
  }
  return outputs;
}

Result<std::unique_ptr<Shipping>> Shipping::open(const config::Options& options,
                                                 const std::optional<Account>& account,
                                                 Reactor& reactor, const Clock& clock,
                                                 const std::string& node, EncodeGap encode_gap) {
  const std::vector<config::OutputOptions> outputs = shipped_outputs(options, node);
  if (outputs.empty()) return std::unique_ptr<Shipping>();
  buffer::Options settings = options.buffer;
  if (settings.path.empty()) settings.path = options.state_dir + "/buffer";
  std::unique_ptr<Shipping> made(
      new Shipping(reactor, clock, settings.path, std::move(encode_gap)));
  if (const int error = made->storage_.make_folder(settings.path); error < 0) {
    return fail_errno(-error, "cannot use the buffer's folder " + settings.path);
  }
  auto lock = buffer::lock_buffer(settings.path);
  if (!lock) return Unexpected<Error>(std::move(lock).error());
  made->lock_ = *std::move(lock);
  std::vector<std::string> names;
  for (const config::OutputOptions& output : outputs) names.push_back(output.name);
  const auto bits = assign_output_bits(settings.path + "/outputs", names);
  if (!bits) return Unexpected<Error>(bits.error());
  std::vector<buffer::OutputInfo> infos;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    auto wish = wish_of(outputs[i], (*bits)[i]);
    if (!wish) return Unexpected<Error>(std::move(wish).error());
    made->wishes_.push_back({outputs[i].format, *std::move(wish)});
    infos.push_back({.name = outputs[i].name,
                     .bit = (*bits)[i],
                     .is_required = outputs[i].is_required,
                     .from_oldest = outputs[i].from_oldest});
  }
  auto buffer = buffer::Buffer::open(made->storage_, clock, settings, infos);
  if (!buffer) return Unexpected<Error>(std::move(buffer).error());
  made->buffer_ = *std::move(buffer);
  made->buffer_->on_frames([shipping = made.get()] {
    if (shipping->is_told_.exchange(true)) return;
    shipping->reactor_.post([shipping, alive = shipping->is_alive_] {
      if (*alive) shipping->tell_feeds();
    });
  });
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
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    auto output = made->make_output(outputs[i], i);
    if (!output) return Unexpected<Error>(std::move(output).error());
    made->outputs_.push_back(
        {.options = outputs[i], .bit = infos[i].bit, .place = i, .output = *std::move(output)});
  }
  return made;
}

Result<std::unique_ptr<ShippedOutput>> Shipping::make_output(const config::OutputOptions& options,
                                                             std::size_t place) {
  const auto encode = [encode_gap = encode_gap_, name = options.name, format = options.format](
                          const buffer::Gap& gap) { return encode_gap(name, format, gap); };
  auto made =
      ShippedOutput::create(options, {.buffer = buffer_.get(),
                                      .output = place,
                                      .executor = reactor_.executor(),
                                      .disk = disk_.get_executor(),
                                      .clock = &clock_,
                                      .dead_letters = path_ + "/refused/" + options.name + ".json",
                                      .encode_gap = encode});
  if (made) return made;
  return fail(made.error().code, "output " + options.name + ": " + made.error().message);
}

Shipping::~Shipping() {
  *is_alive_ = false;
  disk_.join();
}

void Shipping::add_outputs(std::vector<Output>& outputs) const {
  for (const buffer::Format format : {buffer::Format::json, buffer::Format::raw}) {
    Output output{.format = format, .sink = sink_.get(), .wishes = {}};
    for (const ShippedWish& each : wishes_) {
      if (each.format == format) output.wishes.push_back(each.wish);
    }
    if (!output.wishes.empty()) outputs.push_back(std::move(output));
  }
}

void Shipping::start() {
  buffer_->start();
  for (const Slot& slot : outputs_) slot.output->start();
  reactor_.repeat("outputs", [this, alive = is_alive_] {
    if (!*alive) return Reactor::kNever;
    for (const Slot& slot : outputs_) slot.output->refresh();
    return kRefreshMs;
  });
}

void Shipping::tell_feeds() {
  is_told_.store(false);
  for (const Slot& slot : outputs_) slot.output->feed().notify();
}

void Shipping::stop() {
  // What a reload has not come to does not begin any more; its cursors are where it shall.
  is_stopping_ = true;
  planned_.clear();
  for (Slot& slot : outputs_) slot.next.reset();
  const auto all = [this](bool (*is)(const Slot&)) {
    return std::all_of(outputs_.begin(), outputs_.end(), is);
  };
  const auto has_ended = [&] {
    return all([](const Slot& each) { return each.output->has_ended(); });
  };
  // Outputs that are on their end give no more.
  reactor_.run_until(
      [&] {
        return all([](const Slot& each) {
          return each.stage > Stage::delivers || each.output->feed().has_given_all();
        });
      },
      kDeliverMs);
  for (const Slot& slot : outputs_) slot.output->finish();
  reactor_.run_until(has_ended, kFinishMs);
  for (const Slot& slot : outputs_) {
    if (!slot.output->has_ended()) slot.output->abort();
  }
  if (!reactor_.run_until(has_ended, kFinishMs)) {
    log(Level::warning, "an output does not end; what it has not delivered stays in the buffer");
  }
  std::uint64_t left = 0;
  for (const Slot& slot : outputs_) left += slot.output->feed().lag();
  if (left != 0) {
    log(Level::hint, "events wait in the buffer for the next start",
        {{"events", std::to_string(left)}});
  }
  buffer_->close();
}

std::vector<ShippedStatus> Shipping::outputs() const {
  std::vector<ShippedStatus> all;
  for (const Slot& slot : outputs_) all.push_back(slot.output->status());
  return all;
}

}  // namespace sorrel::agent
