#include "event/event_uid.h"

#include <bit>
#include <cstring>

namespace sorrel::event {
namespace {

// Fixed for ever: another constant would give every event another uid.
constexpr Hash128 kScheme = {0x736f7272656c2d31, 0x6576656e742d7569};
constexpr std::uint32_t kOwnEvent = 0x8000'0000;

Hash128 host_key(std::string_view host_id, std::string_view boot_id) {
  std::string text(host_id);
  text += '\n';
  text += boot_id;
  return siphash_128(kScheme, text);
}

void put_little_endian(std::uint64_t word, char* out) noexcept {
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  std::memcpy(out, &word, sizeof word);
}

}  // namespace

EventUid::EventUid(std::string_view host_id, std::string_view boot_id, std::string_view node)
    : by_node_(host_id.empty() && boot_id.empty()),
      key_(by_node_ ? host_key(node, "") : host_key(host_id, boot_id)) {}

const Hash128& EventUid::key_for(const Event& event) noexcept {
  if (!by_node_ || event.node.empty()) return key_;
  if (event.node != last_node_) {
    last_node_ = event.node;
    node_key_ = host_key(event.node, "");
  }
  return node_key_;
}

Hash128 EventUid::of(const Event& event) noexcept {
  // What auditd, or we, made up must not meet a kernel event of the same stamp and serial.
  const bool own = !event.records().empty() && record::is_always_alone(event.records()[0].type);
  char bytes[24];
  put_little_endian(event.id.time_ms(), bytes);
  put_little_endian(event.id.serial, bytes + 8);
  put_little_endian(event.part | (own ? kOwnEvent : 0u), bytes + 16);
  return siphash_128(key_for(event), {bytes, sizeof bytes});
}

}  // namespace sorrel::event
