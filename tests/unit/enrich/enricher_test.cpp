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

}  // namespace sorrel::enrich
