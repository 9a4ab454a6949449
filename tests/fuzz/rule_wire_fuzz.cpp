// The kernel's answer to AUDIT_LIST_RULES: any bytes.

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "base/check.h"
#include "ruleset/canonical.h"
#include "ruleset/text.h"
#include "ruleset/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel::ruleset;
  // In a block of its own: no byte behind it may be read.
  const auto bytes = std::make_unique<std::byte[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const auto rule = decode_rule(std::span(bytes.get(), size));
  if (!rule) return 0;
  const auto again = decode_rule(encode_rule(*rule));
  SORREL_CHECK(again && *again == *rule, "bytes that are read differently");
  const Rule normal = canonical(*rule);
  SORREL_CHECK(canonical(normal) == normal, "a normal form that has another one");
  SORREL_CHECK(!rule_text(*rule, {}, {.resolve = true}).empty(), "a rule without text");
  return 0;
}
