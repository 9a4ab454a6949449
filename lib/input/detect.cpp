#include "input/detect.h"

#include "input/audrec_format.h"

namespace sorrel::input {

Result<Content> detect_content(ByteStream& stream) {
  auto head = stream.peek(kAudrecFamily.size());
  if (!head) return Unexpected(std::move(head).error());
  return *head == kAudrecFamily ? Content::recording : Content::text;
}

}  // namespace sorrel::input
