#include "encode/annotation_json.h"

#include <cstring>

#include "base/check.h"
#include "base/short_copy.h"
#include "encode/escape.h"

namespace sorrel::encode {
namespace {

using event::Annotation;
using event::AnnotationList;
using event::Step;

// Quotes, comma, colon, and a number of 20 digits or what an object opens and closes with; or the
// slack of an escape.
constexpr std::size_t kStepBound = 32;

// Where the objects and arrays that are open began.
class Open {
 public:
  bool empty() const noexcept { return depth_ == 0; }
  void push(JsonWriter& w, bool is_array) noexcept {
    SORREL_CHECK(depth_ < AnnotationList::kMaxDepth, "annotations stand too deep in each other");
    begins_[depth_] = w.open_object();
    arrays_[depth_++] = is_array;
  }
  void pop(JsonWriter& w) noexcept {
    SORREL_CHECK(depth_ != 0, "an annotation ends that did not begin");
    --depth_;
    if (arrays_[depth_]) {
      w.close_array(begins_[depth_]);
    } else {
      w.close_object(begins_[depth_]);
    }
  }

 private:
  char* begins_[AnnotationList::kMaxDepth];
  bool arrays_[AnnotationList::kMaxDepth];
  unsigned depth_ = 0;
};

// The whole of a member whose value is a string, which most are: `,"KEY":"VALUE"`. In an array it
// has no key. Local state only, and no call for a short plain one.
inline void put_string(JsonWriter& w, const Annotation& step) noexcept {
  char* out = w.out();
  if (step.key_size != 0) [[likely]] {
    std::memcpy(out, ",\"", 2);
    out = copy_short(step.key_data, step.key_size, out + 2);
    std::memcpy(out, "\":\"", 4);
    out += 4 - 1;
  } else {
    std::memcpy(out, ",\"", 2);
    out += 2;
  }
  const std::string_view text = step.text();
  out = step.step == Step::plain ? copy_short(text.data(), text.size(), out)
                                 : escape_short_unpadded_to(text, out);
  *out = '"';
  w.set_out(out + 1);
}

// Of all but strings that have a key or stand in an array.
void put_value(JsonWriter& w, const Annotation& step, Open& open) noexcept {
  switch (step.step) {
    case Step::plain:
    case Step::text:
      w.put('"');
      w.set_out(escape_unpadded_to(step.text(), w.out()));
      return w.put('"');
    case Step::number:
      return w.number(step.number());
    case Step::yes:
      return w.put("true");
    case Step::object:
      return open.push(w, false);
    case Step::array:
      return open.push(w, true);
    case Step::name:
    case Step::end:
      break;  // the caller's
  }
}

bool is_string(const Annotation& step) noexcept {
  return step.step == Step::plain || step.step == Step::text;
}

}  // namespace

void put_annotations(JsonWriter& w, const AddedNames& names,
                     std::span<const Annotation> steps) noexcept {
  Open open;
  const bool has_prefix = names.has_prefix();
  bool is_named = false;
  for (const Annotation& step : steps) {
    const bool is_prefixed = has_prefix && open.empty();
    if (is_string(step) && !is_named && !is_prefixed) [[likely]] {
      put_string(w, step);
      continue;
    }
    if (step.step == Step::end) {
      open.pop(w);
      continue;
    }
    if (step.step == Step::name) [[unlikely]] {
      w.put(',');
      w.unpadded_string(step.text());
      w.put(':');
      is_named = true;
      continue;
    }
    if (is_named) [[unlikely]] {
      is_named = false;
    } else if (is_prefixed) {
      names.put_key(w, step.key());
    } else if (step.key_size != 0) {
      w.member(step.key());
    } else {
      w.put(',');
    }
    put_value(w, step, open);
  }
  SORREL_CHECK(open.empty(), "an annotation does not end");
}

std::size_t annotations_bound(const AnnotationList& list, std::size_t prefix_size) noexcept {
  return (kStepBound + prefix_size) * list.size() + 3 * list.bytes();
}

}  // namespace sorrel::encode
