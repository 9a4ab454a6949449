#include "record/sockaddr.h"

#include <random>
#include <string>

#include "base/hex.h"
#include "catch.h"

namespace sorrel::record {
namespace {

using State = SockAddr::State;
using Kind = SockAddrField::Kind;

// The address as one line: "saddr_fam=inet addr=1.2.3.4 port=80"; byte fields in angle brackets.
std::string show(const SockAddr& address) {
  std::string line;
  for (const SockAddrField& field : address.fields()) {
    if (!line.empty()) line += ' ';
    line += std::string(field.key) + '=';
    switch (field.kind) {
      case Kind::text:
        line += field.text;
        break;
      case Kind::bytes:
        line += '<' + std::string(field.text) + '>';
        break;
      case Kind::number:
        line += std::to_string(field.number);
        break;
      case Kind::hex_number: {
        char digits[20];
        std::snprintf(digits, sizeof digits, "0x%llx",
                      static_cast<unsigned long long>(field.number));
        line += digits;
        break;
      }
    }
  }
  return line;
}

std::string bytes_of(std::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != ' ') digits += c;
  }
  return *decode_hex(digits);
}

struct Row {
  std::string_view hex;
  std::string_view shown;
  bool laurel;
};

}  // namespace

// The rows that LAUREL decodes were compared with what LAUREL 0.8.2 prints for the same bytes.
TEST_CASE("the addresses of a little-endian machine are taken apart", "[sockaddr]") {
  const Row row = GENERATE(values<Row>({
      {"0200 0050 01020304 0000000000000000", "saddr_fam=inet addr=1.2.3.4 port=80", true},
      {"0200 FFFF FFFFFFFF 0101010101010101 99", "saddr_fam=inet addr=255.255.255.255 port=65535",
       true},
      {"0200 0050 01020304", "saddr_fam=inet addr=1.2.3.4 port=80", false},
      {"0A00 01BB 00012345 20010DB8000000000000000000000001 03000000",
       "saddr_fam=inet6 addr=2001:db8::1 port=443 flowinfo=74565 scope_id=3", true},
      {"0A00 01BB 00000000 20010DB8000000000000000000000001",
       "saddr_fam=inet6 addr=2001:db8::1 port=443 flowinfo=0", false},
      {"1000 0000 D2040000 11000000", "saddr_fam=netlink pid=1234 groups=0x11", true},
      {"1000 0000 00000000 00000000", "saddr_fam=netlink pid=0 groups=0x0", true},
      {"2800 0000 00040000 02000000 00000000", "saddr_fam=vsock cid=2 port=1024", true},
      {"2800 0000 FFFFFFFF FFFFFFFF", "saddr_fam=vsock cid=4294967295 port=4294967295", false},
      {"0300 4E3043414C4C02 000000 01000000", "saddr_fam=ax25 call=<N0CALL\x02>", true},
      {"0800 0000 FFFF FEFF FDFFFFFF", "saddr_fam=atmpvc itf=-1 vpi=-2 vci=-3", true},
      {"0900 31323334353637383930313233343536", "saddr_fam=x25 addr=<1234567890123456>", true},
      {"0400 0050 DEADBEEF 010203040506 11 00",
       "saddr_fam=ipx network=0xdeadbeef node=010203040506 port=80 type=17", true},
      {"1100 0800 02000000 0100 00 06 0102030405FF0000",
       "saddr_fam=packet protocol=2048 ifindex=2 hatype=1 pkttype=0 addr=01:02:03:04:05:ff", false},
      {"1100 0800 FFFFFFFF 0100 00 00",
       "saddr_fam=packet protocol=2048 ifindex=-1 hatype=1 pkttype=0", false},
      {"1100 0800 02000000 0100 00 09 0102030405060708",
       "saddr_fam=packet protocol=2048 ifindex=2 hatype=1 pkttype=0", false},
      {"1100 0800 02000000 0100 00 06 0102",
       "saddr_fam=packet protocol=2048 ifindex=2 hatype=1 pkttype=0", false},
      {"1D00 0000 03000000 23010000 56040000", "saddr_fam=can ifindex=3", false},
      {"2700 0000 01000000 02000000 03000000",
       "saddr_fam=nfc dev_idx=1 target_idx=2 nfc_protocol=3", false},
      {"2A00 0000 01000000 02000000", "saddr_fam=qipcrtr node=1 port=2", false},
      {"2C00 0100 02000000 03000000 04000000",
       "saddr_fam=xdp flags=1 ifindex=2 queue_id=3 shared_umem_fd=4", false},
      {"0000", "saddr_fam=unspec", false},
      {"0000 00000000000000000000000000000000", "saddr_fam=unspec", false},
  }));
  INFO(row.hex);
  const std::string raw = bytes_of(row.hex);
  SockAddr address;
  decode_sockaddr(raw, false, address);
  CHECK(address.state == State::ok);
  CHECK(show(address) == row.shown);
  CHECK(address.is_decoded_by_laurel == row.laurel);
}

TEST_CASE("numbers of a big-endian machine are read in its order", "[sockaddr]") {
  const Row row = GENERATE(values<Row>({
      {"0002 0050 01020304 0000000000000000", "saddr_fam=inet addr=1.2.3.4 port=80", true},
      {"000A 01BB 00012345 20010DB8000000000000000000000001 00000003",
       "saddr_fam=inet6 addr=2001:db8::1 port=443 flowinfo=74565 scope_id=3", true},
      {"0010 0000 000004D2 00000011", "saddr_fam=netlink pid=1234 groups=0x11", true},
      {"0008 0000 FFFF FFFE FFFFFFFD", "saddr_fam=atmpvc itf=-1 vpi=-2 vci=-3", true},
      {"0001 2F78 00", "saddr_fam=local path=</x>", false},
  }));
  INFO(row.hex);
  const std::string raw = bytes_of(row.hex);
  SockAddr address;
  decode_sockaddr(raw, true, address);
  CHECK(show(address) == row.shown);
  decode_sockaddr(raw, false, address);
  CHECK(address.state == State::unknown_family);
}

TEST_CASE("IPv6 addresses are written as RFC 5952 wants it", "[sockaddr]") {
  const auto [hex, text] = GENERATE(table<std::string_view, std::string_view>({
      {"00000000000000000000000000000000", "::"},
      {"00000000000000000000000000000001", "::1"},
      {"00010000000000000000000000000000", "1::"},
      {"20010000000000010000000000000001", "2001:0:0:1::1"},
      {"20010DB8000000010001000100010001", "2001:db8:0:1:1:1:1:1"},
      {"20010DB8000000000001000000000001", "2001:db8::1:0:0:1"},
      {"0000000000000000AAAA0000000000BB", "::aaaa:0:0:bb"},
      {"00010002000300040005000600070000", "1:2:3:4:5:6:7:0"},
      {"00000002000300040005000600070008", "0:2:3:4:5:6:7:8"},
      {"00010002000300040005000600000000", "1:2:3:4:5:6::"},
      {"FE800000000000000000000000000001", "fe80::1"},
      {"00000000000000000000FFFF01020304", "::ffff:1.2.3.4"},
      {"00000000000000000000FFFF00000000", "::ffff:0.0.0.0"},
      {"00000000000000000000FFFFFFFFFFFF", "::ffff:255.255.255.255"},
      {"00000000000000000000000001020304", "::102:304"},
      {"0064FF9B000000000000000001020304", "64:ff9b::102:304"},
      {"00000000000000000001FFFF01020304", "::1:ffff:102:304"},
      {"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
  }));
  INFO(hex);
  const std::string raw = bytes_of("0A00 0000 00000000") + bytes_of(hex) + bytes_of("00000000");
  SockAddr address;
  decode_sockaddr(raw, false, address);
  REQUIRE(address.fields().size() == 5);
  CHECK(address.fields()[1].text == text);
}

TEST_CASE("a local socket has a path, an abstract name or no name", "[sockaddr]") {
  using namespace std::string_literals;
  struct Local {
    std::string path;
    std::string_view shown;
    bool is_abstract;
  };
  const Local row = GENERATE(values<Local>({
      {""s, "", false},
      {"\0"s, "", false},
      {"/run/x.sock\0"s, "/run/x.sock", false},
      {"/run/x.sock"s, "/run/x.sock", false},
      {"/run/x\0garbage"s, "/run/x", false},
      {"relative"s, "relative", false},
      {"/\xff b"s, "/\xff b", false},
      {"\0abc"s, "abc", true},
      {"\0abc\0\0\0"s, "abc", true},
      {"\0a\0c"s, std::string_view("a\0c", 3), true},
      {"\0\0c"s, std::string_view("\0c", 2), true},
      {"\0\0\0\0"s, "", false},
  }));
  for (const bool whole : {false, true}) {
    std::string raw = "\1\0"s + row.path;
    if (whole) raw.resize(110);
    SockAddr address;
    decode_sockaddr(raw, false, address);
    CHECK(address.state == State::ok);
    CHECK(show(address) == "saddr_fam=local path=<" + std::string(row.shown) + ">");
    CHECK(address.is_abstract == row.is_abstract);
    CHECK(address.is_decoded_by_laurel == whole);
  }
}

TEST_CASE("a path may fill its struct, and nothing behind it counts", "[sockaddr]") {
  const std::string raw = std::string("\1\0", 2) + std::string(108, 'a') + "more";
  SockAddr address;
  decode_sockaddr(raw, false, address);
  REQUIRE(address.fields().size() == 2);
  CHECK(address.fields()[1].text == std::string(108, 'a'));
}

TEST_CASE("an algorithm socket names its type and algorithm", "[sockaddr]") {
  std::string raw(88, '\0');
  raw.replace(0, 6, std::string("\x26\0hash", 6));
  raw.replace(24, 6, "sha256");
  SockAddr address;
  decode_sockaddr(raw, false, address);
  CHECK(show(address) == "saddr_fam=alg type=<hash> name=<sha256>");
}

TEST_CASE("of too few bytes and unknown families only the family is said", "[sockaddr]") {
  struct Bad {
    std::string_view hex;
    State state;
    int family;
    std::string_view shown;
  };
  const Bad row = GENERATE(values<Bad>({
      {"", State::too_short, -1, ""},
      {"02", State::too_short, -1, ""},
      {"0200", State::too_short, 2, "saddr_fam=inet"},
      {"0200 0050 010203", State::too_short, 2, "saddr_fam=inet"},
      {"0A00 01BB 00000000 20010DB80000000000000000000000", State::too_short, 10,
       "saddr_fam=inet6"},
      {"1000 0000 D2040000 110000", State::too_short, 16, "saddr_fam=netlink"},
      {"2800 0000 00040000 020000", State::too_short, 40, "saddr_fam=vsock"},
      {"0900 313233343536373839303132333435", State::too_short, 9, "saddr_fam=x25"},
      {"0400 0050 DEADBEEF 010203040506", State::too_short, 4, "saddr_fam=ipx"},
      {"1100 0800 02000000 0100 00", State::too_short, 17, "saddr_fam=packet"},
      {"2600 68617368", State::too_short, 38, "saddr_fam=alg"},
      {"1F00 010203040506", State::unknown_family, 31, "saddr_fam=bluetooth"},
      {"6300 616263", State::unknown_family, 99, "saddr_fam=unknown(99)"},
      {"FFFF 616263", State::unknown_family, 65535, "saddr_fam=unknown(65535)"},
  }));
  INFO(row.hex);
  const std::string raw = bytes_of(row.hex);
  SockAddr address;
  decode_sockaddr(raw, false, address);
  CHECK(address.state == row.state);
  CHECK(address.family == row.family);
  CHECK(show(address) == row.shown);
  CHECK_FALSE(address.is_decoded_by_laurel);
}

TEST_CASE("one SockAddr can be used again and again with any bytes", "[sockaddr]") {
  std::mt19937 random(11);
  SockAddr address;
  for (int round = 0; round < 20000; ++round) {
    // A string of its own size each time, so that a sanitizer sees a read behind its end.
    std::string raw(random() % 130, '\0');
    for (char& byte : raw) byte = static_cast<char>(random() % 3 == 0 ? random() : 0);
    if (!raw.empty()) raw[0] = static_cast<char>(random() % 48);
    decode_sockaddr(raw, random() % 8 == 0, address);
    REQUIRE(address.fields().size() <= SockAddr::kMaxFields);
    REQUIRE(address.fields().empty() == (raw.size() < 2));
    REQUIRE(show(address).size() < 400);
  }
}

}  // namespace sorrel::record
