#pragma once

#include <array>
#include <cstdint>

#include "record/field_class.h"

namespace sorrel::enrich {

// How the value of a key is read.
enum class Reading : std::uint8_t {
  none,
  argument,         // a0..a3
  exit,             // a negative one is an error
  error,            // the same of AppArmor and the integrity records
  mode,             // octal
  capability_mask,  // hex
  capability,
  signal,
  personality,     // hex
  open_flags,      // hex or octal
  mapping,         // hex
  seccomp_action,  // hex
  ioctl_request,   // hex
  resolve,         // hex
  mac_protocol,    // hex, without 0x
  netfilter_family,
  protocol,
  icmp_type,
  hook,
  netfilter_action,
  rule_list,
  promiscuous,
  result,
  multicast_group,
  uring_operation,
  permissions,  // letters
  session,
  fanotify_response,
  fanotify_info,
  trust,
};

// By KeyId.
inline constexpr auto kReadings = [] {
  std::array<Reading, record::kKeyCount + 1> readings{};
  for (const record::KeyId id :
       {record::key::kA0, record::key::kA1, record::key::kA2, record::key::kA3})
    readings[id] = Reading::argument;
  for (const record::KeyId id :
       {record::key::kCapFp, record::key::kCapFi, record::key::kCapPp, record::key::kCapPi,
        record::key::kCapPe, record::key::kCapPa, record::key::kFp,    record::key::kFi,
        record::key::kPp,    record::key::kPi,    record::key::kPe,    record::key::kPa,
        record::key::kOldPp, record::key::kOldPi, record::key::kOldPe, record::key::kOldPa,
        record::key::kNewPp, record::key::kNewPi, record::key::kNewPe, record::key::kNewPa})
    readings[id] = Reading::capability_mask;
  readings[record::key::kExit] = Reading::exit;
  readings[record::key::kErrno] = Reading::error;
  readings[record::key::kError] = Reading::error;
  readings[record::key::kMode] = Reading::mode;
  readings[record::key::kCapability] = Reading::capability;
  readings[record::key::kSig] = Reading::signal;
  readings[record::key::kSigevSigno] = Reading::signal;
  readings[record::key::kPer] = Reading::personality;
  readings[record::key::kOflag] = Reading::open_flags;
  readings[record::key::kFlags] = Reading::mapping;
  readings[record::key::kCode] = Reading::seccomp_action;
  readings[record::key::kIoctlcmd] = Reading::ioctl_request;
  readings[record::key::kResolve] = Reading::resolve;
  readings[record::key::kMacproto] = Reading::mac_protocol;
  readings[record::key::kFamily] = Reading::netfilter_family;
  readings[record::key::kProto] = Reading::protocol;
  readings[record::key::kIcmptype] = Reading::icmp_type;
  readings[record::key::kHook] = Reading::hook;
  readings[record::key::kAction] = Reading::netfilter_action;
  readings[record::key::kList] = Reading::rule_list;
  readings[record::key::kProm] = Reading::promiscuous;
  readings[record::key::kOldProm] = Reading::promiscuous;
  readings[record::key::kRes] = Reading::result;
  readings[record::key::kNlMcgrp] = Reading::multicast_group;
  readings[record::key::kUringOp] = Reading::uring_operation;
  readings[record::key::kPerm] = Reading::permissions;
  readings[record::key::kPermMask] = Reading::permissions;
  readings[record::key::kSes] = Reading::session;
  readings[record::key::kResp] = Reading::fanotify_response;
  readings[record::key::kFanType] = Reading::fanotify_info;
  readings[record::key::kSubjTrust] = Reading::trust;
  readings[record::key::kObjTrust] = Reading::trust;
  return readings;
}();

}  // namespace sorrel::enrich
