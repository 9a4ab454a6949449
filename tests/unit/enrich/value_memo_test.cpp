#include "enrich/value_memo.h"

#include <string>

#include "catch.h"
#include "enrich/field_finder.h"
#include "enrich/last_number.h"
#include "event_of.h"

namespace sorrel::enrich {
namespace {

ShortText short_text(std::string text) {
  const std::size_t size = text.size();
  text.resize(16, 'x');  // what follows does not count
  return ShortText::of(text.data(), size);
}

}  // namespace

TEST_CASE("short texts are equal when their bytes and sizes are", "[memo]") {
  const std::string all("0123456789abcde");
  for (std::size_t size = 1; size <= ShortText::kMaxSize; ++size) {
    const std::string text = all.substr(0, size);
    CHECK(short_text(text) == short_text(text));
    for (std::size_t i = 0; i < size; ++i) {
      std::string other = text;
      other[i] = 'z';
      CHECK(short_text(text) != short_text(other));
    }
    if (size > 1) CHECK(short_text(text) != short_text(all.substr(0, size - 1)));
  }
  CHECK(short_text("0") != short_text(std::string("0\0", 2)));
  CHECK(short_text("00000000") != short_text(std::string("00000000\0", 9)));
  CHECK(short_text("0") != ShortText{});
}

TEST_CASE("a value is remembered for its own domain only", "[memo]") {
  ValueMemo memo;
  const ShortText value = short_text("1000");
  ValueMemo::Entry& entry = memo.at(1, value);
  CHECK(!entry.is_of(1, value));
  entry.value = value;
  entry.domain = 1;
  CHECK(memo.at(1, value).is_of(1, value));
  CHECK(!memo.at(2, value).is_of(2, value));
  CHECK(!memo.at(1, short_text("1001")).is_of(1, short_text("1001")));
}

TEST_CASE("a field is found wherever it stands, and nothing else in its place", "[memo]") {
  FieldFinder finder(record::key::kUid);
  const auto found = [&](std::string_view record) {
    event::Event event;
    fill(event, {record});
    const record::Field* const field = finder.find(event.fields(event.records()[0]));
    return field == nullptr ? std::string("none") : std::string(field->value());
  };
  CHECK(found("type=SYSCALL msg=audit(1.000:1): pid=1 uid=2") == "2");
  CHECK(found("type=SYSCALL msg=audit(1.000:1): pid=1 uid=3 gid=4") == "3");
  CHECK(found("type=SYSCALL msg=audit(1.000:1): uid=5 pid=1") == "5");
  CHECK(found("type=SYSCALL msg=audit(1.000:1): pid=1 gid=6") == "none");
  CHECK(found("type=SYSCALL msg=audit(1.000:1):") == "none");
  CHECK(found("type=SYSCALL msg=audit(1.000:1): uid=7 uid=8") == "7");
  CHECK(found("type=USER_AUTH msg=audit(1.000:1): msg='uid=9'") == "none");
  CHECK(found("type=USER_AUTH msg=audit(1.000:1): pid=1 uid=10 msg='uid=9'") == "10");
}

TEST_CASE("a number is read anew when its text is another", "[memo]") {
  LastNumber last;
  const auto number = [&](std::string_view pid) {
    event::Event event;
    fill(event, {"type=SYSCALL msg=audit(1.000:1): pid=" + std::string(pid)});
    return last.decimal(&event.fields(event.records()[0])[0], 77);
  };
  CHECK(number("1") == 1);
  CHECK(number("1") == 1);
  CHECK(number("10") == 10);
  CHECK(number("x") == 77);
  CHECK(number("4294967295") == 4'294'967'295);
  CHECK(number("4294967296") == 77);
  CHECK(number("1000000000000000") == 77);
  CHECK(number("") == 77);
  CHECK(last.decimal(nullptr, 78) == 78);
}

}  // namespace sorrel::enrich
