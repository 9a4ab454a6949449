#include "stand_in_kernel.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string_view>

#include "base/event_id.h"
#include "input/open_source.h"
#include "record/stamp.h"

namespace sorrel::bench {
namespace {

// Wide enough for all that is ever sent; the recording's serials are about as long.
constexpr std::size_t kSerialDigits = 8;
constexpr std::uint64_t kFirstSerial = 10'000'000;

std::uint64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

[[noreturn]] void give_up(int status, const std::string& message) {
  std::printf("%s%s\n", status == 77 ? "SKIP: " : "netlink_bench: ", message.c_str());
  std::exit(status);
}

std::uint32_t bind_socket(int fd) {
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, generic, size) != 0 || ::getsockname(fd, generic, &size) != 0) {
    give_up(77, std::string("a netlink socket cannot be bound: ") + std::strerror(errno));
  }
  return address.nl_pid;
}

}  // namespace

StandInKernel::StandInKernel(const std::string& recording) {
  read_events(recording);
  if (recorded_.empty()) give_up(1, recording + " has no program start");
  open_sockets();
}

void StandInKernel::read_events(const std::string& recording) {
  auto source = input::open_source(recording);
  if (!source) give_up(1, source.error().to_string());
  std::map<EventId, std::pair<Event, bool>> events;  // with: it is a program start
  input::Batch batch;
  for (;;) {
    const auto state = (*source)->read(batch);
    if (!state) give_up(1, state.error().to_string());
    for (const record::Datagram& datagram : batch) {
      EventId id;
      std::string_view body;
      if (!record::parse_stamp(datagram.payload, id, body)) continue;
      const std::string payload(datagram.payload);
      const std::size_t serial = payload.find(':') + 1;
      const std::string text = payload.substr(0, serial) + std::string(kSerialDigits, '0') +
                               payload.substr(payload.find(')'));
      // The kernel's unicast records have the payload's length alone here.
      const nlmsghdr header{.nlmsg_len = static_cast<std::uint32_t>(text.size()),
                            .nlmsg_type = datagram.type,
                            .nlmsg_flags = 0,
                            .nlmsg_seq = 0,
                            .nlmsg_pid = 0};
      Message message;
      message.bytes.resize(sizeof header + text.size());
      std::memcpy(message.bytes.data(), &header, sizeof header);
      std::copy(text.begin(), text.end(), message.bytes.begin() + sizeof header);
      message.serial_at = sizeof header + serial;
      auto& event = events[id];
      event.first.push_back(std::move(message));
      event.second = event.second || datagram.type == record::type::kExecve;
    }
    if (*state == input::ReadState::ended) break;
  }
  for (auto& [id, event] : events) {
    if (event.second) recorded_.push_back(std::move(event.first));
  }
}

void StandInKernel::open_sockets() {
  sender_.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK));
  receiver_.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK));
  if (!sender_ || !receiver_) {
    give_up(77, std::string("NETLINK_USERSOCK is not to be had: ") + std::strerror(errno));
  }
  port_ = bind_socket(sender_.get());
  receiver_port_ = bind_socket(receiver_.get());
}

bool StandInKernel::send_event() {
  Event& event = recorded_[events_ % recorded_.size()];
  char serial[kSerialDigits + 1];
  std::snprintf(serial, sizeof serial, "%08llu",
                static_cast<unsigned long long>(kFirstSerial + events_));
  sockaddr_nl to{};
  to.nl_family = AF_NETLINK;
  to.nl_pid = receiver_port_;
  for (Message& message : event) {
    std::memcpy(message.bytes.data() + message.serial_at, serial, kSerialDigits);
    if (&message == &event.back()) last_send_ns_ = now_ns();
    const ssize_t sent = ::sendto(sender_.get(), message.bytes.data(), message.bytes.size(),
                                  MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    if (sent < 0) return false;
    ++records_;
  }
  ++events_;
  return true;
}

double StandInKernel::records_per_event() const noexcept {
  std::size_t records = 0;
  for (const Event& event : recorded_) records += event.size();
  return static_cast<double>(records) / static_cast<double>(recorded_.size());
}

double StandInKernel::mean_record_bytes() const noexcept {
  std::size_t bytes = 0;
  std::size_t records = 0;
  for (const Event& event : recorded_) {
    for (const Message& message : event) bytes += message.bytes.size();
    records += event.size();
  }
  return static_cast<double>(bytes) / static_cast<double>(records);
}

}  // namespace sorrel::bench
