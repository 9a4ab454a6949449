#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/counter.h"
#include "base/result.h"
#include "netlink/audit_socket.h"

namespace sorrel::netlink {

// One audit record: its type and its text, "audit(SEC.MSEC:SERIAL): BODY". A view into the
// socket's buffers, valid until the next receive().
struct Message {
  std::uint16_t type = 0;
  bool truncated = false;  // it was longer than the buffer; the end is missing
  std::string_view payload;
};

struct Received {
  std::span<const Message> messages;
  bool drained = false;  // nothing was left in the socket
};

// Written by the receiving thread, read by any.
struct EventCounters {
  Counter records;
  Counter bytes;             // of payloads
  Counter batches;           // system calls that gave something
  Counter overruns;          // ENOBUFS, when the socket was not set to hide it
  Counter truncated;         // records longer than the buffer, delivered without their end
  Counter foreign;           // datagrams that the kernel did not send: dropped
  Counter malformed;         // shorter than a header: dropped
  Counter control_messages;  // replies and refusals of the control protocol
  Counter duplicates;        // copies met twice while multicast changed to unicast: dropped
  Counter replace_requests;  // AUDIT_REPLACE: somebody tried to register instead of us
};

// The socket that records come from. Never awaits an answer: the kernel loses acknowledgements on a
// full socket, so what is asked here is confirmed on the control socket (see registration.h).
//
// receive() belongs to the intake thread, everything else to the thread that controls; they share
// only atomics.
class EventSocket {
 public:
  // `expected_sender` is the port that records come from: 0, the kernel, unless a test or a
  // benchmark plays the kernel with a socket of its own.
  explicit EventSocket(std::unique_ptr<AuditSocket> socket, std::uint32_t expected_sender = 0);

  // The next records without waiting; the payload's length is the datagram's, since nlmsg_len is
  // 16 too small in unicast records (kernel/audit.c, audit_log_end()). Errors: the socket broke.
  Result<Received> receive();
  const EventCounters& counters() const noexcept { return counters_; }
  int fd() const noexcept { return socket_->fd(); }

  // Asks the kernel to send records here: the pid is ours, the address is that of this socket.
  // Success only means that the request was delivered.
  Status request_registration(std::uint32_t pid);
  Status join_multicast();
  Status leave_multicast();
  Result<SocketMemory> memory() const { return socket_->memory(); }

  // The pid of the last process that tried to take our place, once; 0 when none did.
  std::uint32_t take_replacer() noexcept { return replacer_.exchange(0); }
  // The errno of the last refusal that arrived here, once; 0 when there was none.
  int take_refusal() noexcept { return refusal_.exchange(0); }

 private:
  void accept(const RawDatagram& datagram);
  void accept_control(std::uint16_t type, std::span<const std::byte> payload) noexcept;
  bool is_duplicate(bool multicast, std::string_view payload) noexcept;
  void keep_last_copy();

  std::unique_ptr<AuditSocket> socket_;
  std::uint32_t expected_sender_;
  std::vector<Message> messages_;
  EventCounters counters_;

  // Exchanged by both.
  std::atomic<std::uint32_t> replacer_{0};
  std::atomic<int> refusal_{0};

  // The newest multicast copy, while nothing else has followed it; kept across batches.
  std::string_view last_copy_;
  std::vector<char> last_copy_bytes_;
};

}  // namespace sorrel::netlink
