#include "fake_kernel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "netlink/message.h"

namespace sorrel::netlink::test {
namespace {

constexpr std::uint32_t kLongestWaitTime = 150'000;

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string user_text(std::span<const std::byte> payload) {
  std::string text(as_text(payload));
  if (!text.empty()) text.pop_back();
  return text.substr(0, text.find('\0'));
}

}  // namespace

std::vector<std::byte> datagram(std::uint16_t type, std::string_view payload,
                                std::uint32_t nlmsg_len, std::uint32_t sequence) {
  const Request request(type, 0, sequence, as_bytes(payload));
  std::vector<std::byte> bytes(request.bytes().begin(), request.bytes().end());
  std::memcpy(bytes.data(), &nlmsg_len, sizeof nlmsg_len);
  return bytes;
}

std::unique_ptr<AuditSocket> FakeKernel::open(std::uint32_t pid) {
  return std::make_unique<FakeSocket>(*this, clock_, pid);
}

void FakeKernel::close(FakeSocket* socket) {
  std::erase(members_, socket);
  // The kernel notices at the next record that it cannot send; until then it shows the pid.
  if (socket == registered_) registered_closed_ = true;
}

void FakeKernel::forget_registration() {
  status.pid = 0;
  registered_ = nullptr;
  registered_closed_ = false;
  if (!audit_at_boot) vanished += retry_.size();
  if (audit_at_boot) hold_.insert(hold_.end(), retry_.begin(), retry_.end());
  retry_.clear();
}

void FakeKernel::emit(std::uint16_t type, std::string_view body) {
  ++serial_;
  queue(type, body);
}

void FakeKernel::emit_more(std::uint16_t type, std::string_view body) {
  queue(type, body);
}

void FakeKernel::queue(std::uint16_t type, std::string_view body) {
  std::string text = "audit(1000.000:" + std::to_string(serial_) + "): ";
  text += body;
  main_.push_back({type, std::move(text)});
  run_kauditd();
}

// kauditd_thread(): the hold queue, the retry queue, then the main queue, each until the first
// failure. What fails in the main queue goes to the retry queue; what fails there again is dropped,
// uncounted, unless audit=1.
void FakeKernel::run_kauditd() {
  while (!hold_.empty() && send_unicast(hold_.front())) hold_.pop_front();
  while (!retry_.empty() && send_unicast(retry_.front())) retry_.pop_front();
  if (audit_at_boot) {
    hold_.insert(hold_.end(), retry_.begin(), retry_.end());
  } else {
    vanished += retry_.size();
  }
  retry_.clear();
  bool sends = true;
  while (!main_.empty()) {
    send_multicast(main_.front());
    sends = sends && send_unicast(main_.front());
    if (!sends) {
      // Without a daemon records are printed, and held only with audit=1.
      if (registered_ != nullptr) {
        retry_.push_back(main_.front());
      } else if (audit_at_boot) {
        hold_.push_back(main_.front());
      } else {
        ++vanished;
      }
    }
    main_.pop_front();
  }
}

bool FakeKernel::send_unicast(const Record& record) {
  if (registered_ == nullptr) return false;
  if (registered_closed_) {
    forget_registration();
    return false;
  }
  // The quirk: the length leaves the header out.
  const auto length = static_cast<std::uint32_t>(record.text.size());
  return registered_->push({.bytes = datagram(record.type, record.text, length)});
}

void FakeKernel::send_multicast(const Record& record) {
  const auto length = static_cast<std::uint32_t>(kHeaderBytes + record.text.size());
  std::string padded = record.text;
  padded.resize((padded.size() + 3) & ~std::size_t{3}, '\0');
  for (FakeSocket* member : members_) {
    member->push({.bytes = datagram(record.type, padded, length), .multicast = true});
  }
}

int FakeKernel::check(std::uint16_t type) const {
  if (user_namespace) return ECONNREFUSED;
  if (type == message::kUser || (type >= 1100 && type < 1200) || (type >= 2100 && type < 3000)) {
    return may_write ? 0 : EPERM;
  }
  if (type < message::kGet || type > message::kGetFeature) return EINVAL;
  return pid_namespace || !may_control ? EPERM : 0;
}

void FakeKernel::handle(FakeSocket& socket, std::span<const std::byte> message) {
  const Header header = read_header(message);
  const auto payload = message.subspan(kHeaderBytes);
  Seen seen{.type = header.type, .flags = header.flags, .mask = 0, .pid = socket.pid()};
  if (header.type == message::kSet) std::memcpy(&seen.mask, payload.data(), sizeof seen.mask);
  requests.push_back(seen);
  if (mute) return;

  int error_number = check(header.type);
  if (error_number == 0) {
    switch (header.type) {
      case message::kGet: {
        const std::array<std::uint32_t, 11> words = {0,
                                                     status.enabled,
                                                     status.failure,
                                                     status.pid,
                                                     status.rate_limit,
                                                     status.backlog_limit,
                                                     status.lost,
                                                     status.backlog,
                                                     status.features,
                                                     status.backlog_wait_time,
                                                     status.backlog_wait_time_actual};
        if (ack_before_reply) acknowledge(socket, message, 0);
        reply(socket, message::kGet, header.sequence,
              std::as_bytes(std::span(words)).first(status_bytes));
        break;
      }
      case message::kSet:
        error_number = set(socket, payload);
        break;
      case message::kSignalInfo: {
        std::string info(8, '\0');
        const std::uint32_t sender[2] = {1000, 4242};
        std::memcpy(info.data(), sender, sizeof sender);
        info += "user_u:role";
        reply(socket, message::kSignalInfo, header.sequence, as_bytes(info));
        break;
      }
      case message::kListRules:
        for (const std::string& rule : rules) {
          reply(socket, message::kListRules, header.sequence, as_bytes(rule));
        }
        reply(socket, message::kDone, header.sequence, {});
        break;
      default:
        if (header.type < 1100) break;
        if (status.enabled == 0 || excluded_types.contains(header.type)) break;
        // The last byte is overwritten by a NUL, then the text ends at the first one.
        emit(header.type, "pid=" + std::to_string(socket.pid()) +
                              " uid=0 auid=4294967295 ses=4294967295 msg='" + user_text(payload) +
                              "'");
    }
  }
  if (error_number != 0 || (header.flags & kFlagAck) != 0) {
    acknowledge(socket, message, error_number);
  }
}

int FakeKernel::set(FakeSocket& socket, std::span<const std::byte> payload) {
  std::array<std::uint32_t, 11> words{};
  std::memcpy(words.data(), payload.data(), std::min(payload.size(), sizeof words));
  constexpr std::array<std::pair<std::uint32_t, std::size_t>, 8> kWords = {
      {{0x01, 1}, {0x02, 2}, {0x04, 3}, {0x08, 4}, {0x10, 5}, {0x20, 9}, {0x40, 6}, {0x80, 10}}};
  for (const auto& [bit, word] : kWords) {
    if ((words[0] & bit) == 0) continue;
    const int error_number =
        bit == 0x04 ? set_pid(socket, words[word]) : set_word(bit, words[word]);
    if (error_number != 0) return error_number;
  }
  return 0;
}

int FakeKernel::set_word(std::uint32_t mask, std::uint32_t value) {
  const bool reset = mask == 0x40 || mask == 0x80;
  if (status.locked() && !reset) return EPERM;
  if (force) value = forced_value;
  switch (mask) {
    case 0x01:
      if (value > 2) return EINVAL;
      status.enabled = value;
      break;
    case 0x02:
      if (value > 2) return EINVAL;
      status.failure = value;
      break;
    case 0x08:
      status.rate_limit = value;
      break;
    case 0x10:
      status.backlog_limit = value;
      break;
    case 0x20:
      if (value > kLongestWaitTime) return EINVAL;
      status.backlog_wait_time = value;
      break;
    case 0x40:
      status.lost = 0;
      break;
    case 0x80:
      status.backlog_wait_time_actual = 0;
      break;
    default:
      return EINVAL;
  }
  return 0;
}

int FakeKernel::set_pid(FakeSocket& socket, std::uint32_t pid) {
  if (pid != 0 && pid != socket.pid()) return EINVAL;
  if (registered_closed_) forget_registration();
  if (registered_ != nullptr && !lets_anybody_take_the_pid) {
    // audit_replace(): whether the old daemon can be reached decides.
    const std::uint32_t newcomer = socket.pid();
    const Request replace(message::kReplace, 0, 0, std::as_bytes(std::span(&newcomer, 1)));
    registered_->push({.bytes = {replace.bytes().begin(), replace.bytes().end()}});
    if (pid != 0) return EEXIST;
    if (socket.pid() != status.pid) return EACCES;
  }
  const std::string change =
      "op=set audit_pid=" + std::to_string(pid) + " old=" + std::to_string(status.pid) + " res=1";
  if (pid == 0) {
    forget_registration();
    if (status.enabled != 0) emit(1305, change);
    return 0;
  }
  registered_ = &socket;
  status.pid = pid;
  if (status.enabled != 0) emit(1305, change);
  return 0;
}

void FakeKernel::reply(FakeSocket& socket, std::uint16_t type, std::uint32_t sequence,
                       std::span<const std::byte> payload) {
  const auto length = static_cast<std::uint32_t>(kHeaderBytes + payload.size());
  socket.push({.bytes = datagram(type, as_text(payload), length, sequence)});
}

void FakeKernel::acknowledge(FakeSocket& socket, std::span<const std::byte> request,
                             int error_number) {
  std::string payload(sizeof(std::int32_t) + kHeaderBytes, '\0');
  const std::int32_t code = -error_number;
  std::memcpy(payload.data(), &code, sizeof code);
  std::memcpy(payload.data() + sizeof code, request.data(), kHeaderBytes);
  reply(socket, message::kError, read_header(request).sequence, as_bytes(payload));
}

Status FakeSocket::send(std::span<const std::byte> message) {
  kernel_.handle(*this, message);
  return Ok{};
}

bool FakeSocket::push(Item item) {
  if (inbox_.size() >= limit) {
    ++drops_;
    overrun_ = report_overrun;
    return false;
  }
  inbox_.push_back(std::move(item));
  return true;
}

Result<std::span<const RawDatagram>> FakeSocket::receive() {
  if (std::exchange(overrun_, false)) return fail_errno(ENOBUFS, "overrun");
  taken_.clear();
  raw_.clear();
  while (!inbox_.empty() && taken_.size() < kBatch) {
    taken_.push_back(std::move(inbox_.front()));
    inbox_.pop_front();
  }
  for (const Item& item : taken_) {
    raw_.push_back({item.bytes, item.sender_port, item.multicast, item.truncated});
  }
  return std::span<const RawDatagram>(raw_);
}

Result<bool> FakeSocket::wait_readable(std::uint32_t timeout_ms) {
  if (!inbox_.empty()) return true;
  clock_.advance_ms(timeout_ms);
  return false;
}

Status FakeSocket::join_readlog() {
  if (!kernel_.may_read || kernel_.user_namespace) return fail_errno(EPERM, "cannot join");
  if (std::find(kernel_.members_.begin(), kernel_.members_.end(), this) == kernel_.members_.end()) {
    kernel_.members_.push_back(this);
  }
  return Ok{};
}

Status FakeSocket::leave_readlog() {
  std::erase(kernel_.members_, this);
  return Ok{};
}

Result<SocketMemory> FakeSocket::memory() const {
  return SocketMemory{.used_bytes = static_cast<std::uint32_t>(900 * inbox_.size()),
                      .limit_bytes = static_cast<std::uint32_t>(900 * limit),
                      .drops = drops_};
}

}  // namespace sorrel::netlink::test
