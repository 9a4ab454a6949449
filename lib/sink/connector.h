#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/result.h"
#include "sink/endpoint_list.h"
#include "sink/network_options.h"
#include "sink/stream.h"
#include "sink/tls_context.h"

namespace sorrel::sink {

// The steps of a connection, for whoever follows one: names, in their order.
enum class ConnectStep : std::uint8_t { resolve, connect, proxy, handshake, done };
const char* connect_step_name(ConnectStep step) noexcept;

// Connects over TCP, with TLS and by a proxy as the options say. A name is resolved anew each time,
// and all its addresses are tried, of both families.
class NetConnector : public Connector {
 public:
  // `output`: its name, for the log. Errors: an address, a TLS file or an option cannot be used.
  static Result<std::unique_ptr<NetConnector>> create(std::string output,
                                                      const NetworkOptions& options,
                                                      const boost::asio::any_io_executor& executor,
                                                      const Clock& clock,
                                                      EndpointList::Random random);

  // Null without TLS.
  virtual const TlsContexts* tls() const noexcept = 0;
  // Looks whether the TLS files have changed: every few seconds, and before each connection.
  virtual void refresh() = 0;
  // Where the last attempt that failed did so; `done`: none has.
  virtual ConnectStep failed_step() const noexcept = 0;
};

}  // namespace sorrel::sink
