#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace sorrel::encode {

struct Options {
  bool argv_array = true;  // EXECVE.ARGV and PROCTITLE.ARGV as arrays (LAUREL's execve-argv: array)
  bool argv_string = false;  // EXECVE.ARGV_STR (LAUREL's execve-argv: string)
  // The bytes of an EXECVE's arguments, each with one more, beyond which the middle is left out of
  // ARGV and ARGV_STR (LAUREL's execve-argv-limit-bytes); 0 is never.
  std::uint64_t argv_limit = 0;
  bool socket_addresses = true;  // SOCKADDR.SADDR beside the raw saddr
  // Every key that we add inside a record ("ARGV", "SADDR", "KEYS") is written as prefix + lower
  // case ("e_argv"), for stores whose field names ignore case. Empty: upper case, as LAUREL.
  std::string prefix{};
  // The name of the key that holds the time stamp: "TIME", or "@timestamp" for Elasticsearch.
  std::string time_key = "TIME";
  // Fixed fields of the host, added to every line under HOST: role, environment, cloud id.
  std::map<std::string, std::string> host_fields{};
  bool eoe = false;  // raw format: write EOE records of a recording too

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace sorrel::encode
