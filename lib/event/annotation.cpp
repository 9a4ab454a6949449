#include "event/annotation.h"

#include <algorithm>

namespace sorrel::event {

bool is_plain(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%' && c != '+';
  });
}

void AnnotationList::grow() {
  constexpr std::size_t kFirstSteps = 64;
  const std::size_t count = size();
  const std::size_t room = std::max(2 * count, kFirstSteps);
  auto steps = std::make_unique_for_overwrite<Annotation[]>(room);
  std::copy_n(steps_.get(), count, steps.get());
  steps_ = std::move(steps);
  end_ = steps_.get() + count;
  room_end_ = steps_.get() + room;
}

void AnnotationList::clear(std::size_t kept) {
  bytes_ = 0;
  if (static_cast<std::size_t>(room_end_ - steps_.get()) > kept) {
    steps_.reset();
    room_end_ = nullptr;
  }
  end_ = steps_.get();
}

}  // namespace sorrel::event
