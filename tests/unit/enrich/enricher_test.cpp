#include "enrich/enricher.h"

#include <string>
#include <string_view>

#include "catch.h"
#include "event_of.h"

namespace sorrel::enrich {
namespace {

constexpr std::string_view kPasswd = "root:x:0:0::/:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n";
constexpr std::string_view kGroup = "root:x:0:\nstaff:x:1000:\n";

// What is added to the first record, flat: "UID=root ID=alice".
std::string added(event::Event& event) {
  std::string text;
  event.end_annotations();
  for (const event::Annotation& step : event.annotations(event.records()[0])) {
    if (step.step == event::Step::end) continue;
    if (!text.empty()) text += ' ';
    text += std::string(step.key()) + '=';
    if (step.step == event::Step::text || step.step == event::Step::plain) text += step.text();
  }
  return text;
}

std::string added_to(std::string_view record) {
  const host::UserDb users = host::UserDb::parse(kPasswd, kGroup);
  Options options;
  options.pid = false;
  Enricher enricher(options, {.users = &users});
  event::Event event;
  fill(event, {record});
  enricher.learn(event);
  enricher.annotate(event, {}, false);
  return added(event);
}

}  // namespace

TEST_CASE("ids inside a message get their names in the record", "[enricher]") {
  const auto [record, names] = GENERATE(table<std::string, std::string>({
      {"USER_AUTH msg=audit(1.000:1): uid=0 msg='op=x id=1000 res=success'", "UID=root ID=alice"},
      {"ADD_USER msg=audit(1.000:1): uid=0 msg='op=x id=1001 res=success'",
       "UID=root ID=unknown(1001)"},
      {"ADD_GROUP msg=audit(1.000:1): uid=0 msg='op=x id=1000 res=success'", "UID=root ID=staff"},
      {"USER_AVC msg=audit(1.000:1): uid=0 msg='avc:  x sauid=1000'", "UID=root SAUID=alice"},
      // The record's own comes first, and a number must be one.
      {"USER_AUTH msg=audit(1.000:1): uid=0 msg='uid=1000'", "UID=root"},
      {"USER_AUTH msg=audit(1.000:1): uid=0 msg='id=alice'", "UID=root"},
      {"USER_AUTH msg=audit(1.000:1): uid=0 msg='id=1000 id=0'", "UID=root ID=alice"},
      // Outside of a message it is no user's.
      {"NETFILTER_PKT msg=audit(1.000:1): id=1000", ""},
      // auditd was here.
      {"USER_AUTH msg=audit(1.000:1): uid=0 msg='id=1000'\x1dUID=\"root\" ID=\"alice\"", ""},
  }));
  INFO(record);
  CHECK(added_to("type=" + record) == names);
}

TEST_CASE("a user that was never set has that name as a signed number too", "[enricher]") {
  CHECK(added_to("type=OBJ_PID msg=audit(1.000:1): opid=2 oauid=-1 ouid=0") ==
        "OAUID=unset OUID=root");
  CHECK(added_to("type=OBJ_PID msg=audit(1.000:1): opid=2 oauid=-2") ==
        "OAUID=unknown(4294967294)");
  CHECK(added_to("type=OBJ_PID msg=audit(1.000:1): opid=2 oauid=-") == "");
}

TEST_CASE("what is remembered of a value is right for every field", "[enricher]") {
  const std::string passwd = "root:x:0:0::/:/bin/sh\nal%ice:x:1000:1000::/:/bin/sh\n";
  const host::UserDb users = host::UserDb::parse(passwd, kGroup);
  Options options;
  options.pid = false;
  options.groups = false;
  Enricher enricher(options, {.users = &users});
  const auto added_now = [&](const std::string& record) {
    event::Event event;
    fill(event, {"type=" + record});
    enricher.learn(event);
    enricher.annotate(event, {}, false);
    // Before another event is annotated, and after.
    event::Event other;
    fill(other, {"type=OBJ_PID msg=audit(1.000:2): ouid=2001"});
    enricher.annotate(other, {}, false);
    return added(event);
  };
  for (int round = 0; round < 3; ++round) {
    INFO(round);
    // The same number as a user, a group and a mode.
    CHECK(added_now("PATH msg=audit(1.000:1): mode=1000 ouid=1000 ogid=1000") ==
          "MODE=000,sticky,000 OUID=al%ice OGID=staff");
    CHECK(added_now("PATH msg=audit(1.000:1): mode=0 ouid=2000 ogid=2000") ==
          "MODE=000,000 OUID=unknown(2000) OGID=unknown(2000)");
    CHECK(added_now("PATH msg=audit(1.000:1): ouid=x ogid=0 mode=0100644") ==
          "OGID=root MODE=file,644");
    CHECK(added_now("SYSCALL msg=audit(1.000:1): arch=c000003e syscall=2 exit=-13 uid=00 ses=1") ==
          "ARCH=x86_64 SYSCALL=open EXIT=EACCES UID=root");
    CHECK(added_now("SYSCALL msg=audit(1.000:1): arch=40000003 syscall=2 exit=0 uid=0 "
                    "ses=4294967295") == "ARCH=i386 SYSCALL=fork UID=root SES=unset");
  }
}

TEST_CASE("a name that a service may learn later is asked for every time", "[enricher]") {
  struct Service : MoreNames {
    int asked = 0;
    std::optional<std::string_view> name(bool, std::uint32_t) override {
      return ++asked == 1 ? std::nullopt : std::optional<std::string_view>("carol");
    }
    std::span<const std::string> groups_of(std::uint32_t) override { return {}; }
  } service;
  Options options;
  options.pid = false;
  Enricher enricher(options, {.more_names = &service});
  event::Event event;
  for (const char* name : {"OUID=unknown(5)", "OUID=carol", "OUID=carol"}) {
    fill(event, {"type=OBJ_PID msg=audit(1.000:1): ouid=5"});
    enricher.annotate(event, {}, false);
    CHECK(added(event) == name);
  }
  CHECK(service.asked == 3);
}

TEST_CASE("the groups of a user whom the files do not have are a service's", "[enricher]") {
  struct Service : MoreNames {
    std::vector<std::string> groups;
    std::optional<std::string_view> name(bool, std::uint32_t) override { return std::nullopt; }
    std::span<const std::string> groups_of(std::uint32_t uid) override {
      return uid == 5000 ? std::span<const std::string>(groups) : std::span<const std::string>{};
    }
  } service;
  service.groups = {"ldap-users", "quoted \"ops\""};
  Options options = Options::none();
  options.groups = true;
  const host::UserDb users = host::UserDb::parse("root:x:0:0::/root:/bin/sh\n", "root:x:0:\n");
  Enricher enricher(options, {.users = &users, .more_names = &service});
  event::Event event;
  const auto groups_of = [&](const char* uid) {
    fill(event,
         {"type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=2 uid=" + std::string(uid)});
    enricher.annotate(event, {}, false);
    return added(event);
  };
  CHECK(groups_of("0") == "UID_GROUPS= =root");
  CHECK(groups_of("5000") == "UID_GROUPS= =ldap-users =quoted \"ops\"");
  CHECK(groups_of("5001").empty());
}

}  // namespace sorrel::enrich
