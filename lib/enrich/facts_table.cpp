#include "enrich/facts_table.h"

#include <algorithm>
#include <utility>

namespace sorrel::enrich {
namespace {

// What a node of the map costs beside its text.
constexpr std::size_t kNodeBytes = 96;

// Unlike for each two sets: lengths stand before the texts.
std::string key_of(const ProcessFacts& facts) {
  std::string key;
  for (const std::string* text :
       {&facts.container_id, &facts.runtime, &facts.pod, &facts.unit, &facts.slice,
        &facts.user_unit, &facts.services, &facts.container_name, &facts.container_image}) {
    key += static_cast<char>(text->size());  // at most kMaxText
    key += *text;
  }
  for (const std::uint64_t number : {facts.pid_namespace, facts.mount_namespace})
    key.append(reinterpret_cast<const char*>(&number), sizeof number);
  return key;
}

}  // namespace

FactsTable::FactsTable(std::uint16_t max_sets) : max_sets_(max_sets), sets_(1), references_(1) {}

FactsTable::Id FactsTable::intern(ProcessFacts facts) {
  for (std::string* text :
       {&facts.container_id, &facts.runtime, &facts.pod, &facts.unit, &facts.slice,
        &facts.user_unit, &facts.services, &facts.container_name, &facts.container_image}) {
    if (text->size() <= kMaxText) continue;
    text->clear();
    dropped_texts_.add();
  }
  if (facts == ProcessFacts{}) return kNone;
  std::string key = key_of(facts);
  if (const auto found = by_text_.find(key); found != by_text_.end()) {
    add_reference(found->second);
    return found->second;
  }
  if (by_text_.size() >= max_sets_ && !forget_one_unused()) {
    dropped_sets_.add();
    return kNone;
  }
  Id id = kNone;
  if (free_.empty()) {
    id = static_cast<Id>(sets_.size());
    sets_.emplace_back();
    references_.push_back(0);
  } else {
    id = free_.back();
    free_.pop_back();
  }
  text_bytes_ += 2 * key.size() + kNodeBytes;
  sets_[id] = std::move(facts);
  references_[id] = 1;
  by_text_.emplace(std::move(key), id);
  return id;
}

bool FactsTable::forget_one_unused() {
  for (std::size_t tries = 1; tries < sets_.size(); ++tries) {
    hand_ = hand_ + 1 < sets_.size() ? hand_ + 1 : 1;
    if (references_[hand_] != 0) continue;
    const std::string key = key_of(sets_[hand_]);
    text_bytes_ -= 2 * key.size() + kNodeBytes;
    by_text_.erase(key);
    sets_[hand_] = {};
    free_.push_back(static_cast<Id>(hand_));
    return true;
  }
  return false;
}

std::size_t FactsTable::memory_bytes() const noexcept {
  return text_bytes_ + sets_.capacity() * sizeof(ProcessFacts) +
         references_.capacity() * sizeof(std::uint32_t) + free_.capacity() * sizeof(Id) +
         by_text_.bucket_count() * sizeof(void*);
}

}  // namespace sorrel::enrich
