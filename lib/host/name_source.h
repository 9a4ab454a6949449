#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sorrel::host {

enum class NameState : std::uint8_t {
  found,
  absent,  // nobody has this id
  failed,  // the service did not answer: ask again later
};

// Where names come from that the files do not have. An interface, because it is a seam to the
// system: programs construct NssNames, tests one that is slow, and each call may take seconds.
class NameSource {
 public:
  virtual ~NameSource() = default;
  virtual NameState user_name(std::uint32_t uid, std::string& name) = 0;
  virtual NameState group_name(std::uint32_t gid, std::string& name) = 0;
  // The primary group first, then the supplementary ones.
  virtual NameState groups_of(std::uint32_t uid, std::vector<std::uint32_t>& gids) = 0;
};

// The system's name service switch: files, SSSD, LDAP, whatever nsswitch.conf(5) says.
// Source: getpwuid_r(3), getgrgid_r(3), getgrouplist(3).
class NssNames final : public NameSource {
 public:
  static constexpr std::size_t kMaxEntryBytes = std::size_t{1} << 20;
  static constexpr int kMaxGroups = 65536;  // NGROUPS_MAX

  NameState user_name(std::uint32_t uid, std::string& name) override;
  NameState group_name(std::uint32_t gid, std::string& name) override;
  NameState groups_of(std::uint32_t uid, std::vector<std::uint32_t>& gids) override;

 private:
  std::vector<char> buffer_;
};

}  // namespace sorrel::host
