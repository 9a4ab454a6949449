#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "netlink/audit_socket.h"
#include "netlink/kernel_status.h"

namespace sorrel::netlink::test {

class FakeSocket;

// A model of the kernel's audit subsystem, for tests: sockets, registration, settings, queues, and
// the traps that the real one has. What it does was read off kernel/audit.c and checked against
// kernels 5.10, 6.1 and 6.12 in guests.
class FakeKernel {
 public:
  explicit FakeKernel(ManualClock& clock) : clock_(clock) {}
  FakeKernel(const FakeKernel&) = delete;
  FakeKernel& operator=(const FakeKernel&) = delete;

  // A socket of process `pid`; closing it is closing it everywhere.
  std::unique_ptr<AuditSocket> open(std::uint32_t pid);

  // A record of the kernel: gets the next serial and goes through the queues.
  void emit(std::uint16_t type, std::string_view body);
  // The same serial as the last one.
  void emit_more(std::uint16_t type, std::string_view body);
  // A serial is used up and the record vanishes.
  void lose_silently() { ++serial_; }

  // What the machine is like.
  KernelStatus status{.enabled = 1,
                      .failure = 1,
                      .backlog_limit = 64,
                      .backlog_wait_time = 15'000,
                      .has_backlog_wait_time = true,
                      .has_backlog_wait_time_actual = true};
  std::size_t status_bytes = kStatusBytes;  // of the AUDIT_GET reply; older kernels send less
  bool audit_at_boot = false;               // audit=1 on the kernel's command line
  bool user_namespace = false;              // the caller is in one of its own
  bool pid_namespace = false;
  bool may_control = true;                 // CAP_AUDIT_CONTROL
  bool may_write = true;                   // CAP_AUDIT_WRITE
  bool may_read = true;                    // CAP_AUDIT_READ
  bool lets_anybody_take_the_pid = false;  // before Linux 4.7
  std::set<std::uint16_t> excluded_types;  // by a rule of the exclude list
  bool mute = false;                       // no answer at all
  bool ack_before_reply = false;           // AUDIT_GET: an acknowledgement nobody asked for
  std::uint32_t forced_value = 0;          // with force: what every setting becomes
  bool force = false;

  // What tests look at.
  struct Seen {
    std::uint16_t type = 0;
    std::uint16_t flags = 0;
    std::uint32_t mask = 0;  // of an AUDIT_SET
    std::uint32_t pid = 0;   // of the sender
  };
  std::vector<Seen> requests;
  std::vector<std::string> rules;  // what AUDIT_LIST_RULES lists
  std::uint64_t vanished = 0;      // records thrown away uncounted
  std::uint32_t serial() const { return serial_; }
  std::size_t retry_queue() const { return retry_.size(); }
  bool has_reader(std::uint32_t pid) const { return status.pid == pid && registered_ != nullptr; }
  // The kernel drops the registration by itself.
  void forget_registration();

 private:
  friend class FakeSocket;
  struct Record {
    std::uint16_t type = 0;
    std::string text;
  };

  void close(FakeSocket* socket);
  void handle(FakeSocket& socket, std::span<const std::byte> message);
  int set(FakeSocket& socket, std::span<const std::byte> payload);
  int set_pid(FakeSocket& socket, std::uint32_t pid);
  int set_word(std::uint32_t mask, std::uint32_t value);
  int check(std::uint16_t type) const;
  void reply(FakeSocket& socket, std::uint16_t type, std::uint32_t sequence,
             std::span<const std::byte> payload);
  void acknowledge(FakeSocket& socket, std::span<const std::byte> request, int error_number);
  void queue(std::uint16_t type, std::string_view body);
  void run_kauditd();
  bool send_unicast(const Record& record);
  void send_multicast(const Record& record);

  ManualClock& clock_;
  std::uint32_t serial_ = 0;
  FakeSocket* registered_ = nullptr;
  bool registered_closed_ = false;
  std::vector<FakeSocket*> members_;
  std::deque<Record> main_;
  std::deque<Record> retry_;
  std::deque<Record> hold_;
};

// The other end, with what only tests do to it.
class FakeSocket final : public AuditSocket {
 public:
  FakeSocket(FakeKernel& kernel, ManualClock& clock, std::uint32_t pid)
      : kernel_(kernel), clock_(clock), pid_(pid) {}
  ~FakeSocket() override { kernel_.close(this); }
  FakeSocket(const FakeSocket&) = delete;
  FakeSocket& operator=(const FakeSocket&) = delete;

  Status send(std::span<const std::byte> message) override;
  Result<std::span<const RawDatagram>> receive() override;
  std::size_t batch_size() const noexcept override { return kBatch; }
  // Moves the clock when there is nothing to wait for.
  Result<bool> wait_readable(std::uint32_t timeout_ms) override;
  Status join_readlog() override;
  Status leave_readlog() override;
  Result<SocketMemory> memory() const override;

  struct Item {
    std::vector<std::byte> bytes;
    std::uint32_t sender_port = 0;
    bool multicast = false;
    bool truncated = false;
  };
  // False, and a drop, when the queue is full.
  bool push(Item item);

  static constexpr std::size_t kBatch = 4;
  std::size_t limit = 1'000;    // datagrams
  bool report_overrun = false;  // as without NETLINK_NO_ENOBUFS
  std::uint32_t pid() const { return pid_; }

 private:
  FakeKernel& kernel_;
  ManualClock& clock_;
  std::uint32_t pid_;
  std::deque<Item> inbox_;
  std::vector<Item> taken_;
  std::vector<RawDatagram> raw_;
  std::uint32_t drops_ = 0;
  bool overrun_ = false;
};

// A datagram as the kernel builds it.
std::vector<std::byte> datagram(std::uint16_t type, std::string_view payload,
                                std::uint32_t nlmsg_len, std::uint32_t sequence = 0);

}  // namespace sorrel::netlink::test
