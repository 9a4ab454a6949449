// The uids are written down: one that changes makes every event of the fleet a new one.

#include "event/event_uid.h"

#include <string>

#include "base/hex.h"
#include "catch.h"

namespace sorrel::event {
namespace {

constexpr const char* kHost = "0123456789abcdef0123456789abcdef";
constexpr const char* kBoot = "11111111-2222-3333-4444-555555555555";

std::string text(const Hash128& hash) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint64_t word : {hash[0], hash[1]})
    for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[word >> shift & 15];
  return out;
}

struct Named {
  Event event;
  record::Parser parser;

  explicit Named(std::string_view line) {
    const record::Datagram datagram = record::parse_line(line);
    event.id = {.seconds = 1626352163, .serial = 1234, .milliseconds = 720};
    event.node = event.copy(datagram.node);
    event.add(datagram, sizeof "audit(1626352163.720:1234):", parser);
  }
};

Named syscall() {
  return Named("type=SYSCALL msg=audit(1626352163.720:1234): a0=1");
}

std::string uid(EventUid& uids, const Event& event) {
  return text(uids.of(event));
}

}  // namespace

TEST_CASE("an event's uid is stable for ever", "[event_uid]") {
  EventUid uids(kHost, kBoot, "");
  Named named = syscall();
  CHECK(uid(uids, named.event) == "b7dcd154c5be0737e578794cbe2ed9f5");
  named.event.part = 1;
  CHECK(uid(uids, named.event) == "bb6cfa0c1361dd67507850d2cd5810fe");
  EventUid by_node("", "", "web-1");
  named.event.part = 0;
  CHECK(uid(by_node, named.event) == "81d9a9cca63e610e0cf801843ffabf66");
  EventUid nothing("", "", "");
  CHECK(uid(nothing, named.event) == "0e8abc58f2b76f4eeca8fd8869426046");
}

TEST_CASE("whatever tells events apart changes the uid", "[event_uid]") {
  EventUid uids(kHost, kBoot, "");
  Named named = syscall();
  const std::string first = uid(uids, named.event);
  named.event.id.serial = 1235;
  CHECK(uid(uids, named.event) != first);
  named.event.id = {.seconds = 1626352163, .serial = 1234, .milliseconds = 721};
  CHECK(uid(uids, named.event) != first);
  named.event.id.milliseconds = 720;
  CHECK(uid(uids, named.event) == first);
  named.event.part = 7;
  CHECK(uid(uids, named.event) != first);
  named.event.part = 0;

  EventUid other_host("ffff", kBoot, "");
  CHECK(uid(other_host, named.event) != first);
  EventUid other_boot(kHost, "ffff", "");
  CHECK(uid(other_boot, named.event) != first);
  // The border between the two ids counts.
  EventUid one("ab", "c", "");
  EventUid two("a", "bc", "");
  CHECK(uid(one, named.event) != uid(two, named.event));
}

TEST_CASE("what auditd or we made up never has a kernel event's uid", "[event_uid]") {
  EventUid uids(kHost, kBoot, "");
  const Named kernel = syscall();
  const Named daemon("type=DAEMON_START msg=audit(1626352163.720:1234): op=start");
  CHECK(uid(uids, kernel.event) != uid(uids, daemon.event));
}

TEST_CASE("the node stands for the host when no id is known", "[event_uid]") {
  const Named web("node=web type=SYSCALL msg=audit(1626352163.720:1234): a0=1");
  const Named db("node=db type=SYSCALL msg=audit(1626352163.720:1234): a0=1");
  const Named none = syscall();
  EventUid uids("", "", "web");
  const std::string of_web = uid(uids, web.event);
  CHECK(uid(uids, none.event) == of_web);
  CHECK(uid(uids, db.event) != of_web);
  CHECK(uid(uids, web.event) == of_web);
  // With ids it says nothing: a relay may have named the host in its own way.
  EventUid with_ids(kHost, kBoot, "");
  CHECK(uid(with_ids, web.event) == uid(with_ids, db.event));
}

TEST_CASE("text and kernel give the same uid", "[event_uid]") {
  EventUid uids(kHost, kBoot, "");
  const Named text_event = syscall();
  Event event;
  record::Parser parser;
  record::Datagram datagram;
  datagram.type = record::type::kSyscall;
  datagram.payload = "audit(1626352163.720:1234): a0=1";
  event.id = text_event.event.id;
  event.add(datagram, sizeof "audit(1626352163.720:1234):", parser);
  CHECK(uid(uids, event) == uid(uids, text_event.event));
}

}  // namespace sorrel::event
