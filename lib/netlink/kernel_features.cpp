#include "netlink/kernel_features.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "netlink/message.h"

namespace sorrel::netlink {
namespace {

// struct audit_features: version, mask (those that a request is about), features, lock.
using Features = std::array<std::uint32_t, 4>;
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kLoginuidImmutable = 1U << 1;  // AUDIT_FEATURE_LOGINUID_IMMUTABLE is 1

}  // namespace

Result<KernelFeatures> kernel_features(ControlSocket& control) {
  auto reply = control.ask(message::kGetFeature);
  if (!reply) return Unexpected<Error>(std::move(reply).error());
  Features features{};
  if (reply->size() < sizeof features) {
    return fail(std::errc::bad_message, "the kernel's answer to AUDIT_GET_FEATURE is too short");
  }
  std::memcpy(features.data(), reply->data(), sizeof features);
  return KernelFeatures{.loginuid_immutable = (features[2] & kLoginuidImmutable) != 0};
}

Status lock_loginuid(ControlSocket& control) {
  const Features wanted{kVersion, kLoginuidImmutable, kLoginuidImmutable, kLoginuidImmutable};
  return control.request(message::kSetFeature, std::as_bytes(std::span(wanted)));
}

Status make_equivalent(ControlSocket& control, std::string_view mount, std::string_view subtree) {
  const std::array<std::uint32_t, 2> sizes{static_cast<std::uint32_t>(mount.size()),
                                           static_cast<std::uint32_t>(subtree.size())};
  std::vector<std::byte> payload(sizeof sizes + mount.size() + subtree.size());
  std::memcpy(payload.data(), sizes.data(), sizeof sizes);
  std::memcpy(payload.data() + sizeof sizes, mount.data(), mount.size());
  std::memcpy(payload.data() + sizeof sizes + mount.size(), subtree.data(), subtree.size());
  return control.request(message::kMakeEquivalent, payload);
}

}  // namespace sorrel::netlink
