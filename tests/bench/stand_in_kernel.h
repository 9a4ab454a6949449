#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "record/record_type.h"

namespace sorrel::bench {

// Plays the kernel's part on a pair of NETLINK_USERSOCK sockets: sends the records of the program
// starts in a recording, over and over, each event with a serial of its own, one record a datagram,
// as kauditd does.
class StandInKernel {
 public:
  // Reads `recording` (.audrec). Ends the program with status 77 and "SKIP: ..." where such sockets
  // are not to be had, with 1 when the recording has no program start.
  explicit StandInKernel(const std::string& recording);

  // The receiving end, bound, for NetlinkSocket::adopt(); once.
  Fd take_receiver() noexcept { return std::move(receiver_); }
  // The port that the records come from.
  std::uint32_t port() const noexcept { return port_; }

  // Sends the next event's records. False: the receiver's buffer is full (what was sent of the
  // event stays sent, which ends the measurement).
  bool send_event();

  // Goes back by so many events: their serials are used again, for a reader that has not seen them.
  void rewind(std::uint64_t events) noexcept { events_ -= events; }

  std::uint64_t events_sent() const noexcept { return events_; }
  std::uint64_t records_sent() const noexcept { return records_; }
  // When the last record of the last event was handed to the kernel, CLOCK_MONOTONIC.
  std::uint64_t last_send_ns() const noexcept { return last_send_ns_; }
  double records_per_event() const noexcept;
  double mean_record_bytes() const noexcept;

 private:
  struct Message {
    std::vector<char> bytes;  // the nlmsghdr, then the payload
    std::size_t serial_at = 0;
  };
  using Event = std::vector<Message>;

  void read_events(const std::string& recording);
  void open_sockets();

  std::vector<Event> recorded_;
  Fd sender_;
  Fd receiver_;
  std::uint32_t port_ = 0;
  std::uint32_t receiver_port_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t last_send_ns_ = 0;
};

}  // namespace sorrel::bench
