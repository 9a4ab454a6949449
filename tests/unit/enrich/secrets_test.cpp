#include "enrich/secrets.h"

#include <string>

#include "catch.h"
#include "redacted.h"

namespace sorrel::enrich {
namespace {

using test::bodies;
using test::execve_record;
using test::redact;
using test::title_record;
using Marks = std::vector<std::string>;

}  // namespace

TEST_CASE("a password goes from the arguments and the title", "[secrets]") {
  const std::vector<std::string> command = {"mysql", "-u", "root", "-phunter2", "db"};
  const auto out = redact({execve_record(command), title_record(command)});
  CHECK(out.marks == Marks{"EXECVE mysql-option", "PROCTITLE mysql-option"});
  CHECK(bodies(out) ==
        "argc=5 a0=\"mysql\" a1=\"-u\" a2=\"root\" a3=\"-p<redacted>\" a4=\"db\"\n"
        "proctitle=" +
            encode_hex(std::string("mysql\0-u\0root\0-p<redacted>\0db", 29)) + "\n");
  CHECK(out.json.find(R"("ARGV":["mysql","-u","root","-p<redacted>","db"])") != std::string::npos);
  CHECK(out.json.find(R"("ARGV_STR":"mysql -u root -p<redacted> db")") != std::string::npos);
}

TEST_CASE("a record tells which rules found something in it", "[secrets]") {
  const std::vector<std::string> command = {"curl", "-u", "joe:hunter2", "--token=hunter3"};
  const auto out = redact({execve_record(command), "CWD cwd=\"/\"", title_record(command)});
  CHECK(out.json.find(R"("ARGV_STR":"curl -u joe:<redacted> --token=<redacted>",)"
                      R"("REDACTED":["assignment","curl-user"]},"CWD":{"cwd":"/"},)") !=
        std::string::npos);
  CHECK(out.json.ends_with("\"REDACTED\":[\"assignment\",\"curl-user\"]}}\n"));
}

TEST_CASE("an event without a secret is not touched", "[secrets]") {
  for (const std::vector<std::string>& command : {std::vector<std::string>{"mkdir", "-p", "dir"},
                                                  {"ssh", "-p", "22", "host"},
                                                  {"cp", "-p", "a", "b"},
                                                  {"sh", "-c", "mysql -p; cp -pr a b"},
                                                  {"passwd", "root"},
                                                  {"ssh-keygen", "-t", "ed25519"},
                                                  {"date", "-u", "+%H:%M"}}) {
    INFO(command[0]);
    const auto out = redact({execve_record(command), title_record(command)});
    CHECK(out.marks.empty());
    CHECK(out.raw.find("redacted") == std::string::npos);
  }
}

TEST_CASE("what the title's cut has left of a secret goes, too", "[secrets]") {
  // The cut comes after 128 bytes: at each byte of the secret, and before and behind it.
  for (std::size_t fill = 85; fill < 125; ++fill) {
    const std::vector<std::string> command = {"git", "clone", std::string(fill, 'x'),
                                              "https://joe:Zq7Zq7Zq7Zq7@example.com/x"};
    const auto out = redact({execve_record(command), title_record(command)});
    INFO(bodies(out));
    for (const char* rest : {"Zq7", ":Z", ":<redacted>Z"}) {
      CHECK(out.raw.find(rest) == std::string::npos);
      CHECK(out.raw.find(encode_hex(rest)) == std::string::npos);
      CHECK(out.json.find(rest) == std::string::npos);
    }
  }
}

TEST_CASE("a title alone is searched, and its cut end more strictly", "[secrets]") {
  const auto cut =
      redact({title_record({"tool", std::string(100, 'x'), "token", "ghp_0123456789"})});
  CHECK(cut.marks == Marks{"PROCTITLE github-token"});
  CHECK(cut.json.find("ghp_") == std::string::npos);
  // In a title that is whole, these characters are no token.
  CHECK(redact({title_record({"tool", "ghp_0123"})}).marks.empty());
  CHECK(redact({title_record({"sshpass", "-p", "hunter2", "ssh", "-p", "22"})}).marks ==
        Marks{"PROCTITLE sshpass"});
}

TEST_CASE("a secret of the arguments goes from a title that the program has changed", "[secrets]") {
  const auto out = redact({execve_record({"tool", "--token=hunter2hunter2"}),
                           "PROCTITLE proctitle=" + test::value("tool: with hunter2hunter2 now")});
  CHECK(out.marks == Marks{"EXECVE assignment", "PROCTITLE assignment"});
  CHECK(out.raw.find(encode_hex("with <redacted> now")) != std::string::npos);
}

TEST_CASE("a title that was clean for one program is searched for another", "[secrets]") {
  const std::string title = title_record({"client", "-phunter2"});
  for (int round = 0; round < 2; ++round) {
    CHECK(redact({"SYSCALL syscall=2 exe=\"/bin/ls\"", title}).marks.empty());
    CHECK(redact({"SYSCALL syscall=2 exe=\"/bin/mysql\"", title}).marks ==
          Marks{"PROCTITLE mysql-option"});
    CHECK(redact({execve_record({"mysql", "-p", "client", "-phunter2"}), title}).marks ==
          Marks{"EXECVE mysql-option", "PROCTITLE mysql-option"});
  }
}

TEST_CASE("the program may be known from exe alone", "[secrets]") {
  const auto out =
      redact({"SYSCALL arch=c000003e syscall=59 exe=\"/usr/bin/mysql\"",
              execve_record({"client", "-phunter2"}), title_record({"client", "-phunter2"})});
  CHECK(out.marks == Marks{"EXECVE mysql-option", "PROCTITLE mysql-option"});
  const auto hex = redact({"SYSCALL arch=c000003e syscall=59 exe=" + encode_hex("/o p/mysql"),
                           execve_record({"client", "-phunter2"})});
  CHECK(hex.marks == Marks{"EXECVE mysql-option"});
}

TEST_CASE("a command line within an argument is searched, in several layers", "[secrets]") {
  const auto inner = [](const std::string& script) {
    return redact({execve_record({"bash", "-c", script})});
  };
  CHECK(inner("cd /; mysqldump -phunter2 db | gzip").json.find("-p<redacted> db | gzip") !=
        std::string::npos);
  CHECK(inner("ssh h 'mysql -phunter2 db'").json.find("'mysql -p<redacted> db'") !=
        std::string::npos);
  CHECK(inner("ssh h \"sudo sh -c 'mysql -phunter2'\"").json.find("hunter2") == std::string::npos);
  // What precedes a command must not hide all of it.
  CHECK(inner("TOKEN=abc; rm -rf /").json.find("TOKEN=<redacted>; rm -rf /") != std::string::npos);
  CHECK(inner("PASSWORD='a b' ./run x").json.find("PASSWORD=<redacted> ./run x") !=
        std::string::npos);
}

TEST_CASE("sudo's commands and typed text are searched", "[secrets]") {
  const auto sudo =
      redact({"USER_CMD pid=1 uid=0 msg='cwd=\"/\" cmd=" + encode_hex("mysql -pa;b&c db") +
              " terminal=pts/0 res=success'"});
  CHECK(sudo.marks == Marks{"USER_CMD mysql-option"});
  CHECK(bodies(sudo) == "pid=1 uid=0 msg='cwd=\"/\" cmd=" + encode_hex("mysql -p<redacted> db") +
                            " terminal=pts/0 res=success'\n");
  const auto quoted = redact({"USER_CMD pid=1 msg='cmd=\"PASSWORD=hunter2\" res=success'"});
  CHECK(bodies(quoted) == "pid=1 msg='cmd=\"PASSWORD=<redacted>\" res=success'\n");

  const auto tty =
      redact({"TTY tty pid=1 comm=\"bash\" data=" + encode_hex("ls\rmysql -phunter2 db\rexit\r")});
  CHECK(tty.marks == Marks{"TTY mysql-option"});
  CHECK(bodies(tty) ==
        "tty pid=1 comm=\"bash\" data=" + encode_hex("ls\rmysql -p<redacted> db\rexit\r") + "\n");
  const auto user_tty = redact({"USER_TTY pid=1 uid=0 data=" + encode_hex("export TOKEN=hunter2")});
  CHECK(user_tty.marks == Marks{"USER_TTY assignment"});
  const auto key = redact({"TTY data=" + encode_hex("cat >k\r-----BEGIN RSA PRIVATE KEY-----\r"
                                                    "MIIEow\r-----END RSA PRIVATE KEY-----\r")});
  CHECK(key.json.find("MIIEow") == std::string::npos);
}

TEST_CASE("auditd's appended names stay behind a redacted record", "[secrets]") {
  const auto out =
      redact({"USER_CMD pid=1 msg='cmd=\"PASSWORD=hunter2\" res=success'\x1dUID=\"root\""});
  CHECK(bodies(out) == "pid=1 msg='cmd=\"PASSWORD=<redacted>\" res=success'\x1dUID=\"root\"\n");
}

TEST_CASE("each redaction is counted for its rule", "[secrets]") {
  const auto secrets = test::make_secrets(test::shipped_rules());
  const std::vector<std::string> command = {"tool", "--token=a1b2c3", "--password=d4e5f6"};
  redact({execve_record(command), title_record(command)}, *secrets);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < secrets->rules().size(); ++i) {
    if (secrets->rules()[i].name == "assignment") CHECK(secrets->count(i).value() == 4);
    total += secrets->count(i).value();
  }
  CHECK(total == 4);
}

TEST_CASE("what is redacted is not redacted again", "[secrets]") {
  const auto out = redact({execve_record({"mysql", "-p<redacted>"})});
  CHECK(out.marks.empty());
}

TEST_CASE("decode of the redacted text gives the same JSON", "[secrets]") {
  const std::vector<std::string> command = {
      "curl", "-u", "joe:hunter2", "-H", "Authorization: Bearer abc.def", "https://h"};
  const auto first = redact({execve_record(command), title_record(command)});
  std::vector<std::string> again;
  std::string_view rest = first.raw;
  while (!rest.empty()) {
    std::string line(rest.substr(5, rest.find('\n') - 5));
    rest.remove_prefix(rest.find('\n') + 1);
    line.erase(line.find(" msg="), std::string(" msg=audit(1.000:2):").size());
    again.push_back(line);
  }
  const auto second = redact(again);
  std::string unmarked = first.json;
  for (std::size_t at = 0; (at = unmarked.find(",\"REDACTED\"")) != unmarked.npos;)
    unmarked.erase(at, unmarked.find(']', at) + 1 - at);
  CHECK(second.json == unmarked);
  CHECK(second.marks.empty());
}

}  // namespace sorrel::enrich
