#pragma once

#include "base/clock.h"
#include "input/source.h"
#include "netlink/event_socket.h"
#include "netlink/heartbeat.h"

namespace sorrel::input {

// Records from the kernel, registered or multicast: whichever the event socket is used for. A batch
// is what one system call gave; its receive time is read once. Allocates nothing once warm.
class KernelSource final : public Source {
 public:
  // All must outlive the source. `watch` is told of our own heartbeats (they stay in the batch:
  // their serials count, and whether to print them is the pipeline's matter); it may be null.
  KernelSource(netlink::EventSocket& socket, const Clock& clock, netlink::HeartbeatWatch* watch);

  Result<ReadState> read(Batch& batch) override;
  int wait_fd() const noexcept override { return socket_.fd(); }

 private:
  netlink::EventSocket& socket_;
  const Clock& clock_;
  netlink::HeartbeatWatch* watch_;
};

}  // namespace sorrel::input
