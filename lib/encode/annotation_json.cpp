#include "encode/annotation_json.h"

#include "base/check.h"

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

void put_value(JsonWriter& w, const Annotation& step, Open& open) noexcept {
  switch (step.step) {
    case Step::plain:
      w.put('"');
      w.put(step.text());
      return w.put('"');
    case Step::text:
      return w.unpadded_string(step.text());
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

// `,"key":"text"`.
char* put_text_member(const Annotation& step, char* out) noexcept {
  static_assert(Step::text < Step::plain && Step::plain < Step::number);
  std::memcpy(out, ",\"", 2);
  copy_bytes(step.key(), out + 2);
  out += 2 + step.key_size;
  std::memcpy(out, "\":\"", 3);
  out += 3;
  if (step.step == Step::plain) {
    copy_bytes(step.text(), out);
    out += step.value;
  } else {
    out = escape_short_unpadded_to(step.text(), out);
  }
  *out = '"';
  return out + 1;
}

}  // namespace

void put_annotations(JsonWriter& w, const AddedNames& names,
                     std::span<const Annotation> steps) noexcept {
  Open open;
  bool is_named = false;
  for (const Annotation& step : steps) {
    if (step.step <= Step::plain && step.key_size != 0 && !names.has_prefix() && !is_named)
        [[likely]] {
      w.set_out(put_text_member(step, w.out()));
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
    } else if (open.empty()) {
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

std::size_t annotations_bound(std::span<const Annotation> steps, std::size_t prefix_size) noexcept {
  std::size_t bytes = (kStepBound + prefix_size) * steps.size();
  for (const Annotation& step : steps) {
    bytes += step.key_size;
    if (step.step == Step::text || step.step == Step::name) bytes += 3 * step.value;
    if (step.step == Step::plain) bytes += step.value;
  }
  return bytes;
}

}  // namespace sorrel::encode
