#include "sorreld/users_version.h"

#include <sys/stat.h>

namespace sorrel::agent {

std::string users_version(const std::string& root) {
  std::string version;
  for (const char* const path : {"/etc/passwd", "/etc/group"}) {
    struct stat status {};
    if (::stat((root + path).c_str(), &status) != 0) status = {};
    for (const auto number :
         {static_cast<long long>(status.st_dev), static_cast<long long>(status.st_ino),
          static_cast<long long>(status.st_size), static_cast<long long>(status.st_mtim.tv_sec),
          static_cast<long long>(status.st_mtim.tv_nsec)}) {
      version += std::to_string(number) + ' ';
    }
  }
  return version;
}

}  // namespace sorrel::agent
