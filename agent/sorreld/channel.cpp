#include "sorreld/channel.h"

#include <utility>

namespace sorrel::agent {

Result<std::unique_ptr<Channel>> Channel::create(std::size_t ring_bytes) {
  auto reader = Wakeup::create();
  if (!reader) return Unexpected<Error>(std::move(reader).error());
  auto writer = Wakeup::create();
  if (!writer) return Unexpected<Error>(std::move(writer).error());
  // The constructor is private: make_unique cannot call it.
  return std::unique_ptr<Channel>(new Channel(ring_bytes, *std::move(reader), *std::move(writer)));
}

}  // namespace sorrel::agent
