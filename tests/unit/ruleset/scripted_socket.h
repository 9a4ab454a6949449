#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "netlink/audit_socket.h"
#include "netlink/message.h"

namespace sorrel::ruleset {

// A control socket whose other end says what a test has written down: answers to whatever is asked.
class ScriptedSocket final : public netlink::AuditSocket {
 public:
  struct Answer {
    std::uint16_t type = 0;
    std::vector<std::byte> payload;
  };
  // Gives the answers to one request.
  using Kernel =
      std::function<std::vector<Answer>(std::uint16_t type, std::span<const std::byte> payload)>;

  ScriptedSocket(ManualClock& clock, Kernel kernel) : clock_(clock), kernel_(std::move(kernel)) {}

  Status send(std::span<const std::byte> message) override {
    const netlink::Header header = netlink::read_header(message);
    for (const Answer& answer : kernel_(header.type, message.subspan(netlink::kHeaderBytes))) {
      std::vector<std::byte> bytes(netlink::kHeaderBytes + answer.payload.size());
      const netlink::Request built(answer.type, 0, header.sequence, answer.payload);
      std::memcpy(bytes.data(), built.bytes().data(), bytes.size());
      inbox_.push_back(std::move(bytes));
    }
    return Ok{};
  }

  Result<std::span<const netlink::RawDatagram>> receive() override {
    taken_.clear();
    raw_.clear();
    for (; !inbox_.empty() && taken_.size() < batch_size(); inbox_.pop_front()) {
      taken_.push_back(std::move(inbox_.front()));
    }
    for (const auto& bytes : taken_) raw_.push_back({.bytes = bytes});
    return std::span<const netlink::RawDatagram>(raw_);
  }

  std::size_t batch_size() const noexcept override { return 4; }
  // Time passes when there is nothing.
  Result<bool> wait_readable(std::uint32_t timeout_ms) override {
    if (!inbox_.empty()) return true;
    clock_.advance_ms(timeout_ms);
    return false;
  }
  Status join_readlog() override { return Ok{}; }
  Status leave_readlog() override { return Ok{}; }
  Result<netlink::SocketMemory> memory() const override { return netlink::SocketMemory{}; }

 private:
  ManualClock& clock_;
  Kernel kernel_;
  std::deque<std::vector<std::byte>> inbox_;
  std::vector<std::vector<std::byte>> taken_;
  std::vector<netlink::RawDatagram> raw_;
};

}  // namespace sorrel::ruleset
