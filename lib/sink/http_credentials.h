#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sink/http_options.h"
#include "sink/http_request.h"

namespace sorrel::sink {

// RFC 4648 4, with padding.
std::string base64(std::string_view bytes);

// Appends the headers that prove who we are. Reads the files of the options: small ones, and local.
// Errors: a file cannot be read, is empty, or has more than one line; the message never has its
// text.
Status append_credentials(HttpHeaders& headers, const HttpAuthOptions& options,
                          std::string_view default_scheme);

}  // namespace sorrel::sink
