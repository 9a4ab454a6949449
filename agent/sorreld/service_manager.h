#pragma once

#include <string_view>

namespace sorrel::agent {

// Tells the service manager ("READY=1", "STOPPING=1"), as sd_notify(3) does: one datagram to the
// socket named by $NOTIFY_SOCKET. Without that variable nothing is done.
void notify_service_manager(std::string_view state) noexcept;

}  // namespace sorrel::agent
