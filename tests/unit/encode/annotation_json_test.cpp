#include "encode/annotation_json.h"

#include <memory>
#include <string>

#include "catch.h"
#include "event/event.h"

namespace sorrel::encode {
namespace {

using event::AnnotationList;

std::string written(const AnnotationList& list, std::string prefix = "") {
  const std::size_t bound = annotations_bound(list, prefix.size());
  const auto out = std::make_unique<char[]>(bound + 64);
  const KeyTexts keys;
  JsonWriter w(out.get(), keys);
  put_annotations(w, AddedNames(std::move(prefix)), list.steps());
  CHECK(static_cast<std::size_t>(w.out() - out.get()) <= bound);
  return {out.get(), w.out()};
}

}  // namespace

TEST_CASE("each kind of annotation has its JSON", "[json]") {
  AnnotationList list;
  list.text("A", "b\"\xff+");
  list.plain("B", "plain");
  list.number("C", 18446744073709551615u);
  list.yes("D");
  list.text("E", "");
  CHECK(written(list) ==
        R"(,"A":"b\"%ff%2b","B":"plain","C":18446744073709551615,"D":true,"E":"")");
}

TEST_CASE("annotations stand in each other", "[json]") {
  AnnotationList list;
  list.open_object("PID");
  list.plain("EVENT_ID", "1.000:1");
  list.open_object("container");
  list.close();
  list.close();
  list.open_array("ANCESTORS");
  list.open_object("");
  list.number("pid", 1);
  list.close();
  list.text("", "x");
  list.open_array("");
  list.close();
  list.close();
  list.plain("UID", "root");
  CHECK(written(list) == R"(,"PID":{"EVENT_ID":"1.000:1","container":{}},)"
                         R"("ANCESTORS":[{"pid":1},"x",[]],"UID":"root")");
}

TEST_CASE("names that are not ours are escaped", "[json]") {
  AnnotationList list;
  list.open_object("ENV");
  list.name("LD_\"\n");
  list.text({}, "a");
  list.name("x");
  list.open_array({});
  list.close();
  list.close();
  CHECK(written(list) == R"(,"ENV":{"LD_\"%0a":"a","x":[]})");
}

TEST_CASE("the prefix goes before the outermost keys of annotations only", "[json]") {
  AnnotationList list;
  list.open_object("PID");
  list.plain("EVENT_ID", "1.000:1");
  list.close();
  list.plain("UID", "root");
  CHECK(written(list, "e_") == R"(,"e_pid":{"EVENT_ID":"1.000:1"},"e_uid":"root")");
}

TEST_CASE("the longest annotations fit into their bound", "[json]") {
  AnnotationList list;
  for (int i = 0; i < 100; ++i) {
    list.text("KEY", std::string_view("\xff\xfe\xfd\xfc", 4));
    list.number("N", 18446744073709551615u);
    list.open_array("");
    list.close();
  }
  CHECK(!written(list, "a_prefix_of_some_length_").empty());
}

}  // namespace sorrel::encode
