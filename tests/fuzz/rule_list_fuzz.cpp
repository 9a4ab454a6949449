// The answers to AUDIT_LIST_RULES as a sequence of messages: kind (0 a rule, 1 the end, 2 an error,
// other: that message type), size in two bytes, payload. A list is complete or an error.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "netlink/control_socket.h"
#include "netlink/message.h"
#include "ruleset/netlink_rule_kernel.h"
#include "unit/ruleset/scripted_socket.h"

namespace {

using sorrel::ruleset::ScriptedSocket;
namespace message = sorrel::netlink::message;

std::uint16_t type_of(std::uint8_t kind) {
  if (kind == 0) return message::kListRules;
  if (kind == 1) return message::kDone;
  return kind == 2 ? message::kError : kind;
}

std::vector<ScriptedSocket::Answer> read_answers(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 3;
  std::vector<ScriptedSocket::Answer> answers;
  while (size >= kHead) {
    const std::size_t wanted = data[1] | static_cast<std::size_t>(data[2]) << 8;
    const std::size_t length = std::min({wanted, size - kHead, std::size_t{8'000}});
    ScriptedSocket::Answer answer{type_of(data[0]), std::vector<std::byte>(length)};
    if (length != 0) std::memcpy(answer.payload.data(), data + kHead, length);
    answers.push_back(std::move(answer));
    data += kHead + length;
    size -= kHead + length;
  }
  return answers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answers = read_answers(data, size);
  sorrel::ManualClock clock;
  sorrel::netlink::ControlSocket socket(
      std::make_unique<ScriptedSocket>(clock, [&](auto, auto) { return answers; }), clock, 10);
  sorrel::ruleset::NetlinkRuleKernel kernel(socket);
  const auto rules = kernel.list();
  if (!rules) return 0;
  const auto end = std::ranges::find(answers, message::kDone, &ScriptedSocket::Answer::type);
  SORREL_CHECK(end != answers.end(), "a list without an end");
  const auto count = std::count_if(answers.begin(), end, [](const ScriptedSocket::Answer& answer) {
    return answer.type == message::kListRules;
  });
  SORREL_CHECK(rules->size() == static_cast<std::size_t>(count), "a list that is not whole");
  return 0;
}
