// A name service that takes its time, for enrichment.sh: a second for the users 10000 to 19999, so
// long that no test waits for it for those above. Source: nss(5), glibc's manual "Extending NSS".
#include <nss.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

extern "C" __attribute__((visibility("default"))) nss_status _nss_slow_getpwuid_r(
    uid_t uid, passwd* entry, char* buffer, std::size_t size, int* error) {
  constexpr uid_t kFirstSlow = 10'000;
  constexpr uid_t kFirstDead = 20'000;
  constexpr unsigned kDeadSeconds = 100;
  if (uid < kFirstSlow) return NSS_STATUS_NOTFOUND;
  ::sleep(uid < kFirstDead ? 1 : kDeadSeconds);
  const int length = std::snprintf(buffer, size, "slow%u", uid);
  if (length < 0 || static_cast<std::size_t>(length) + 2 > size) {
    *error = ERANGE;
    return NSS_STATUS_TRYAGAIN;
  }
  char* const empty = buffer + length + 1;
  *empty = '\0';
  *entry = {};
  entry->pw_name = buffer;
  entry->pw_passwd = entry->pw_gecos = entry->pw_dir = entry->pw_shell = empty;
  entry->pw_uid = uid;
  entry->pw_gid = uid;
  return NSS_STATUS_SUCCESS;
}
