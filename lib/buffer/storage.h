#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sorrel::buffer {

struct Space {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;  // for us, without what is reserved for root
};

// The file system below the buffer. An interface, because it is a seam to the system: programs
// construct OsStorage, the simulation one whose disk loses, tears and fails. Calls return 0 (or a
// number of bytes, or a descriptor) or a negative errno; they may block.
class Storage {
 public:
  virtual ~Storage() = default;

  enum class Access : std::uint8_t { read, write, create };  // create: it must not exist

  // Makes the folder, for its owner only, and those above it; 0 when it is there already.
  // -ELOOP for a symbolic link, -EPERM when it belongs to another user.
  virtual int make_folder(const std::string& path) = 0;
  // Files are for their owner only; symbolic links are not followed.
  virtual int open(const std::string& path, Access access) = 0;
  virtual void close(int fd) = 0;
  // `head` and behind it `tail`, with one call, so that nobody has to join them. May write or read
  // less than asked for; 0 from read_at: the end.
  virtual std::int64_t write_at(int fd, std::string_view head, std::string_view tail,
                                std::uint64_t offset) = 0;
  virtual std::int64_t read_at(int fd, std::span<char> into, std::uint64_t offset) = 0;
  virtual std::int64_t size(int fd) = 0;
  virtual int truncate(int fd, std::uint64_t size) = 0;
  virtual int sync_data(int fd) = 0;
  // Makes names in a folder durable: those of files made, renamed or removed.
  virtual int sync_folder(const std::string& path) = 0;
  virtual int remove(const std::string& path) = 0;
  virtual int rename(const std::string& from, const std::string& to) = 0;
  // The names in a folder, in any order.
  virtual int list(const std::string& path, std::vector<std::string>& names) = 0;
  virtual int space(const std::string& path, Space& space) = 0;
};

// An open file of a storage, closed when it goes.
class StorageFile {
 public:
  StorageFile() = default;
  StorageFile(Storage& storage, int fd) noexcept : storage_(&storage), fd_(fd) {}
  StorageFile(StorageFile&& other) noexcept : storage_(other.storage_), fd_(other.fd_) {
    other.fd_ = -1;
  }
  StorageFile& operator=(StorageFile&& other) noexcept {
    if (this != &other) {
      reset();
      storage_ = other.storage_;
      fd_ = other.fd_;
      other.fd_ = -1;
    }
    return *this;
  }
  StorageFile(const StorageFile&) = delete;
  StorageFile& operator=(const StorageFile&) = delete;
  ~StorageFile() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  void reset() noexcept {
    if (fd_ >= 0) storage_->close(fd_);
    fd_ = -1;
  }

 private:
  Storage* storage_ = nullptr;
  int fd_ = -1;
};

// All of `head` and `tail`, however often it takes. 0 or a negative errno; what was written then is
// unknown.
int write_all(Storage& storage, int fd, std::string_view head, std::string_view tail,
              std::uint64_t offset);
inline int write_all(Storage& storage, int fd, std::string_view bytes, std::uint64_t offset) {
  return write_all(storage, fd, bytes, {}, offset);
}
// As much as there is, up to the whole of `into`. The number of bytes, or a negative errno.
std::int64_t read_all(Storage& storage, int fd, std::span<char> into, std::uint64_t offset);

}  // namespace sorrel::buffer
