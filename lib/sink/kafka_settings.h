#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sink/kafka_options.h"

namespace sorrel::sink {

using KafkaSettings = std::vector<std::pair<std::string, std::string>>;

// The options in librdkafka's words. Reads the password. Errors: options that contradict each
// other, a property that would weaken what this output promises, a secret that cannot be read.
Result<KafkaSettings> kafka_settings(const KafkaOptions& options);

// How large a request may be before compression. The broker's limit is for what comes out of it: a
// batch that is not small enough then is sent again in smaller ones.
std::size_t kafka_request_bytes(const KafkaOptions& options);

}  // namespace sorrel::sink
