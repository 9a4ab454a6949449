#include "sorrelctl/ps_table.h"

#include "catch.h"

namespace sorrel::sorrelctl {
namespace {

constexpr Terminal kAscii{};
constexpr Terminal kUtf8{.has_utf8 = true, .has_colour = false};
constexpr Terminal kColour{.has_utf8 = false, .has_colour = true};

struct Rows {
  explicit Rows(std::initializer_list<const char*> lines) {
    for (const char* const line : lines) rows.add(line);
    REQUIRE(rows.unreadable() == 0);
    rows.sort();
  }
  std::string table(const Terminal& terminal) const {
    std::string out;
    print_ps_table(rows, std::vector<bool>(rows.processes().size(), true), terminal,
                   [&out](std::string_view text) { out += text; });
    return out;
  }
  std::string tree(const Terminal& terminal) const {
    std::string out;
    print_ps_tree(rows, PsTree(rows.processes()), terminal,
                  [&out](std::string_view text) { out += text; });
    return out;
  }

  PsRows rows;
};

std::string command_of(const char* row) {
  const std::string table = Rows({row}).table(kUtf8);
  const std::size_t column = table.find("COMMAND");
  const std::size_t line = table.find('\n') + 1;
  return table.substr(line + column, table.size() - line - column - 1);
}

}  // namespace

TEST_CASE("a table has aligned columns", "[sorrelctl][table]") {
  const Rows rows(
      {R"({"pid":1,"ppid":0,"start":"1699999990.000","comm":"systemd","exe":"/usr/lib/systemd/systemd"})",
       R"({"pid":12345,"ppid":1,"start":"1700000000.123","event_id":"1700000000.123:45","comm":"sh",)"
       R"("exe":"/usr/bin/dash","user":"ann","ses":3,"unit":"ssh.service"})",
       R"({"pid":20,"ppid":2,"comm":"kworker/0:1"})"});
  CHECK(rows.table(kAscii) ==
        "  PID PPID USER SES STARTED              EVENT_ID          UNIT        COMMAND\n"
        "    1    0 -      - 2023-11-14T22:13:10Z -                 -           "
        "/usr/lib/systemd/systemd\n"
        "   20    2 -      - -                    -                 -           [kworker/0:1]\n"
        "12345    1 ann    3 2023-11-14T22:13:20Z 1700000000.123:45 ssh.service "
        "/usr/bin/dash (sh)\n");
}

TEST_CASE("an empty table has its head", "[sorrelctl][table]") {
  CHECK(Rows({}).table(kAscii) == "PID PPID USER SES STARTED EVENT_ID UNIT COMMAND\n");
}

TEST_CASE("a command is the executable, the own name, or a bracket", "[sorrelctl][table]") {
  CHECK(command_of(R"({"pid":1})") == "[?]");
  CHECK(command_of(R"({"pid":1,"comm":"kthreadd"})") == "[kthreadd]");
  CHECK(command_of(R"({"pid":1,"exe":"/bin/cat","comm":"cat"})") == "/bin/cat");
  CHECK(command_of(R"({"pid":1,"exe":"/bin/a-very-long-program","comm":"a-very-long-pro"})") ==
        "/bin/a-very-long-program");
  CHECK(command_of(R"({"pid":1,"exe":"/bin/cat","comm":"evil"})") == "/bin/cat (evil)");
  CHECK(command_of(R"({"pid":1,"exe":"/bin/cat"})") == "/bin/cat");
}

TEST_CASE("the exited are marked with their time", "[sorrelctl][table]") {
  CHECK(command_of(R"({"pid":1,"exe":"/bin/cat","exited":"1700000000.500"})") ==
        "/bin/cat [exited 2023-11-14T22:13:20Z]");
}

TEST_CASE("names that want to steer the terminal are shown escaped", "[sorrelctl][table]") {
  CHECK(command_of("{\"pid\":1,\"comm\":\"\\u001b[2J\\u009b\xc3\xbc%ff\"}") ==
        "[%1b[2J%c2%9b\xc3\xbc%ff]");
  const Rows rows({R"({"pid":1,"exe":"/x\ny","user":"a\rb","unit":"u\u202e","container":""})"});
  for (const Terminal& terminal : {kAscii, kUtf8}) {
    const std::string out = rows.table(terminal);
    CHECK(std::count(out.begin(), out.end(), '\n') == 2);
    CHECK(out.find_first_of("\r\x1b\x7f") == std::string::npos);
    CHECK(out.find("u%e2%80%ae") != std::string::npos);
  }
}

TEST_CASE("a container goes before the unit, with a short id", "[sorrelctl][table]") {
  const Rows rows({R"({"pid":1,"unit":"docker.service","container":"0123456789abcdef0123"})"});
  CHECK(rows.table(kAscii).find(" 0123456789ab [?]") != std::string::npos);
}

TEST_CASE("a long name is cut and leaves the columns as they are", "[sorrelctl][table]") {
  const std::string row = R"({"pid":1,"unit":")" + std::string(200, 'u') + "\"}";
  PsRows rows;
  rows.add(row);
  rows.add("{\"pid\":2,\"unit\":\"" + std::string(100, 'a') + "\xc3\xbc\"}");
  rows.add("{\"pid\":3,\"unit\":\"" + std::string(30, 'a') + "\xc3\xbc\xc3\xbc\xc3\xbc\"}");
  std::string out;
  print_ps_table(rows, {true, true, true}, kUtf8, [&](std::string_view text) { out += text; });
  CHECK(out.find(" " + std::string(31, 'u') + "~ [?]\n") != std::string::npos);
  CHECK(out.find(" " + std::string(31, 'a') + "~ [?]\n") != std::string::npos);
  CHECK(out.find(" " + std::string(30, 'a') + "%~ [?]\n") != std::string::npos);
}

TEST_CASE("a tree is drawn in lines of the terminal's kind", "[sorrelctl][table]") {
  const Rows rows({R"({"pid":1,"ppid":0,"comm":"init"})", R"({"pid":2,"ppid":1,"comm":"a"})",
                   R"({"pid":3,"ppid":2,"comm":"b","exited":"1700000000.000"})",
                   R"({"pid":4,"ppid":3,"comm":"c"})", R"({"pid":5,"ppid":1,"comm":"d"})"});
  const std::string head = "PID PPID USER SES STARTED EVENT_ID UNIT COMMAND\n";
  const auto row = [](const char* pids) {
    return std::string(pids) + " -      - -       -        -    ";
  };
  CHECK(rows.tree(kAscii) == head + row("  1    0") + "[init]\n" + row("  2    1") + "|- [a]\n" +
                                 row("  3    2") + "|  `- [b] [exited 2023-11-14T22:13:20Z]\n" +
                                 row("  4    3") + "|     `- [c]\n" + row("  5    1") + "`- [d]\n");
  CHECK(rows.tree(kUtf8) == head + row("  1    0") + "[init]\n" + row("  2    1") + "├─ [a]\n" +
                                row("  3    2") + "│  └─ [b] [exited 2023-11-14T22:13:20Z]\n" +
                                row("  4    3") + "│     └─ [c]\n" + row("  5    1") + "└─ [d]\n");
}

TEST_CASE("a loop is said to be one", "[sorrelctl][table]") {
  const Rows rows({R"({"pid":2,"ppid":3})", R"({"pid":3,"ppid":2})"});
  CHECK(rows.tree(kAscii).find("[?] [its parents lead back to it]\n") != std::string::npos);
}

TEST_CASE("levels beyond what a screen shows are a number", "[sorrelctl][table]") {
  PsRows rows;
  for (int pid = 1; pid <= 20'000; ++pid) {
    rows.add("{\"pid\":" + std::to_string(pid) + ",\"ppid\":" + std::to_string(pid - 1) + "}");
  }
  rows.sort();
  std::size_t bytes = 0;
  std::string last;
  print_ps_tree(rows, PsTree(rows.processes()), kAscii, [&](std::string_view text) {
    bytes += text.size();
    last = text;
  });
  CHECK(bytes < 20'000u * 300);
  CHECK(last.find("(+19959) ") != std::string::npos);
}

TEST_CASE("colour is for terminals", "[sorrelctl][table]") {
  const Rows rows({R"({"pid":1,"exited":"1700000000.000"})", R"({"pid":2})"});
  const std::string out = rows.table(kColour);
  CHECK(out.starts_with("\033[1m"));
  CHECK(out.find("\n\033[2m  1") != std::string::npos);
  CHECK(out.find("\n  2") != std::string::npos);
  CHECK(rows.table(kAscii).find('\033') == std::string::npos);
}

}  // namespace sorrel::sorrelctl
