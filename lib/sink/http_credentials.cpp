#include "sink/http_credentials.h"

#include <utility>

#include "sink/secret_file.h"

namespace sorrel::sink {

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k > bytes.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
    }
  }
  return out;
}

Status append_credentials(HttpHeaders& headers, const HttpAuthOptions& options,
                          std::string_view default_scheme) {
  if (!options.token_file.empty()) {
    Result<std::string> token = read_secret(options.token_file);
    if (!token) return Unexpected(std::move(token).error());
    const std::string scheme(options.token_scheme.empty() ? default_scheme : options.token_scheme);
    headers.emplace_back("Authorization", scheme + " " + *token);
  } else if (!options.user.empty()) {
    Result<std::string> password = read_secret(options.password_file);
    if (!password) return Unexpected(std::move(password).error());
    headers.emplace_back("Authorization", "Basic " + base64(options.user + ":" + *password));
  }
  headers.insert(headers.end(), options.headers.begin(), options.headers.end());
  return Ok{};
}

}  // namespace sorrel::sink
