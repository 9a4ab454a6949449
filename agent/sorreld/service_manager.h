#pragma once

#include <string_view>

namespace sorrel::agent {

// Tells the service manager what we do: "READY=1", "STOPPING=1", "RELOADING=1". Does nothing when
// none asked ($NOTIFY_SOCKET is not set). A manager that does not listen is no error of ours.
// Protocol: sd_notify(3).
void notify_service_manager(std::string_view message) noexcept;

}  // namespace sorrel::agent
