#pragma once

#include "buffer/storage.h"

namespace sorrel::buffer {

// The real file system.
class OsStorage final : public Storage {
 public:
  int make_folder(const std::string& path) override;
  int open(const std::string& path, Access access) override;
  void close(int fd) override;
  std::int64_t write_at(int fd, std::string_view head, std::string_view tail,
                        std::uint64_t offset) override;
  std::int64_t read_at(int fd, std::span<char> into, std::uint64_t offset) override;
  std::int64_t size(int fd) override;
  int truncate(int fd, std::uint64_t size) override;
  int sync_data(int fd) override;
  int sync_folder(const std::string& path) override;
  int remove(const std::string& path) override;
  int rename(const std::string& from, const std::string& to) override;
  int list(const std::string& path, std::vector<std::string>& names) override;
  int space(const std::string& path, Space& space) override;
};

}  // namespace sorrel::buffer
