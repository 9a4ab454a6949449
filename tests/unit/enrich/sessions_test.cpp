#include "enrich/sessions.h"

#include "catch.h"

namespace sorrel::enrich {
namespace {

std::string opened_by(const Session& session) {
  char room[PackedId::kTextRoom];
  return std::string(unpack_id(session.opened_by, room));
}

}  // namespace

TEST_CASE("a session is known by the event that opened it and by what was said of it",
          "[sessions]") {
  Sessions sessions;
  CHECK(sessions.open(5, 1000, "1700000000.123:42"));
  sessions.describe(5, 1000, {.exe = "/usr/sbin/sshd", .address = "192.0.2.7", .terminal = "?"});
  sessions.describe(5, 1000, {.exe = "/usr/bin/other", .terminal = "pts/1", .hostname = "client"});
  const Session* const session = sessions.find(5);
  REQUIRE(session != nullptr);
  CHECK(session->auid == 1000);
  CHECK(opened_by(*session) == "1700000000.123:42");
  CHECK(session->exe == "/usr/sbin/sshd");
  CHECK(session->address == "192.0.2.7");
  CHECK(session->terminal == "pts/1");
  CHECK(session->hostname == "client");
  CHECK(sessions.find(6) == nullptr);
}

TEST_CASE("the unset session is none", "[sessions]") {
  Sessions sessions;
  CHECK_FALSE(sessions.open(Session::kUnset, 1000, "1.000:1"));
  sessions.describe(Session::kUnset, 1000, {.exe = "/bin/x"});
  CHECK(sessions.find(Session::kUnset) == nullptr);
  CHECK(sessions.size() == 0);
}

TEST_CASE("a number that is given again is another session", "[sessions]") {
  Sessions sessions;
  sessions.open(5, 1000, "1700000000.123:42");
  sessions.describe(5, 1000, {.exe = "/usr/sbin/sshd"});
  SECTION("by its LOGIN") {
    sessions.open(5, 1000, "1700009999.000:7");
    CHECK(opened_by(*sessions.find(5)) == "1700009999.000:7");
  }
  SECTION("by another user's record") {
    sessions.describe(5, 1001, {.terminal = "tty1"});
    CHECK(opened_by(*sessions.find(5)).empty());
    CHECK(sessions.find(5)->auid == 1001);
  }
  CHECK(sessions.find(5)->exe.empty());
  CHECK(sessions.size() == 1);
}

TEST_CASE("sessions and their texts are bounded, the oldest go first", "[sessions]") {
  Sessions sessions(3);
  for (std::uint32_t number = 1; number <= 10; ++number)
    sessions.open(number, 1000 + number, "1.000:" + std::to_string(number));
  CHECK(sessions.size() == 3);
  CHECK(sessions.dropped_sessions() == 7);
  CHECK(sessions.find(7) == nullptr);
  CHECK(sessions.find(8)->auid == 1008);
  CHECK(sessions.at(0).number == 8);
  CHECK(sessions.at(2).number == 10);
  sessions.describe(9, 1009, {.hostname = std::string(256, 'x')});
  CHECK(sessions.find(9)->hostname.empty());
  CHECK(sessions.dropped_texts() == 1);
}

}  // namespace sorrel::enrich
