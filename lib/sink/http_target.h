#pragma once

#include <string>
#include <string_view>

#include "sink/bulk_format.h"
#include "sink/http_options.h"

namespace sorrel::sink {

// The path and query that an output's requests go to.
std::string request_target(const HttpOptions& options, const BulkFormat& format);

// Where Splunk is asked for acknowledgements: beside the events' path.
std::string ack_target(std::string_view event_target);

// The Host header for a peer as Stream names it: "logs.example:9200 (192.0.2.7)".
std::string host_of(std::string_view peer);

}  // namespace sorrel::sink
