// Random secrets in commands of every kind: no output may hold one, as text or as hex.

#include <algorithm>
#include <random>
#include <string>

#include "catch.h"
#include "redacted.h"

namespace sorrel::enrich {
namespace {

using Random = std::mt19937;

std::string random_text(Random& random, std::string_view alphabet, std::size_t size) {
  std::string text;
  while (text.size() < size) text += alphabet[random() % alphabet.size()];
  return text;
}

constexpr std::string_view kAlnum =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// Any byte but NUL, which ends an argument.
std::string any_bytes() {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  return all;
}

// A command with @ where the secret goes and \x01 for an @, and the bytes that it may have there.
struct Template {
  std::vector<std::string> command;
  std::string alphabet;
};

const std::vector<Template>& templates() {
  static const std::string any = any_bytes();
  static const std::string alnum(kAlnum);
  static const std::vector<Template> all = {
      {{"tool", "--password=@", "x"}, any},
      {{"tool", "--token", "@"}, alnum},
      {{"mysql", "-u", "root", "-p@", "db"}, any},
      {{"env", "DB_PASSWORD=@", "./run"}, any},
      {{"sshpass", "-p", "@", "ssh", "-p", "22", "h"}, any},
      {{"curl", "-u", "joe:@", "https://h"}, any},
      {{"curl", "-H", "Authorization: Bearer @", "https://h"}, alnum + "-._~+/="},
      {{"curl",
        "https://joe:@\x01"
        "h/x"},
       alnum},
      {{"sh", "-c", "cd /; mysqldump -p@ db | gzip > x"}, alnum + "!#%+,-./:=?@^_~"},
      {{"sh", "-c", "ssh h 'mysql --password=@ db'"}, alnum},
      {{"curl", "-d", "{\"user\":\"x\",\"password\":\"@\"}", "https://h"}, alnum + " :;,&"},
  };
  return all;
}

std::string filled(std::string text, const std::string& secret) {
  for (std::size_t at = text.find('@'); at != text.npos; at = text.find('@', at + secret.size()))
    text.replace(at, 1, secret);
  std::ranges::replace(text, '\x01', '@');
  return text;
}

// An EXECVE record of arguments in parts of random sizes, and in several records.
std::vector<std::string> split_records(Random& random, const std::vector<std::string>& command) {
  std::vector<std::string> records = {"EXECVE argc=" + std::to_string(command.size())};
  for (std::size_t i = 0; i < command.size(); ++i) {
    const std::string name = "a" + std::to_string(i);
    const bool hex = test::value(command[i])[0] != '"';
    if (random() % 3 == 0) {
      records.back() += ' ' + name + '=' + test::value(command[i]);
      continue;
    }
    records.back() += ' ' + name + "_len=" + std::to_string(command[i].size() * (hex ? 2 : 1));
    std::size_t part = 0;
    for (std::size_t at = 0; at < command[i].size(); ++part) {
      const std::size_t size = 1 + random() % 12;
      std::string value;
      append_value(command[i].substr(at, size), hex ? ValueForm::hex : ValueForm::kernel, value);
      if (random() % 4 == 0) records.emplace_back("EXECVE ");
      records.back() += ' ' + name + '[' + std::to_string(part) + "]=" + value;
      at += size;
    }
  }
  return records;
}

void check_gone(const test::Redacted& out, const std::string& secret) {
  // Any eight bytes of it would be too much; of a shorter one, all of it.
  const std::size_t piece = std::min<std::size_t>(secret.size(), 8);
  for (std::size_t at = 0; at + piece <= secret.size(); ++at) {
    const std::string part = secret.substr(at, piece);
    const std::string hex = encode_hex(part);
    if (out.raw.find(part) == std::string::npos && out.raw.find(hex) == std::string::npos &&
        out.json.find(part) == std::string::npos)
      continue;
    INFO(out.raw);
    INFO(encode_hex(secret));
    FAIL("a part of the secret is in the output");
  }
}

}  // namespace

TEST_CASE("no output holds a secret of a known kind, whatever its bytes", "[secrets][property]") {
  Random random(20'240'917);
  for (int round = 0; round < 3000; ++round) {
    const Template& chosen = templates()[random() % templates().size()];
    // A letter first and last: no rule takes what looks like an option, a path or a quoted text.
    const std::string secret = random_text(random, "XYZ", 1) +
                               random_text(random, chosen.alphabet, 4 + random() % 60) +
                               random_text(random, kAlnum, 2);
    std::vector<std::string> command;
    for (const std::string& argument : chosen.command) command.push_back(filled(argument, secret));
    // So that the title's cut comes at any place.
    if (round % 2 == 0) command[0] = '/' + std::string(random() % 120, 'p') + '/' + command[0];
    std::vector<std::string> records = random() % 2 == 0
                                           ? split_records(random, command)
                                           : std::vector{test::execve_record(command)};
    records.push_back(test::title_record(command));
    INFO(chosen.command.back());
    const auto out = test::redact(records);
    REQUIRE(!out.marks.empty());
    check_gone(out, secret);
  }
}

TEST_CASE("no typed or sudo's text holds a secret of a known kind", "[secrets][property]") {
  Random random(7);
  for (int round = 0; round < 1000; ++round) {
    const std::string secret = 'X' + random_text(random, kAlnum, 6 + random() % 30) + 'q';
    const char* const texts[] = {"mysql -p@ db",           "export TOKEN=@",
                                 "curl -u joe:@ http://h", "tool --password @ x",
                                 "sshpass -p @ ssh h",     "curl -H 'Authorization: Bearer @' h"};
    const std::string text = filled(texts[random() % std::size(texts)], secret);
    const auto out = test::redact(
        {round % 2 == 0 ? "TTY tty pid=1 data=" + encode_hex("ls\r" + text + "\rls\r")
                        : "USER_CMD pid=1 msg='cmd=" + encode_hex(text) + " res=success'"});
    REQUIRE(!out.marks.empty());
    check_gone(out, secret);
  }
}

}  // namespace sorrel::enrich
