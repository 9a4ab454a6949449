// Shipping's second half: outputs that come, change and go while others go on. An output's cursors
// are its own in the buffer, so that whatever takes its place there goes on where it was.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "sorreld/output_bits.h"
#include "sorreld/outputs.h"
#include "sorreld/shipping.h"

namespace sorrel::agent {
namespace {

constexpr std::uint32_t kLookMs = 20;
// As at the end: an output may take what is left, wait for its answers, and be given up.
constexpr std::chrono::seconds kStageTime{5};

// The options that make a connection, and what goes over it. Which events the pipeline marks for
// the output, and how the buffer keeps them, is not the output's own business.
bool is_same_output(config::OutputOptions a, config::OutputOptions b) {
  for (config::OutputOptions* const options : {&a, &b}) {
    options->keys.clear();
    options->types.clear();
    options->is_required = true;
    options->from_oldest = false;
  }
  return a == b;
}

}  // namespace

Shipping::Slot* Shipping::find_slot(const std::string& name) {
  const auto found = std::find_if(outputs_.begin(), outputs_.end(),
                                  [&](const Slot& slot) { return slot.options.name == name; });
  return found == outputs_.end() ? nullptr : &*found;
}

Status Shipping::prepare(const config::Options& options, const std::string& node) {
  Status done = plan(options, node);
  if (!done) undo();
  return done;
}

Status Shipping::plan(const config::Options& options, const std::string& node) {
  is_settled_ = false;
  old_wishes_ = wishes_;
  for (config::OutputOptions& output : shipped_outputs(options, node)) {
    Planned& planned = planned_.emplace_back();
    planned.options = std::move(output);
  }
  if (const Status assigned = assign_bits(); !assigned) return assigned;
  std::vector<ShippedWish> wishes;
  for (Planned& planned : planned_) {
    auto wish = wish_of(planned.options, planned.bit);
    if (!wish) return Unexpected<Error>(std::move(wish).error());
    wishes.push_back({planned.options.format, *std::move(wish)});
    if (const Status made = make_planned(planned); !made) return made;
  }
  wishes_ = std::move(wishes);
  return Ok{};
}

// Also of those that go: nobody else gets their bits while they still read.
Status Shipping::assign_bits() {
  std::vector<std::string> names;
  for (const Planned& planned : planned_) names.push_back(planned.options.name);
  for (const Slot& slot : outputs_) {
    if (std::find(names.begin(), names.end(), slot.options.name) == names.end()) {
      names.push_back(slot.options.name);
    }
  }
  const auto bits = assign_output_bits(path_ + "/outputs", names);
  if (!bits) return Unexpected<Error>(bits.error());
  for (std::size_t i = 0; i < planned_.size(); ++i) planned_[i].bit = (*bits)[i];
  return Ok{};
}

Status Shipping::make_planned(Planned& planned) {
  const Slot* const slot = find_slot(planned.options.name);
  if (slot != nullptr) {
    planned.place = slot->place;
    if (slot->bit != planned.bit) {
      return fail(std::errc::invalid_argument,
                  path_ + "/outputs was changed while sorreld runs: restart it");
    }
    if (slot->stage == Stage::runs && is_same_output(slot->options, planned.options)) return Ok{};
  } else {
    const auto place = buffer_->add_output({.name = planned.options.name,
                                            .bit = planned.bit,
                                            .is_required = planned.options.is_required,
                                            .from_oldest = planned.options.from_oldest});
    if (!place) return Unexpected<Error>(place.error());
    planned.place = *place;
    planned.is_new = true;
  }
  auto output = make_output(planned.options, *planned.place);
  if (!output) return Unexpected<Error>(std::move(output).error());
  planned.next = *std::move(output);
  return Ok{};
}

void Shipping::undo() {
  for (Planned& planned : planned_) {
    planned.next.reset();
    if (planned.is_new && planned.place) buffer_->undo_add(*planned.place);
  }
  planned_.clear();
  wishes_ = std::move(old_wishes_);
  is_settled_ = true;
}

void Shipping::commit(const buffer::LaneEnds& ends) {
  if (is_stopping_) return;
  for (Slot& slot : outputs_) {
    const bool stays = std::any_of(planned_.begin(), planned_.end(), [&](const Planned& planned) {
      return planned.place == slot.place;
    });
    if (stays || slot.is_leaving) continue;
    slot.is_leaving = true;
    slot.next.reset();
    if (slot.stage != Stage::runs) continue;
    slot.output->feed().end_at(ends);
    enter(slot, Stage::delivers);
  }
  for (Planned& planned : planned_) commit_planned(planned, ends);
  planned_.clear();
  if (settle() == Reactor::kNever || std::exchange(is_watching_, true)) return;
  reactor_.repeat("changed outputs",
                  [this, alive = is_alive_] { return *alive ? settle() : Reactor::kNever; });
}

void Shipping::commit_planned(Planned& planned, const buffer::LaneEnds& ends) {
  if (planned.is_new) {
    buffer_->begin_at(*planned.place, ends);
    Slot& slot = outputs_.emplace_back();
    slot.options = std::move(planned.options);
    slot.bit = planned.bit;
    slot.place = *planned.place;
    slot.next = std::move(planned.next);
    return take_over(slot);
  }
  Slot& slot = *find_slot(planned.options.name);
  slot.is_leaving = false;
  slot.options = std::move(planned.options);
  buffer_->set_required(slot.place, slot.options.is_required);
  if (!planned.next) return;
  slot.next = std::move(planned.next);
  // What it has not taken yet is its successor's.
  slot.output->finish();
  enter(slot, Stage::finishes);
}

void Shipping::enter(Slot& slot, Stage stage) {
  slot.stage = stage;
  slot.until = std::chrono::steady_clock::now() + kStageTime;
}

// Returns when to look again.
std::uint32_t Shipping::settle() {
  if (is_stopping_) return Reactor::kNever;
  for (Slot& slot : outputs_) advance(slot);
  std::erase_if(outputs_, [](const Slot& slot) { return !slot.output; });
  const bool is_done = std::all_of(outputs_.begin(), outputs_.end(), [](const Slot& slot) {
    return slot.stage == Stage::runs || slot.stage == Stage::stuck;
  });
  if (is_done && !std::exchange(is_settled_, true) && tell_settled_) tell_settled_();
  const bool is_over = std::all_of(outputs_.begin(), outputs_.end(),
                                   [](const Slot& slot) { return slot.stage == Stage::runs; });
  if (is_over) is_watching_ = false;
  return is_over ? Reactor::kNever : kLookMs;
}

void Shipping::advance(Slot& slot) {
  if (slot.stage == Stage::runs) return;
  // A round later, when nothing of it is on its way in the reactor any more.
  if (slot.has_ended) return take_over(slot);
  slot.has_ended = slot.output->has_ended();
  if (slot.has_ended) return;
  const bool is_late = std::chrono::steady_clock::now() >= slot.until;
  if (slot.stage == Stage::delivers && (is_late || slot.output->feed().has_given_all())) {
    slot.output->finish();
    enter(slot, Stage::finishes);
  } else if (slot.stage == Stage::finishes && is_late) {
    slot.output->abort();
    enter(slot, Stage::aborted);
  } else if (slot.stage == Stage::aborted && is_late) {
    log(Level::warning, "an output does not end; what it has not delivered stays in the buffer",
        {{"output", slot.options.name}});
    enter(slot, Stage::stuck);
  }
}

// Of an output that is new, has changed, or has gone.
void Shipping::take_over(Slot& slot) {
  const bool is_new = !slot.output;
  slot.output = std::move(slot.next);
  slot.has_ended = false;
  slot.stage = Stage::runs;
  if (!slot.output) {
    buffer_->remove_output(slot.place);
    log(Level::info, "an output has gone from the configuration and has ended",
        {{"output", slot.options.name}});
    return;
  }
  // What was taken and not answered is taken again.
  slot.output->feed().rewind();
  slot.output->start();
  log(Level::info, is_new ? "a new output begins" : "an output goes on with its new options",
      {{"output", slot.options.name}});
}

}  // namespace sorrel::agent
