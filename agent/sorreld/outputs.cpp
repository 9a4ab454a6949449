#include "sorreld/outputs.h"

#include <algorithm>
#include <utility>

#include "record/record_type.h"

namespace sorrel::agent {
namespace {

sink::FileOptions owned_by(sink::FileOptions options, const std::optional<Account>& account) {
  if (!account || options.path == "-" || options.owner) return options;
  options.owner = account->name;
  if (!options.group) options.group = std::to_string(account->gid);
  return options;
}

constexpr std::uint64_t kFirstFileBit = std::uint64_t{1} << 32;

}  // namespace

Result<Wish> wish_of(const config::OutputOptions& options, std::uint64_t bit) {
  Wish wish{.bit = bit, .filter = nullptr};
  if (options.keys.empty() && options.types.empty()) return wish;
  std::vector<record::RecordType> types;
  for (const std::string& name : options.types) {
    const auto number = record::type_number(name);
    if (!number) {
      return fail(std::errc::invalid_argument,
                  "output " + options.name + ": types: no record has the type " + name);
    }
    types.push_back(*number);
  }
  wish.filter = std::make_shared<const EventFilter>(options.keys, std::move(types));
  return wish;
}

Result<OpenOutputs> open_outputs(const std::vector<config::OutputOptions>& wanted,
                                 const OpenOutputs& current, const std::optional<Account>& account,
                                 sink::Storage& storage, const Clock& clock) {
  OpenOutputs opened;
  // Bits of outputs to collectors are below: OutputBits.
  std::uint64_t bit = kFirstFileBit;
  for (const config::OutputOptions& options : wanted) {
    if (options.is_shipped()) continue;
    auto wish = wish_of(options, bit);
    if (!wish) return Unexpected<Error>(std::move(wish).error());
    bit <<= 1;
    const auto same = std::find_if(current.begin(), current.end(), [&](const OpenOutput& output) {
      return output.options.file == options.file;
    });
    if (same != current.end()) {
      opened.push_back({.options = options, .sink = same->sink, .wish = *std::move(wish)});
      continue;
    }
    auto sink = sink::FileSink::create(owned_by(options.file, account), storage, clock);
    if (!sink) {
      Error error = std::move(sink).error();
      error.message = "output " + options.name + ": " + error.message;
      return Unexpected<Error>(std::move(error));
    }
    opened.push_back({.options = options, .sink = *std::move(sink), .wish = *std::move(wish)});
  }
  return opened;
}

std::vector<Output> pipeline_outputs(const OpenOutputs& outputs) {
  std::vector<Output> given;
  given.reserve(outputs.size());
  for (const OpenOutput& output : outputs) {
    given.push_back(
        {.format = output.options.format, .sink = output.sink.get(), .wishes = {output.wish}});
  }
  return given;
}

void RotationWatch::watch(const OpenOutputs& outputs) {
  watched_.clear();
  for (const OpenOutput& output : outputs) {
    watched_.push_back(
        {.output = output, .rotations = output.sink->statistics().rotations.value()});
  }
}

std::vector<std::string> RotationWatch::look() {
  std::vector<std::string> paths;
  for (Watched& watched : watched_) {
    const std::uint64_t rotations = watched.output.sink->statistics().rotations.value();
    if (std::exchange(watched.rotations, rotations) != rotations) {
      paths.push_back(watched.output.options.file.path);
    }
  }
  return paths;
}

}  // namespace sorrel::agent
