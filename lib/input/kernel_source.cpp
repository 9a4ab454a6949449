#include "input/kernel_source.h"

#include <utility>

namespace sorrel::input {

KernelSource::KernelSource(netlink::EventSocket& socket, const Clock& clock,
                           netlink::HeartbeatWatch* watch)
    : socket_(socket), clock_(clock), watch_(watch) {}

Result<ReadState> KernelSource::read(Batch& batch) {
  batch.clear();
  auto received = socket_.receive();
  if (!received) return Unexpected<Error>(std::move(received).error());
  if (!received->messages.empty()) {
    const std::uint64_t now_ns = clock_.realtime_ns();
    for (const netlink::Message& message : received->messages) {
      record::Datagram& datagram = batch.emplace_back();
      datagram.type = message.type;
      datagram.payload = message.payload;
      datagram.received_ns = now_ns;
      if (message.type == record::type::kTrustedApp && watch_ != nullptr) {
        watch_->see(message.type, message.payload);
      }
    }
  }
  return received->drained ? ReadState::idle : ReadState::more;
}

}  // namespace sorrel::input
