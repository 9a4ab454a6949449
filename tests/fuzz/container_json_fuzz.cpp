// The files in which container runtimes keep their containers.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "host/container_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel::host;
  // In a block of its own: no byte behind it may be read.
  const auto bytes = std::make_unique<char[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const std::string_view text(bytes.get(), size);
  static ContainerJson json;
  ContainerDetails details;
  static_cast<void>(json.read_docker(text, details));
  static_cast<void>(json.read_storage(text, "3f5a", details));
  static_cast<void>(json.read_oci(text, details));
  return 0;
}
