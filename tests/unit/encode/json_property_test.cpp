// What must hold for every event: valid JSON without a key twice, within bound() bytes (the block
// has no more, for the address sanitizer), and each line given back in the raw format.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "encoded.h"
#include "property/mutate.h"
#include "property/strict_json.h"

namespace sorrel::encode {
namespace {

constexpr const char* kTypes[] = {
    "SYSCALL", "PATH", "EXECVE", "EXECVE", "AVC",       "TTY", "USER_AVC", "USER_LOGIN", "SOCKADDR",
    "CWD",     "NEW",  "ID",     "CWD_2",  "PROCTITLE", "EOE", "LOGIN",    "BPRM_FCAPS"};

std::string hex_of(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char byte : bytes)
    out += {kDigits[static_cast<unsigned char>(byte) >> 4], kDigits[byte & 15]};
  return out;
}

std::string random_body(const std::string& type, std::mt19937& random) {
  std::string body;
  if (type == "EXECVE") {
    body = random() % 2 == 0 ? "argc=3" : "";
    for (auto arguments = random() % 20; arguments != 0; --arguments) {
      const auto index = random() % 3 == 0 ? random() % 9'000 : random() % 12;
      body += " a" + std::to_string(index);
      if (random() % 3 == 0)
        body += "_len=9";
      else if (random() % 3 == 0)
        body += "[" + std::to_string(random() % 3) + "]=" + "\"x\xc3\"";
      else
        body += random() % 2 == 0 ? "=\"x\"" : "=" + hex_of(test::random_text(random, 8));
    }
  } else if (type == "PROCTITLE") {
    body = "proctitle=" + hex_of(test::random_text(random, 40));
  } else if (type == "SOCKADDR") {
    body = "saddr=" + hex_of(std::string(1, static_cast<char>(random() % 50)) + '\0' +
                             test::random_text(random, 120));
  } else if (random() % 4 == 0) {
    body = "key=" + hex_of("a\1" + test::random_text(random, 30) + "\1\1");
  }
  return body + ' ' + test::random_fields(random);
}

std::string random_line(std::mt19937& random) {
  const std::string type = kTypes[random() % std::size(kTypes)];
  std::string line = random() % 8 == 0 ? "node=n\xff " : "";
  line += "type=" + type + " msg=audit(1.000:" + std::to_string(random() % 3) + "): ";
  std::string body = random_body(type, random);
  if (random() % 3 == 0) test::mutate(body, random);
  std::erase(body, '\n');
  // Upper-case keys are ours and auditd's: no kernel and no program writes them.
  return line + body;
}

}  // namespace

TEST_CASE("every event is strict JSON within its bound, and raw gives its lines back",
          "[json][property]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const Options kOptions[] = {{},
                              {.argv_string = true, .prefix = "e_"},
                              {.argv_array = false, .socket_addresses = false, .time_key = "ID_"},
                              {.argv_string = true, .host_fields = {{"role", "\xff"}}}};
  for (int round = 0; round < 1'500; ++round) {
    std::string text;
    std::vector<std::string> given;
    for (auto lines = 1 + random() % 8; lines != 0; --lines) {
      given.push_back(random_line(random) + '\n');
      text += given.back();
    }
    const test::Encoded encoded =
        test::encode_text(text, kOptions[random() % std::size(kOptions)], "no\\de");
    std::vector<std::string> got;
    for (const std::string& raw : encoded.raw) {
      for (std::size_t begin = 0; begin < raw.size();) {
        const std::size_t end = raw.find('\n', begin) + 1;
        got.push_back(raw.substr(begin, end - begin));
        begin = end;
      }
    }
    std::ranges::sort(given);
    std::ranges::sort(got);
    if (given != got) {
      INFO(text);
      REQUIRE(got == given);
    }
    for (const std::string& line : encoded.json) {
      if (line.empty() || test::StrictJson::fault(line).empty()) continue;
      INFO(text);
      INFO(line);
      REQUIRE(test::StrictJson::fault(line) == "");
    }
  }
}

TEST_CASE("large values fit into the bound", "[json][property]") {
  for (const std::string& value :
       {std::string(60'000, '\x01'), std::string(60'000, '%'), std::string(60'000, '"')}) {
    for (const std::string& body :
         {"a=\"" + value + '"', hex_of(value), "key=" + hex_of(value), "a0=" + hex_of(value),
          "proctitle=" + hex_of(value), "saddr=0100" + hex_of(value), "{ " + value + " }"}) {
      for (const char* type : {"SYSCALL", "EXECVE", "PROCTITLE", "SOCKADDR", "AVC", "USER_LOGIN"}) {
        std::string line = std::string("type=") + type + " msg=audit(1.000:1): " + body;
        const test::Encoded encoded = test::encode_text(line, {.argv_string = true});
        REQUIRE(encoded.json.size() == 1);
        REQUIRE(test::StrictJson::fault(encoded.json[0]) == "");
      }
    }
  }
}

}  // namespace sorrel::encode
