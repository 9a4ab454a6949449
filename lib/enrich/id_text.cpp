#include "enrich/id_text.h"

#include <charconv>

namespace sorrel::enrich {

std::string_view IdText::of(const EventId& id) noexcept {
  char* const begin = text_.data();
  if (seconds_size_ == 0 || id.seconds != seconds_) {
    char* const end = std::to_chars(begin, begin + 20, id.seconds).ptr;
    seconds_size_ = static_cast<std::size_t>(end - begin);
    seconds_ = id.seconds;
  }
  char* at = begin + seconds_size_;
  const unsigned ms = id.milliseconds;
  *at++ = '.';
  *at++ = static_cast<char>('0' + ms / 100 % 10);
  *at++ = static_cast<char>('0' + ms / 10 % 10);
  *at++ = static_cast<char>('0' + ms % 10);
  *at++ = ':';
  at = serials_.put(id.serial, at);
  return {begin, static_cast<std::size_t>(at - begin)};
}

}  // namespace sorrel::enrich
