#include "netlink/event_socket.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "netlink/kernel_status.h"
#include "netlink/message.h"

namespace sorrel::netlink {
namespace {

std::string_view text_of(std::span<const std::byte> payload) noexcept {
  std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
  // Multicast copies are padded to 4 bytes with NULs (kernel/audit.c, nlmsg_put()); a record of
  // user space may end in one.
  while (!text.empty() && (text.back() == '\0' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

}  // namespace

EventSocket::EventSocket(std::unique_ptr<AuditSocket> socket, std::uint32_t expected_sender)
    : socket_(std::move(socket)), expected_sender_(expected_sender) {
  messages_.reserve(socket_->batch_size());
}

Result<Received> EventSocket::receive() {
  messages_.clear();
  auto raw = socket_->receive();
  if (!raw) {
    if (raw.error().code != std::errc::no_buffer_space) {
      return Unexpected<Error>(std::move(raw).error());
    }
    counters_.overruns.add();
    return Received{};
  }
  if (raw->empty()) return Received{.messages = {}, .drained = true};
  counters_.batches.add();
  std::uint64_t bytes = 0;
  for (const RawDatagram& datagram : *raw) accept(datagram);
  for (const Message& message : messages_) bytes += message.payload.size();
  counters_.records.add(messages_.size());
  counters_.bytes.add(bytes);
  keep_last_copy();
  return Received{.messages = messages_, .drained = raw->size() < socket_->batch_size()};
}

void EventSocket::accept(const RawDatagram& datagram) {
  if (datagram.sender_port != expected_sender_) return counters_.foreign.add();
  if (datagram.bytes.size() < kHeaderBytes) return counters_.malformed.add();
  const std::uint16_t type = read_header(datagram.bytes).type;
  const auto payload = datagram.bytes.subspan(kHeaderBytes);
  if (!is_record(type)) return accept_control(type, payload);
  if (datagram.truncated) counters_.truncated.add();
  const std::string_view text = text_of(payload);
  if (is_duplicate(datagram.multicast, text)) return counters_.duplicates.add();
  messages_.push_back({.type = type, .truncated = datagram.truncated, .payload = text});
}

void EventSocket::accept_control(std::uint16_t type, std::span<const std::byte> payload) noexcept {
  if (type == message::kReplace) {
    // The payload is the pid of the process that asked. That this message was delivered is what
    // makes the kernel refuse it.
    std::uint32_t pid = 0;
    if (payload.size() >= sizeof pid) std::memcpy(&pid, payload.data(), sizeof pid);
    replacer_ = pid;
    return counters_.replace_requests.add();
  }
  counters_.control_messages.add();
  int error_number = 0;
  std::uint32_t sequence = 0;
  if (type == message::kError && read_error(payload, error_number, sequence) && error_number != 0) {
    refusal_ = error_number;
  }
}

// While we are registered and still in the multicast group, the kernel queues each record twice,
// the copy first and next to it (kernel/audit.c, kauditd_send_queue()).
bool EventSocket::is_duplicate(bool multicast, std::string_view payload) noexcept {
  if (multicast) {
    last_copy_ = payload;
    return false;
  }
  if (last_copy_.empty()) return false;
  return std::exchange(last_copy_, {}) == payload;
}

// What last_copy_ views is overwritten by the next receive().
void EventSocket::keep_last_copy() {
  if (last_copy_.empty() || last_copy_.data() == last_copy_bytes_.data()) return;
  last_copy_bytes_.assign(last_copy_.begin(), last_copy_.end());
  last_copy_ = {last_copy_bytes_.data(), last_copy_bytes_.size()};
}

Status EventSocket::request_registration(std::uint32_t pid) {
  // No acknowledgement is asked for: it would be lost when this socket is full.
  const StatusBytes payload = encode_setting(Setting::pid, pid);
  return socket_->send(Request(message::kSet, kFlagRequest, 1, payload).bytes());
}

Status EventSocket::join_multicast() {
  return socket_->join_readlog();
}

Status EventSocket::leave_multicast() {
  return socket_->leave_readlog();
}

}  // namespace sorrel::netlink
