#pragma once

#include <optional>
#include <string>

#include "sink/hec_acks.h"
#include "sink/http_connection.h"
#include "sink/http_sink.h"

// Inside of the http sink.
namespace sorrel::sink {

// What one of the sink's coroutines has: a connection, while it has one.
struct HttpWorker {
  explicit HttpWorker(const HttpOptions& options)
      : acks(options.splunk.ack_poll, options.splunk.ack_timeout) {}

  std::optional<HttpConnection> connection;
  HttpPace* pace = nullptr;  // of the connection's endpoint
  std::string channel;       // Splunk's, of this connection
  HecAcks acks;
  bool is_proven = false;  // the connector has been told that the endpoint is good
};

}  // namespace sorrel::sink
